"""What the gateway needs of a server, however it is reached and whatever era it speaks."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from gateway.upstream.client import Notify
from gateway.upstream.replies import Json, RpcError

_METHOD_NOT_FOUND: Final = -32601


class Link(Protocol):
    """One server that can be asked; results have the modern form (2026-07-28) in every era."""

    @property
    def name(self) -> str:
        """The server's name in the registry."""
        ...

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        meta: Mapping[str, Any] | None = None,
        seconds: float,
        notify: Notify | None = None,
        fresh: bool = False,
    ) -> Json:
        """Return the result of *method*; cancelling the wait cancels the server's work.

        ``server/discover`` is answered in every era: of a legacy server, with what it said
        at its handshake.

        Args:
            method: JSON-RPC method.
            params: Its parameters without ``_meta``.
            meta: Further ``_meta`` keys; the link's own win. A progress token comes back as
                it was given, however the server is told.
            seconds: How long to wait for the whole answer.
            notify: Awaited with each notification of this call: progress, log messages.
            fresh: Use a new connection, where there is a choice.

        Raises:
            Outage: not reached; nothing was done.
            BrokenOff: sent, and the answer did not come whole.
            Hung: no answer in time.
            RpcError: the server's JSON-RPC error, in today's codes.
            FleetError: it refuses the credential, slows us down, or is no MCP server.
        """
        ...

    async def close(self) -> None:
        """Take leave; a process is ended with its children. Nothing can be asked after."""
        ...


class Listener(Protocol):
    """Hears what a server says that is no part of a call's answer."""

    async def notified(self, message: Json) -> None:
        """Take a notification that belongs to no call, such as a list that changed."""
        ...

    async def requested(self, message: Json) -> Json:
        """Return the result of a server's request, such as an elicitation.

        Raises:
            RpcError: it is refused.
        """
        ...


class Deaf:
    """Drops notifications and refuses requests: for servers that were promised nothing."""

    async def notified(self, message: Json) -> None:
        """Drop *message*."""

    async def requested(self, message: Json) -> Json:
        """Refuse *message*.

        Raises:
            RpcError: always.
        """
        raise RpcError(_METHOD_NOT_FOUND, f"{message.get('method')} is not served here")
