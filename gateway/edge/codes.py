"""Failures as JSON-RPC errors of the client's era (MCP 2026-07-28, basic, error codes)."""

from typing import Final

from gateway.edge.era import Era
from gateway.edge.jsonrpc import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    MISSING_CAPABILITY,
    UNSUPPORTED_VERSION,
    Message,
    Refused,
)
from gateway.upstream.replies import RpcError
from kit.errors import FleetError, Invalid, NotFound
from kit.wire import to_wire

RESOURCE_NOT_FOUND: Final = -32002
"""Of before 2026; since then it is -32602."""
_OURS: Final = frozenset({UNSUPPORTED_VERSION})
"""What only the gateway itself can have got wrong toward a server."""


def relayed(error: RpcError, message: Message, era: Era) -> Refused:
    """Return a server's *error* in answer to *message* for a client of *era*."""
    code, text, data = error.code, error.message, error.data
    if code in _OURS:
        return Refused(INTERNAL_ERROR, f"the server refused the gateway's request: {text}", data)
    if message.method == "resources/read" and code in {INVALID_PARAMS, RESOURCE_NOT_FOUND}:
        return not_found(text, message, era, data)
    if era.modern:
        code = INVALID_PARAMS if code == RESOURCE_NOT_FOUND else code
    elif code == MISSING_CAPABILITY:
        code = INVALID_REQUEST
    status = 200 if code == INTERNAL_ERROR else None
    return Refused(code, text, data, status=status)


def foreseen(error: FleetError, message: Message, era: Era) -> Refused:
    """Return a failure of ours in answer to *message*, which is no tool call."""
    if isinstance(error, NotFound) and message.method.startswith("resources/"):
        return not_found(error.message, message, era, None)
    wrong = isinstance(error, NotFound | Invalid)
    return Refused(INVALID_PARAMS if wrong else INTERNAL_ERROR, error.message, to_wire(error))


def not_found(text: str, message: Message, era: Era, data: object) -> Refused:
    """Return the error for a resource that is not there."""
    code = INVALID_PARAMS if era.modern else RESOURCE_NOT_FOUND
    return Refused(code, text, {"uri": message.params.get("uri")} if data is None else data)
