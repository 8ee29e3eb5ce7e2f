"""A server of prompts and resources that a test changes while it runs, made with the SDK."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import mcp_types as types
from mcp import MCPError
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.lowlevel.server import NotificationOptions
from mcp.server.models import InitializationOptions
from mcp.server.session import ServerSession
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ServerEvent,
    ToolsListChanged,
)
from starlette.applications import Starlette

Context = ServerRequestContext[Any, Any]
Handler = Callable[[Context, Any], Awaitable[Any]]
Handles = Callable[[str, type[Any]], Callable[[Handler], Handler]]
LINK = "link"
"""A tool whose result links to the resource that it is given."""
LOG = "log"
"""A tool that sends one log message of each level that it is given."""


@dataclass
class Library:
    """What the server has.

    Attributes:
        name: Of the server.
        tools: Names, beside ``link`` and ``log``.
        prompts: Text by name; each takes one argument, ``topic``.
        resources: Text by URI.
        templates: URI templates; whatever else is read is told as its own URI.
        values: What completion finds.
        hint: How long lists may be kept.
        asked: Methods that were asked, in order.
        bus: Where listen streams hear of changes.
    """

    name: str
    tools: list[str] = field(default_factory=list)
    prompts: dict[str, str] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    hint: CacheHint = field(default_factory=lambda: CacheHint(ttl_ms=7000, scope="public"))
    asked: list[str] = field(default_factory=list)
    bus: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)
    watched: dict[str, set[str]] = field(default_factory=dict)
    sessions: dict[str, ServerSession] = field(default_factory=dict)

    async def changed(self, event: ServerEvent) -> None:
        """Tell whoever listens."""
        await self.bus.publish(event)
        for name, session in list(self.sessions.items()):
            match event:
                case ToolsListChanged():
                    await session.send_tool_list_changed()
                case PromptsListChanged():
                    await session.send_prompt_list_changed()
                case ResourcesListChanged():
                    await session.send_resource_list_changed()
                case ResourceUpdated(uri=uri) if uri in self.watched.get(name, set()):
                    await session.send_resource_updated(uri)


class _Server(Server[dict[str, Any]]):
    def create_initialization_options(self, *_: Any, **__: Any) -> InitializationOptions:
        every = NotificationOptions(
            prompts_changed=True, resources_changed=True, tools_changed=True
        )
        return super().create_initialization_options(every)


def library_app(library: Library) -> Starlette:
    """Return *library* as an MCP server at ``/mcp``; it has what it has something of."""
    server = _Server(
        library.name,
        version="1",
        instructions=f"This is {library.name}.",
        cache_hints={
            "tools/list": library.hint,
            "prompts/list": library.hint,
            "resources/list": library.hint,
        },
        on_subscriptions_listen=ListenHandler(library.bus),
    )

    def handles(method: str, params: type[Any]) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            async def noted(ctx: Context, given: Any) -> Any:
                library.asked.append(method)
                session = _session(ctx)
                if session:
                    library.sessions[session] = ctx.session
                return await handler(ctx, given)

            server.add_request_handler(method, params, noted)
            return handler

        return add

    _tools(library, handles)
    if library.prompts:
        _prompts(library, handles)
    if library.resources or library.templates:
        _resources(library, handles)
    if library.values:

        @handles("completion/complete", types.CompleteRequestParams)
        async def complete(_: Context, params: Any) -> types.CompleteResult:
            said = params.ref.name if params.ref.type == "ref/prompt" else params.ref.uri
            found = [f"{said}:{value}" for value in library.values]
            return types.CompleteResult(completion=types.Completion(values=found))

    return server.streamable_http_app()


def _tools(library: Library, handles: Handles) -> None:
    @handles("tools/list", types.PaginatedRequestParams)
    async def listed(_: Context, __: Any) -> types.ListToolsResult:
        schema = {"type": "object"}
        names = [LINK, LOG, *library.tools]
        return types.ListToolsResult(
            tools=[types.Tool(name=name, input_schema=schema) for name in names]
        )

    @handles("tools/call", types.CallToolRequestParams)
    async def called(ctx: Context, params: Any) -> types.CallToolResult:
        given = params.arguments or {}
        if params.name == LOG:
            for level in given["levels"]:
                said = types.LoggingMessageNotification(
                    params=types.LoggingMessageNotificationParams(level=level, data=level)
                )
                await ctx.session.send_notification(said, related_request_id=ctx.request_id)
            return types.CallToolResult(content=[])
        uri = given["uri"]
        held = types.TextResourceContents(uri=uri, text=library.name)
        return types.CallToolResult(
            content=[
                types.ResourceLink(type="resource_link", name="it", uri=uri),
                types.EmbeddedResource(type="resource", resource=held),
            ]
        )

    @handles("logging/setLevel", types.SetLevelRequestParams)
    async def level(_: Context, __: Any) -> types.EmptyResult:
        return types.EmptyResult()


def _prompts(library: Library, handles: Handles) -> None:
    @handles("prompts/list", types.PaginatedRequestParams)
    async def listed(_: Context, __: Any) -> types.ListPromptsResult:
        topic = types.PromptArgument(name="topic")
        return types.ListPromptsResult(
            prompts=[types.Prompt(name=name, arguments=[topic]) for name in library.prompts]
        )

    @handles("prompts/get", types.GetPromptRequestParams)
    async def got(_: Context, params: Any) -> types.GetPromptResult:
        if params.name not in library.prompts:
            raise MCPError(types.INVALID_PARAMS, f"Unknown prompt: {params.name}")
        text = f"{library.prompts[params.name]} {(params.arguments or {}).get('topic', '')}"
        said = types.TextContent(type="text", text=text.strip())
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=said)])


def _resources(library: Library, handles: Handles) -> None:
    @handles("resources/list", types.PaginatedRequestParams)
    async def listed(_: Context, __: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(
            resources=[types.Resource(name=uri, uri=uri) for uri in library.resources]
        )

    @handles("resources/templates/list", types.PaginatedRequestParams)
    async def templates(_: Context, __: Any) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(
            resource_templates=[
                types.ResourceTemplate(name=each, uri_template=each) for each in library.templates
            ]
        )

    @handles("resources/read", types.ReadResourceRequestParams)
    async def read(_: Context, params: Any) -> types.ReadResourceResult:
        text = library.resources.get(params.uri)
        if text is None and not library.templates:
            raise MCPError(types.INVALID_PARAMS, f"No resource {params.uri}")
        held = types.TextResourceContents(uri=params.uri, text=text or f"filled {params.uri}")
        return types.ReadResourceResult(contents=[held])

    @handles("resources/subscribe", types.SubscribeRequestParams)
    async def subscribed(ctx: Context, params: Any) -> types.EmptyResult:
        library.watched.setdefault(_session(ctx), set()).add(params.uri)
        return types.EmptyResult()

    @handles("resources/unsubscribe", types.UnsubscribeRequestParams)
    async def unsubscribed(ctx: Context, params: Any) -> types.EmptyResult:
        library.watched.setdefault(_session(ctx), set()).discard(params.uri)
        return types.EmptyResult()


def _session(ctx: Context) -> str:
    return ctx.request.headers.get("mcp-session-id", "") if ctx.request else ""
