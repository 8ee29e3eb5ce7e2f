"""Resetting a client's TCP connection, which an ASGI application cannot do by itself."""

import os
import socket
import struct
from asyncio import Transport
from typing import Any

from starlette.types import Receive, Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_TRANSPORT = "sandbox.transport"
_NO_LINGER = struct.pack("ii", 1, 0)  # SO_LINGER on, for no time: close sends RST


class ResettableProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with the connection's transport in each request's state."""

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override] # uvicorn narrows it so too
        """Keep *transport* where the application finds it."""
        super().connection_made(transport)
        self.app_state: dict[str, Any] = {**self.app_state, _TRANSPORT: transport}


async def reset(scope: Scope, receive: Receive) -> None:
    """Reset the connection of *scope* and return once it is gone.

    Raises:
        KeyError: the server does not use `ResettableProtocol`.
    """
    transport: Transport = scope["state"][_TRANSPORT]
    duplicate = socket.socket(fileno=os.dup(transport.get_extra_info("socket").fileno()))
    with duplicate:
        duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass
