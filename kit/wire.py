"""How a failure crosses a border: the one mapping to JSON, MCP, HTTP and gRPC.

The wire form is ``{"code": ..., "message": ..., "provider"?: ..., ...}`` with the
fields that the error's class adds. In MCP it travels in a result's
``_meta["fleet/error"]`` beside ``isError: true``; in HTTP as problem+json.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from kit.errors import (
    Conflict,
    FleetError,
    Internal,
    Invalid,
    NotFound,
    Permission,
    PlanRequired,
    QuotaExhausted,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
    Unsupported,
)

META_ERROR: Final = "fleet/error"

_TYPES: Final[dict[str, type[FleetError]]] = {
    kind.code: kind
    for kind in (
        Unauthenticated,
        Permission,
        PlanRequired,
        NotFound,
        Invalid,
        Conflict,
        RateLimited,
        QuotaExhausted,
        Unavailable,
        TimedOut,
        UnknownOutcome,
        Unsupported,
        Internal,
    )
}

_HTTP: Final = {
    "unauthenticated": 502,
    "permission": 403,
    "plan_required": 402,
    "not_found": 404,
    "invalid": 422,
    "conflict": 409,
    "rate_limited": 429,
    "quota_exhausted": 429,
    "unavailable": 503,
    "timeout": 504,
    "unknown_outcome": 504,
    "unsupported": 501,
    "internal": 500,
}

_GRPC: Final = {
    "unauthenticated": "UNAUTHENTICATED",
    "permission": "PERMISSION_DENIED",
    "plan_required": "FAILED_PRECONDITION",
    "not_found": "NOT_FOUND",
    "invalid": "INVALID_ARGUMENT",
    "conflict": "ABORTED",
    "rate_limited": "RESOURCE_EXHAUSTED",
    "quota_exhausted": "RESOURCE_EXHAUSTED",
    "unavailable": "UNAVAILABLE",
    "timeout": "DEADLINE_EXCEEDED",
    "unknown_outcome": "UNKNOWN",
    "unsupported": "UNIMPLEMENTED",
    "internal": "INTERNAL",
}


def to_wire(error: FleetError) -> dict[str, Any]:
    """Return the JSON form; absent fields are left out."""
    wire: dict[str, Any] = {"code": error.code, "message": error.message}
    for field in error.fields:
        value = getattr(error, field)
        if value is None or value == ():
            continue
        if isinstance(value, datetime):
            value = value.isoformat()
        elif isinstance(value, tuple):
            value = list(value)
        wire[field] = value
    return wire


def from_wire(wire: Mapping[str, Any]) -> FleetError:
    """Return the error that *wire* describes.

    A code that this version does not know becomes ``Internal`` with the same message, and a
    field that is not what it should be is left out, so that whatever a server says of its
    failure, it stays one.
    """
    kind = _TYPES.get(str(wire.get("code")), Internal)
    arguments = {field: _field(field, wire[field]) for field in kind.fields if field in wire}
    known = {field: value for field, value in arguments.items() if value is not None}
    return kind(str(wire.get("message", "no message")), **known)


def _field(name: str, value: Any) -> Any:
    """Return *value* as the error holds it; None where it is not what it should be."""
    match name, value:
        case "reset_at", str():
            try:
                at = datetime.fromisoformat(value)
            except ValueError:
                return None
            return at if at.tzinfo is not None else None
        case "missing_scopes", list():
            return tuple(str(each) for each in value)
        case "retry_after_seconds", float() | int():
            return value
        case (("reset_at" | "missing_scopes" | "retry_after_seconds"), _):
            return None
    return str(value)


def http_status(error: FleetError) -> int:
    """Return the HTTP status for *error* (our own 401 is the edge's, so a vendor's is 502)."""
    return _HTTP.get(error.code, 500)


def grpc_status(error: FleetError) -> str:
    """Return the name of the ``grpc.StatusCode`` for *error*."""
    return _GRPC.get(error.code, "INTERNAL")
