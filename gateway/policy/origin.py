"""Host and Origin: what a web page may not do to a gateway on this machine (DNS rebinding)."""

from collections.abc import Sequence
from functools import lru_cache
from urllib.parse import urlsplit

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class OriginPolicy:
    """Answers only requests that name us, from pages that may call.

    Args:
        hosts: Names beside loopback that ``Host`` may have, without port.
        origins: Web origins beside loopback ones that may call.

    ``refusal(host, origin)`` returns why a request is refused; empty when it may pass.
    """

    def __init__(self, hosts: Sequence[str], origins: Sequence[str]) -> None:
        self._hosts = _LOOPBACK | {each.lower() for each in hosts}
        self._origins = frozenset(each.lower().rstrip("/") for each in origins)
        # Callers send the same two values with every request.
        self.refusal = lru_cache(maxsize=1024)(self._refusal)

    def _refusal(self, host: str | None, origin: str | None) -> str:
        """Return why the request is refused; empty when it may pass."""
        if host is None or _name(host) not in self._hosts:
            return f"Host {host!r} is not served here"
        if origin is None:
            return ""
        if origin.lower() in self._origins:
            return ""
        parts = urlsplit(origin)
        if parts.scheme in {"http", "https"} and _name(parts.netloc) in _LOOPBACK:
            return ""
        return f"Origin {origin!r} may not call"


def _name(authority: str) -> str | None:
    """Return the host of ``host:port``; None where it is not one."""
    text = authority.lower()
    if any(character in text for character in "/?#@\\ \t"):
        return None
    try:
        parts = urlsplit(f"//{text}")
        port = parts.port  # reading it is what checks it
    except ValueError:
        return None
    return parts.hostname if port != 0 else None
