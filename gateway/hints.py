"""How long an answer may be kept, and for whom (MCP 2026-07-28, server/utilities/caching)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

Json = dict[str, Any]
TTL: Final = "ttlMs"
SCOPE: Final = "cacheScope"
KEYS: Final = frozenset({TTL, SCOPE})


@dataclass(frozen=True, slots=True)
class Hints:
    """What a server says of keeping one answer.

    Attributes:
        ttl_ms: For how long, in milliseconds.
        public: Whether one caller's answer may be given to another.
    """

    ttl_ms: int
    public: bool = False

    def wire(self) -> Json:
        """Return the hints as a result carries them."""
        return {TTL: self.ttl_ms, SCOPE: "public" if self.public else "private"}


def hints_in(result: Json, default: Hints) -> Hints:
    """Return the hints of *result*; a server of before 2026 gives none, so *default*."""
    ttl, scope = result.get(TTL), result.get(SCOPE)
    if ttl is None and scope is None:
        return default
    if not isinstance(ttl, int) or isinstance(ttl, bool):
        ttl = 0
    return Hints(max(ttl, 0), scope == "public")


def strictest(hints: Iterable[Hints], default: Hints) -> Hints:
    """Return what holds for an answer made of several: the shortest, private if any is."""
    found = list(hints)
    if not found:
        return default
    return Hints(min(each.ttl_ms for each in found), all(each.public for each in found))
