"""A first-party MCP server: tools, both eras, health and metrics as one ASGI app.

The SDK's low-level server speaks the protocol; this module validates arguments, carries
the caller's deadline to the vendor, turns foreseen failures into results that a model can
read (``isError`` with ``_meta["fleet/error"]``), and logs one line a call.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import mcp_types as types
from mcp.server._otel import OpenTelemetryMiddleware
from mcp.server.caching import CacheHint
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from kit import log, telemetry
from kit.calls import watched
from kit.deadline import META_BUDGET, Deadline, spending
from kit.errors import FleetError, Internal, Invalid, TimedOut
from kit.health import Check, Readiness, health_routes
from kit.tools import Tool, Tools
from kit.wire import META_ERROR, to_wire

DepsT = TypeVar("DepsT")
_log = log.get(__name__)
_LOCAL: Final = ("127.0.0.1:*", "localhost:*", "[::1]:*")
_context: ContextVar[ServerRequestContext[Any, Any] | None] = ContextVar("request", default=None)


async def report_progress(done: float, total: float | None = None, message: str = "") -> None:
    """Tell the running call's client how far it is, if it asked to know."""
    context = _context.get()
    if context is not None:
        await context.session.report_progress(done, total, message or None)


@dataclass(frozen=True, slots=True)
class McpService(Generic[DepsT]):
    """What a service is made of; building it opens nothing.

    Attributes:
        name: As in the registry.
        title: For people.
        version: Of this project.
        instructions: What a model should know before it uses the tools.
        tools: What it can do.
        lifespan: Opens the resources, yields the deps, closes them.
        checks: The readiness checks, given the deps.
        hosts: Names that ``Host`` may have beside loopback, with any port or none (DNS
            rebinding: a web page must not reach a service through a name of its own).
        routes: Further HTTP routes, such as metrics.
    """

    name: str
    title: str
    version: str
    instructions: str
    tools: Tools[DepsT]
    lifespan: Callable[[], AbstractAsyncContextManager[DepsT]]
    checks: Callable[[DepsT], Sequence[Check]]
    hosts: Sequence[str] = ()
    routes: Sequence[BaseRoute] = ()

    def build(self) -> tuple[Starlette, Readiness]:
        """Return the ASGI app and its readiness; resources open with the app's lifespan."""
        running: list[DepsT] = []
        readiness = Readiness(())
        listed = types.ListToolsResult(tools=[_described(tool) for tool in self.tools])

        async def on_list(
            _context: ServerRequestContext[Any], _params: types.PaginatedRequestParams | None
        ) -> types.ListToolsResult:
            return listed

        async def on_call(
            context: ServerRequestContext[Any], params: types.CallToolRequestParams
        ) -> types.CallToolResult:
            tool = self.tools.get(params.name)
            if tool is None:
                raise MCPError(types.INVALID_PARAMS, f"Unknown tool: {params.name[:100]}")
            token = _context.set(context)
            try:
                return await self._answer(tool, running[0], params.arguments or {}, context)
            finally:
                _context.reset(token)

        def input_schema(name: str) -> dict[str, Any] | None:
            tool = self.tools.get(name)
            return None if tool is None else tool.input_schema

        server: Server[Any] = Server(
            self.name,
            title=self.title,
            version=self.version,
            instructions=self.instructions,
            cache_hints={"tools/list": CacheHint(ttl_ms=60_000, scope="public")},
            get_tool_input_schema=input_schema,
            on_list_tools=on_list,
            on_call_tool=on_call,
        )
        # Our own span replaces the SDK's, see kit.telemetry.
        server.middleware[:] = [
            each for each in server.middleware if not isinstance(each, OpenTelemetryMiddleware)
        ]
        app = server.streamable_http_app(
            transport_security=TransportSecuritySettings(
                allowed_hosts=[*_LOCAL, *self.hosts, *(f"{each}:*" for each in self.hosts)],
                allowed_origins=[f"http://{each}" for each in _LOCAL],
            ),
        )
        inner = app.router.lifespan_context

        @contextlib.asynccontextmanager
        async def lifespan(app: Starlette) -> AsyncGenerator[None]:
            async with self.lifespan() as deps, inner(app):
                running.append(deps)
                readiness.use(self.checks(deps))
                yield
                running.clear()

        app.router.lifespan_context = lifespan
        app.router.routes.extend([*health_routes(readiness), *self.routes])
        return app, readiness

    async def _answer(
        self,
        tool: Tool[DepsT],
        deps: DepsT,
        arguments: dict[str, Any],
        context: ServerRequestContext[Any],
    ) -> types.CallToolResult:
        meta = dict(context.meta or {})
        about = {"mcp.protocol.version": context.protocol_version}
        with (
            telemetry.server_span("tools/call", tool.name, meta, about) as span,
            watched(self.name, tool.name) as call,
        ):
            try:
                result = await _called(tool, deps, arguments, _deadline(context))
            except FleetError as error:
                call.outcome = error.code
                span.fail("tool_error")
                return _failed(error)
            except MCPError:
                call.outcome = "protocol_error"
                raise
            except Exception:  # noqa: BLE001 -- the top of a call: a crash is logged, not told
                call.outcome = "internal"
                span.fail("tool_error")
                _log.exception("tool.crashed", tool=tool.name)
                return _failed(
                    Internal(f"{tool.name} failed unexpectedly; the log has the details")
                )
        return result


async def _called(
    tool: Tool[DepsT], deps: DepsT, arguments: dict[str, Any], deadline: Deadline | None
) -> types.CallToolResult:
    try:
        given = tool.arguments.model_validate(arguments)
    except ValidationError as error:
        raise refused(error, tool.arguments) from error
    seconds = None if deadline is None else max(0.0, deadline.remaining())
    try:
        with spending(deadline):
            async with asyncio.timeout(seconds):
                result: BaseModel = await tool.call(deps, given)
    except TimeoutError as error:
        raise TimedOut(f"{tool.name} did not finish within its deadline") from error
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=result.model_dump_json(exclude_none=True))],
        structured_content=result.model_dump(mode="json", exclude_none=True),
    )


def refused(error: ValidationError, arguments: type[BaseModel]) -> Invalid:
    """Return what was wrong with arguments, every mistake named with its place."""
    mistakes = error.errors(include_url=False, include_input=False, include_context=False)
    known = ", ".join(arguments.model_fields) or "none"
    told = [
        f"{'.'.join(map(str, each['loc'])) or 'arguments'}: "
        + (f"no such argument; there are {known}" if _is_extra(each) else each["msg"])
        for each in mistakes
    ]
    field = ".".join(map(str, mistakes[0]["loc"])) or None
    return Invalid("; ".join(told[:5]), field=field)


def _is_extra(mistake: ErrorDetails) -> bool:
    return mistake["type"] == "extra_forbidden" and len(mistake["loc"]) == 1


def _failed(error: FleetError) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=f"{error.code}: {error.message}")],
        is_error=True,
        _meta={META_ERROR: to_wire(error)},
    )


def _deadline(context: ServerRequestContext[Any]) -> Deadline | None:
    left = (context.meta or {}).get(META_BUDGET)
    if isinstance(left, int | float) and not isinstance(left, bool):
        return Deadline.after(left / 1000)
    return None


def _described(tool: Tool[Any]) -> types.Tool:
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=tool.input_schema,
        output_schema=tool.output_schema,
        annotations=types.ToolAnnotations(
            read_only_hint=tool.hint.read_only,
            destructive_hint=tool.hint.destructive,
            idempotent_hint=tool.hint.idempotent,
            open_world_hint=True,
        ),
    )
