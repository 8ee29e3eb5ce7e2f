"""An MCP server of every era that has everything the conformance suite asks a server for.

``python -m tests.conformance.everything --port N`` serves it at ``/mcp`` and writes the
address as its first line.
"""

import argparse
import asyncio
import logging
import socket
from typing import Any, Final

import mcp_types as types
import uvicorn
from mcp.server.caching import CacheHint
from mcp.server.lowlevel import Server
from mcp.server.lowlevel.server import NotificationOptions
from mcp.server.models import InitializationOptions
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.subscriptions import ListenHandler
from starlette.applications import Starlette

from tests.conformance.fixture import content, prompts, resources, rounds, running
from tests.conformance.fixture.calls import Call, Result, Tools, said
from tests.conformance.fixture.changes import Changes, Context
from tests.conformance.fixture.events import RecentEvents

NAME: Final = "everything"
RETRY_MS: Final = 50
HINT: Final = CacheHint(ttl_ms=1000, scope="public")
TOOLS: Final = content.tools | running.tools | rounds.tools
EXTRA: Final = Tools()


@EXTRA.add("test_extra_tool", "Comes and goes.")
async def extra_tool(_: Call) -> Result:
    return said("There just now.")


class Everything(Server[dict[str, Any]]):
    """The server; *changes* is all that it remembers."""

    def __init__(self, changes: Changes) -> None:
        super().__init__(
            NAME,
            version="1",
            instructions="Tools, prompts and resources for trying clients and gateways.",
            cache_hints={"tools/list": HINT, "prompts/list": HINT, "resources/list": HINT},
            get_tool_input_schema=TOOLS.schema,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
            on_list_prompts=self._list_prompts,
            on_get_prompt=self._get_prompt,
            on_list_resources=self._list_resources,
            on_list_resource_templates=self._list_templates,
            on_read_resource=self._read_resource,
            on_completion=self._complete,
            on_subscribe_resource=self._subscribe,
            on_unsubscribe_resource=self._unsubscribe,
            on_subscriptions_listen=ListenHandler(changes.bus),
        )
        self.add_request_handler("logging/setLevel", types.SetLevelRequestParams, self._set_level)
        self.add_notification_handler(
            "notifications/initialized", types.NotificationParams, self._initialized
        )
        self.middleware.append(
            RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=NAME)
        )
        self._changes = changes

    def create_initialization_options(self, *_: Any, **__: Any) -> InitializationOptions:
        """Return what ``initialize`` declares: list changes too, which the SDK leaves out."""
        every = NotificationOptions(
            prompts_changed=True, resources_changed=True, tools_changed=True
        )
        return super().create_initialization_options(every)

    @property
    def _tools(self) -> Tools:
        return TOOLS | EXTRA if self._changes.extra_tool else TOOLS

    async def _list_tools(self, _: Context, __: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=self._tools.listed())

    async def _call_tool(self, ctx: Context, params: types.CallToolRequestParams) -> Result:
        arguments, answers = params.arguments or {}, params.input_responses or {}
        call = Call(ctx, arguments, answers, params.request_state, self._changes)
        return await self._tools.call(params.name, call)

    async def _list_prompts(self, _: Context, __: Any) -> types.ListPromptsResult:
        return types.ListPromptsResult(prompts=prompts.listed(self._changes))

    async def _get_prompt(
        self, ctx: Context, params: types.GetPromptRequestParams
    ) -> types.GetPromptResult | types.InputRequiredResult:
        return prompts.got(ctx, params, self._changes)

    async def _list_resources(self, _: Context, __: Any) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=resources.RESOURCES)

    async def _list_templates(self, _: Context, __: Any) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=resources.TEMPLATES)

    async def _read_resource(
        self, ctx: Context, params: types.ReadResourceRequestParams
    ) -> types.ReadResourceResult:
        return resources.read(ctx, params.uri)

    async def _complete(
        self, _: Context, params: types.CompleteRequestParams
    ) -> types.CompleteResult:
        return prompts.completed(params)

    async def _subscribe(
        self, ctx: Context, params: types.SubscribeRequestParams
    ) -> types.EmptyResult:
        self._changes.peer(ctx).watched.add(str(params.uri))
        return types.EmptyResult()

    async def _unsubscribe(
        self, ctx: Context, params: types.UnsubscribeRequestParams
    ) -> types.EmptyResult:
        self._changes.peer(ctx).watched.discard(str(params.uri))
        return types.EmptyResult()

    async def _set_level(
        self, ctx: Context, params: types.SetLevelRequestParams
    ) -> types.EmptyResult:
        self._changes.peer(ctx).level = params.level
        return types.EmptyResult()

    async def _initialized(self, ctx: Context, _: types.NotificationParams) -> None:
        self._changes.peer(ctx)


def app() -> Starlette:
    """Return the server as an ASGI app with one endpoint, ``/mcp``."""
    server = Everything(Changes())
    return server.streamable_http_app(event_store=RecentEvents(), retry_interval=RETRY_MS)


def main() -> None:
    """Serve until a signal."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.everything")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    port = parser.parse_args().port
    logging.getLogger("mcp").setLevel(logging.ERROR)  # what the suite provokes is warned of
    with socket.create_server(("127.0.0.1", port)) as sock:
        address = f"http://127.0.0.1:{sock.getsockname()[1]}/mcp"
        print(address, flush=True)  # noqa: T201 -- for whoever started it
        # h11 takes the space round a header value away, as RFC 9110 has it; httptools leaves it
        # at the end, and the SDK compares what it is given.
        config = uvicorn.Config(
            app(), http="h11", ws="none", log_level="warning", timeout_graceful_shutdown=1
        )
        asyncio.run(uvicorn.Server(config).serve(sockets=[sock]))


if __name__ == "__main__":
    main()
