"""The MCP methods that the gateway answers itself, in both eras."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.attempt.ask import Caller
from gateway.edge.era import LEGACY, MODERN, Era, negotiated
from gateway.edge.jsonrpc import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    Json,
    Message,
    Refused,
)
from gateway.results import failed
from gateway.surface import Surface
from gateway.upstream.client import (
    CLIENT_INFO,
    META_CAPABILITIES,
    META_CLIENT,
    META_VERSION,
    Notify,
)
from gateway.upstream.replies import RpcError
from kit import paging
from kit.deadline import META_BUDGET, Deadline
from kit.errors import FleetError, Invalid

SERVER_INFO: Final = {**CLIENT_INFO, "title": "Sophia fleet gateway"}
META_SERVER: Final = "io.modelcontextprotocol/serverInfo"
_LIST_TTL_MS: Final = 5_000
_PAGE: Final = 1_000  # tools; a list is only cut when a client could hardly take it whole
_MAX_CALL_SECONDS: Final = 600.0
_OWN_META: Final = frozenset({META_VERSION, META_BUDGET})
_CAPABILITIES: Final = {"tools": {"listChanged": False}}


async def answered(
    message: Message, era: Era, surface: Surface, *, call_seconds: float, notify: Notify
) -> Json:
    """Return the result of *message*.

    Raises:
        Refused: the method or its parameters are wrong.
    """
    match message.method:
        case "tools/call":
            result = await _call(message, era, surface, call_seconds, notify)
        case "tools/list":
            result = _list(message, era, surface)
        case "server/discover" if era.modern:
            result = {
                "supportedVersions": [*MODERN, *LEGACY],
                "capabilities": _CAPABILITIES,
                "instructions": surface.instructions(),
                "ttlMs": _LIST_TTL_MS,
                "cacheScope": "private",
            }
        case "initialize" if not era.modern:
            return {
                "protocolVersion": negotiated(message.params.get("protocolVersion")),
                "capabilities": _CAPABILITIES,
                "serverInfo": SERVER_INFO,
                "instructions": surface.instructions(),
            }
        case "ping" if not era.modern:
            return {}
        case method:
            raise Refused(METHOD_NOT_FOUND, f"Method {method[:100]!r} is not served here")
    return _sealed(result) if era.modern else result


def _sealed(result: Json) -> Json:
    """Return *result* with what the modern wire requires of every result."""
    meta = result.get("_meta")
    stamped = {**meta, META_SERVER: SERVER_INFO} if meta else {META_SERVER: SERVER_INFO}
    return {"resultType": "complete", **result, "_meta": stamped}


def _list(message: Message, era: Era, surface: Surface) -> Json:
    tools = surface.tools()
    start = 0
    cursor = message.params.get("cursor")
    if cursor is not None:
        start = _offset(cursor)
    page = tools[start : start + _PAGE]
    result: Json = {"tools": page if era.modern else [_downgraded(tool) for tool in page]}
    if start + _PAGE < len(tools):
        result["nextCursor"] = paging.encode({"o": start + _PAGE})
    if era.modern:
        result |= {"ttlMs": _LIST_TTL_MS, "cacheScope": "private"}
    return result


def _offset(cursor: object) -> int:
    try:
        offset = paging.decode(str(cursor)).get("o")
    except Invalid as error:
        raise Refused(INVALID_PARAMS, error.message) from error
    if not isinstance(offset, int) or offset < 0:
        raise Refused(INVALID_PARAMS, "cursor: not one of this list")
    return offset


def _downgraded(tool: Json) -> Json:
    """Return *tool* as a legacy client may read it: output schemas there are objects."""
    schema = tool.get("outputSchema")
    if isinstance(schema, Mapping) and schema.get("type") == "object":
        return tool
    return {key: value for key, value in tool.items() if key != "outputSchema"}


async def _call(
    message: Message, era: Era, surface: Surface, call_seconds: float, notify: Notify
) -> Json:
    params = message.params
    if not isinstance(params.get("name"), str):
        raise Refused(INVALID_PARAMS, "tools/call needs name, a string")
    if not isinstance(params.get("arguments", {}), dict | None):
        raise Refused(INVALID_PARAMS, "arguments must be an object")
    meta = {key: value for key, value in message.meta.items() if key not in _OWN_META}
    if not era.modern:  # what a legacy client said of itself is not in the request
        meta = {k: v for k, v in meta.items() if k not in {META_CAPABILITIES, META_CLIENT}}
    caller = Caller(Deadline.after(_budget(message, call_seconds)), meta, notify)
    try:
        result = await surface.call(params, caller)
    except FleetError as error:
        result = failed(error)
    except RpcError as error:
        raise Refused(error.code, error.message, error.data, status=_status(error)) from error
    if not era.modern and not isinstance(result.get("structuredContent", {}), dict):
        result = {k: v for k, v in result.items() if k != "structuredContent"}
    return result


def _status(error: RpcError) -> int | None:
    return 200 if error.code == INTERNAL_ERROR else None


def _budget(message: Message, call_seconds: float) -> float:
    """Return the seconds that the caller gives: what it says, else the setting."""
    left: Any = message.meta.get(META_BUDGET)
    if isinstance(left, int | float) and not isinstance(left, bool) and left > 0:
        return min(left / 1000, _MAX_CALL_SECONDS)
    return call_seconds
