"""Small MCP servers as probes and gateways meet them, made with the SDK."""

from collections.abc import Mapping, Sequence
from typing import Any

import mcp_types as types
from mcp.server.lowlevel import Server
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

OBJECT: dict[str, Any] = {"type": "object"}


def mcp_app(
    tools: Sequence[str] | Mapping[str, dict[str, Any]],
    *,
    checks: Mapping[str, Any] | None = None,
    page: int = 100,
) -> Starlette:
    """Return an MCP server at ``/mcp`` that lists *tools*.

    Args:
        tools: Names, or input schemas by name; read at each list, so a test may change it.
        checks: What ``/readyz`` says (503 unless all are ok); none: there is no such page.
        page: Tools a page.
    """

    async def on_list(_: Any, params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        start = int(params.cursor) if params and params.cursor else 0
        schemas = tools if isinstance(tools, Mapping) else dict.fromkeys(tools, OBJECT)
        names = list(schemas)[start : start + page]
        more = start + page < len(schemas)
        return types.ListToolsResult(
            tools=[types.Tool(name=name, input_schema=schemas[name]) for name in names],
            next_cursor=str(start + page) if more else None,
        )

    app = Server("specimen", version="1", on_list_tools=on_list).streamable_http_app()
    if checks is not None:
        app.router.routes.append(Route("/readyz", lambda _: _ready(checks)))
    return app


def _ready(checks: Mapping[str, Any]) -> JSONResponse:
    good = all(check["ok"] for check in checks.values())
    return JSONResponse({"status": "x", "checks": dict(checks)}, 200 if good else 503)


def legacy_only(app: ASGIApp, seen: list[str] | None = None) -> ASGIApp:
    """Return *app* as a server of before 2026: a newer version in a header is an error.

    The answer is what mcp 1.27 gave; methods that came through are noted in *seen*.
    """

    async def shim(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            request = Request(scope)
            if seen is not None:
                seen.append(request.method)
            if request.headers.get("mcp-protocol-version", "") >= "2026":
                message = "Bad Request: Unsupported protocol version"
                error = {"code": -32600, "message": message}
                body = {"jsonrpc": "2.0", "id": "server-error", "error": error}
                await JSONResponse(body, 400)(scope, receive, send)
                return
        await app(scope, receive, send)

    return shim


def guarded(app: ASGIApp, token: str) -> ASGIApp:
    """Return *app* behind a bearer token."""

    async def shim(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            given = Request(scope).headers.get("authorization")
            if given != f"Bearer {token}":
                await JSONResponse({"error": "invalid_token"}, 401)(scope, receive, send)
                return
        await app(scope, receive, send)

    return shim


def answering(status: int, body: Any) -> ASGIApp:
    """Return an HTTP server that gives one answer to everything."""

    async def shim(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await JSONResponse(body, status)(scope, receive, send)

    return shim
