"""MCP by hand: requests as each era writes them, for what clients hide."""

import contextlib
import itertools
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import orjson

from gateway.upstream.client import META_CAPABILITIES, META_VERSION

MODERN = "2026-07-28"
LEGACY = "2025-11-25"
_NAMED = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}
_ids = itertools.count(1)


def modern(
    method: str, params: dict[str, Any] | None = None, meta: dict[str, Any] | None = None
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return body and headers of a request of 2026-07-28."""
    params = params or {}
    headers = {
        "mcp-protocol-version": MODERN,
        "mcp-method": method,
        "accept": "application/json, text/event-stream",
    }
    if method in _NAMED and isinstance(params.get(_NAMED[method]), str):
        headers["mcp-name"] = params[_NAMED[method]]
    given = {META_VERSION: MODERN, META_CAPABILITIES: {}, **(meta or {})}
    body = {
        "jsonrpc": "2.0",
        "id": next(_ids),
        "method": method,
        "params": {**params, "_meta": given},
    }
    return body, headers


def legacy(
    method: str,
    params: dict[str, Any] | None = None,
    *,
    session: str | None = None,
    version: str = LEGACY,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return body and headers of a request of before 2026."""
    headers = {
        "mcp-protocol-version": version,
        "accept": "application/json, text/event-stream",
    }
    if session:
        headers["mcp-session-id"] = session
    body = {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": params or {}}
    return body, headers


async def sent(
    http: httpx2.AsyncClient, path: str, request: tuple[dict[str, Any], dict[str, str]]
) -> dict[str, Any]:
    """Return the JSON-RPC answer to *request*, which has ``error`` or ``result``."""
    body, headers = request
    answer = await http.post(path, json=body, headers=headers)
    if answer.headers["content-type"].startswith("text/event-stream"):
        return frames(answer.text)[-1]
    parsed: dict[str, Any] = answer.json()
    return parsed


def frames(text: str) -> list[dict[str, Any]]:
    """Return the messages of a whole event stream."""
    lines = (line for line in text.splitlines() if line.startswith("data: "))
    return [orjson.loads(line.removeprefix("data: ")) for line in lines]


async def opened(http: httpx2.AsyncClient, path: str, version: str = LEGACY) -> str:
    """Return a new legacy session."""
    asked = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "t"}}
    body, headers = legacy("initialize", asked)
    answer = await http.post(path, json=body, headers=headers)
    session: str = answer.headers["mcp-session-id"]
    return session


@contextlib.asynccontextmanager
async def streaming(
    http: httpx2.AsyncClient,
    path: str,
    request: tuple[dict[str, Any], dict[str, str]] | None = None,
    *,
    session: str | None = None,
) -> AsyncGenerator[AsyncGenerator[dict[str, Any]]]:
    """Yield the messages of a standing stream: of *request*, or of a legacy session (GET)."""
    if request is not None:
        opening = http.stream("POST", path, json=request[0], headers=request[1], timeout=None)
    else:
        headers = {"accept": "text/event-stream", "mcp-session-id": session or ""}
        opening = http.stream("GET", path, headers=headers, timeout=None)
    async with opening as answer:
        assert answer.status_code == 200, await answer.aread()
        messages = _messages(answer)
        try:
            yield messages
        finally:
            await messages.aclose()


async def _messages(answer: httpx2.Response) -> AsyncGenerator[dict[str, Any]]:
    async for line in answer.aiter_lines():
        if line.startswith("data: "):
            yield orjson.loads(line.removeprefix("data: "))
