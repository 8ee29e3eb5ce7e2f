"""A server that does everything a call may see on its way: made with the SDK, in any era.

Behind Streamable HTTP (``talker_http``), the oldest HTTP form (``talker_sse``) or a pipe
(``python -m tests.support.talker``).
"""

import asyncio
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from mcp.server.lowlevel import NotificationOptions, Server
from mcp.server.sse import SseServerTransport
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from kit.settings import environment

OBJECT: dict[str, Any] = {"type": "object"}


@dataclass
class Talker:
    """What a talker has seen, and what it waits for.

    Attributes:
        began: Set when ``hold`` waits.
        cancelled: Set when it was cancelled.
        release: Lets ``hold`` go on.
        tools: What it lists beside ``TOOLS``.
        calls: Tools that were called.
    """

    began: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)
    tools: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)


def text(words: str, /, **structured: Any) -> types.CallToolResult:
    return types.CallToolResult(
        content=[types.TextContent(type="text", text=words)],
        structured_content=structured or None,
    )


async def steps(ctx: Any, _: Talker, given: dict[str, Any]) -> types.CallToolResult:
    for done in range(1, int(given["count"]) + 1):
        await ctx.session.report_progress(done, given["count"], f"step {done}")
    return text("done")


async def hold(_: Any, talker: Talker, __: dict[str, Any]) -> types.CallToolResult:
    talker.began.set()
    try:
        await talker.release.wait()
    except asyncio.CancelledError:
        talker.cancelled.set()
        raise
    return text("held")


async def note(ctx: Any, _: Talker, __: dict[str, Any]) -> types.CallToolResult:
    for level in ("debug", "warning"):
        await ctx.session.send_log_message(level, f"a {level}", related_request_id=ctx.request_id)
    return text("noted")


async def change(ctx: Any, talker: Talker, given: dict[str, Any]) -> types.CallToolResult:
    talker.tools.append(str(given["name"]))
    await ctx.session.send_tool_list_changed()
    return text("changed")


async def wish(ctx: Any, _: Talker, __: dict[str, Any]) -> types.CallToolResult:
    nothing: dict[str, Any] = {"type": "object", "properties": {}}
    answer = await ctx.session.elicit_form("Which?", nothing, ctx.request_id)
    return text(answer.action)


async def surroundings(_: Any, __: Talker, ___: dict[str, Any]) -> types.CallToolResult:
    return text("told", folder=str(Path.cwd()), variables=dict(environment()))


async def spawn(_: Any, __: Talker, ___: dict[str, Any]) -> types.CallToolResult:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", "import time; time.sleep(600)", stdin=asyncio.subprocess.DEVNULL
    )
    return text("born", pid=child.pid, own=os.getpid())


async def die(_: Any, __: Talker, ___: dict[str, Any]) -> types.CallToolResult:
    os._exit(3)


async def echo(_: Any, __: Talker, given: dict[str, Any]) -> types.CallToolResult:
    return text(str(given.get("words")), words=given.get("words"))


TOOLS = {
    each.__name__: each
    for each in (echo, steps, hold, note, change, wish, surroundings, spawn, die)
}


def talker_server(talker: Talker) -> Server[Any]:
    """Return the server."""

    async def on_list(_: Any, __: Any) -> types.ListToolsResult:
        names = [*TOOLS, *talker.tools]
        return types.ListToolsResult(
            tools=[types.Tool(name=name, input_schema=OBJECT) for name in names]
        )

    async def on_call(ctx: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        talker.calls.append(params.name)
        return await TOOLS[params.name](ctx, talker, params.arguments or {})

    async def on_read(_: Any, params: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        raise MCPError(-32002, f"no resource {params.uri}")

    async def on_level(_: Any, __: Any) -> types.EmptyResult:
        return types.EmptyResult()

    return Server(
        "talker",
        version="7",
        instructions="Talk.",
        on_list_tools=on_list,
        on_call_tool=on_call,
        on_read_resource=on_read,
        on_set_logging_level=on_level,
    )


def options(server: Server[Any]) -> Any:
    return server.create_initialization_options(NotificationOptions(tools_changed=True))


def talker_http(talker: Talker, *, json: bool = False) -> Starlette:
    """Return the talker behind Streamable HTTP, both eras."""
    server = talker_server(talker)
    plain = server.create_initialization_options
    server.create_initialization_options = (  # type: ignore[method-assign] # else it says that nothing changes
        lambda *_, **__: plain(NotificationOptions(tools_changed=True))
    )
    return server.streamable_http_app(json_response=json)


def talker_sse(talker: Talker, endpoint: str = "/messages/") -> Starlette:
    """Return the talker behind the oldest HTTP form: GET ``/mcp``."""
    server = talker_server(talker)
    transport = SseServerTransport(endpoint)

    async def stream(request: Request) -> Response:
        connected = transport.connect_sse(request.scope, request.receive, request._send)  # noqa: SLF001 -- the SDK's own example
        async with connected as (reading, writing), reading, writing:
            await server.run(reading, writing, options(server))
        return Response()

    posts = Mount("/messages/", app=transport.handle_post_message)
    return Starlette(routes=[Route("/mcp", stream, methods=["GET"]), posts])


async def main() -> None:
    """Serve a talker on standard input and output."""
    server = talker_server(Talker())
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, options(server))


if __name__ == "__main__":
    anyio.run(main)
