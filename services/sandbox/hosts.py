"""Which names the sandbox answers to, so that no web page reaches it by DNS rebinding."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Hosts:
    """Names that ``Host`` may have.

    Args:
        bound: The address that the process listens on.
        named: Names beside loopback. With none, a process that listens beyond loopback
            answers to every name: what may reach it there is for the network to say.
    """

    def __init__(self, bound: str, named: Sequence[str]) -> None:
        self._any = not named and bound not in _LOOPBACK
        self._names = _LOOPBACK | {name.lower() for name in named}

    def serve(self, scope: Scope) -> bool:
        """Return whether the request of *scope* names us."""
        if self._any:
            return True
        try:
            name = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname
        except ValueError:
            return False
        return name in self._names
