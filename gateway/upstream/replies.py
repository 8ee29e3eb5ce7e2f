"""What a server's JSON-RPC answer means, and the failures of getting one."""

from dataclasses import dataclass
from typing import Any

from kit.errors import FleetError, Internal, TimedOut, Unavailable, UnknownOutcome
from kit.wire import META_ERROR, from_wire

Json = dict[str, Any]


@dataclass(slots=True)
class RpcError(Exception):
    """The server answered with a JSON-RPC error; it is relayed as it is.

    Attributes:
        code: JSON-RPC code.
        message: The server's words.
        data: What it added, if anything.
    """

    code: int
    message: str
    data: Any = None


class BrokenOff(UnknownOutcome):
    """The connection broke after the request was sent: it may have been processed."""


def tool_error(result: Json, server: str) -> FleetError | None:
    """Return the neutral error in a tool's result, if it failed with one.

    A first-party server puts it into ``_meta["fleet/error"]``; a failed call without it
    (third parties) is ``Internal`` with the tool's own text.
    """
    if not result.get("isError"):
        return None
    meta = result.get("_meta")
    wire = meta.get(META_ERROR) if isinstance(meta, dict) else None
    if isinstance(wire, dict):
        error = from_wire(wire)
        if error.provider is None:
            error.provider = server
        return error
    texts = [
        part["text"]
        for part in result.get("content") or ()
        if isinstance(part, dict) and isinstance(part.get("text"), str)
    ]
    return Internal(" ".join(texts)[:1000] or "the tool failed without a reason", provider=server)


class Outage(Unavailable):
    """The server could not be reached, or did not answer as an MCP server: nothing was done."""


class Hung(TimedOut):
    """The server did not answer within its time."""
