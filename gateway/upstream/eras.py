"""Which era a server is of, judged by its answer to ``server/discover`` (versioning.mdx).

Only an answer can decide: an outage, a refused credential or a limit says nothing about the
era, and is raised as what it is.
"""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from gateway.upstream.client import VERSION
from gateway.upstream.legacy.words import REVISIONS
from gateway.upstream.replies import Json, Outage, RpcError
from kit.errors import FleetError, RateLimited, Unauthenticated, Unavailable, Unsupported

_UNSUPPORTED_VERSION: Final = -32022
_MODERN_ONLY: Final = frozenset({-32020, -32021})
_DOUBTFUL: Final = frozenset({-32600, -32601, -32000, _UNSUPPORTED_VERSION})
_AWAY: Final = frozenset({502, 503, 504})
"""What a proxy in front of a server says while the server is gone."""


class Era(StrEnum):
    """What to speak; ``legacy`` is only a guess until a handshake succeeds."""

    MODERN = "modern"
    LEGACY = "legacy"


class OtherEra(Unavailable):
    """It answers, but not as a server of the era it was asked in; nothing was done.

    Args:
        message: What it answered.
        provider: Who.
        status: The HTTP status; None: it answered with a JSON-RPC error.
    """

    def __init__(
        self, message: str, *, provider: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(message, provider=provider)
        self.status = status


def judged(server: str, message: Json | None) -> Era:
    """Return the era that the answer *message* speaks for; None: it was no JSON-RPC.

    Raises:
        Unsupported: the server speaks no revision that we do.
    """
    error = (message or {}).get("error")
    if isinstance(error, dict):
        if error.get("code") in _MODERN_ONLY:
            return Era.MODERN
        if error.get("code") == _UNSUPPORTED_VERSION:
            data = error.get("data")
            return _mutual(server, data.get("supported") if isinstance(data, dict) else None)
        return Era.LEGACY
    result = (message or {}).get("result")
    if isinstance(result, dict) and "supportedVersions" in result:
        return _mutual(server, result["supportedVersions"])
    return Era.LEGACY


def _mutual(server: str, supported: object) -> Era:
    named = [str(each) for each in supported] if isinstance(supported, Iterable) else []
    if VERSION in named:
        return Era.MODERN
    if any(each in REVISIONS for each in named):
        return Era.LEGACY
    speaks = ", ".join(named)[:200] or "none that it names"
    ours = ", ".join((VERSION, *REVISIONS))
    message = f"{server} speaks no MCP revision of ours ({ours}); its own: {speaks}"
    raise Unsupported(message, provider=server)


def refusal(server: str, status: int) -> FleetError | None:
    """Return what an HTTP *status* says by itself, whatever the era; None: nothing."""
    if status in {401, 403}:
        message = f"{server} refuses the gateway's credential ({status})"
        return Unauthenticated(message, provider=server)
    if status == 429:  # noqa: PLR2004 -- RFC 6585
        return RateLimited(f"{server} is over its limit", provider=server)
    if status in _AWAY:
        return Outage(f"{server} is away, says what is before it ({status})", provider=server)
    return None


def doubtful(error: FleetError | RpcError) -> bool:
    """Say whether *error* may mean that the server is of another era than we thought."""
    if isinstance(error, RpcError):
        return error.code in _DOUBTFUL
    return isinstance(error, Unavailable) and not isinstance(error, Outage)
