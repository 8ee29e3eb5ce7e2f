"""One HTTP exchange: the request read within bounds, the answer as JSON or as a stream."""

from typing import Final, Protocol

import orjson
from starlette.types import Receive, Scope, Send

from gateway.edge.jsonrpc import INVALID_REQUEST, Json, Refused

PING: Final = b": ping\n\n"
_JSON: Final = (b"content-type", b"application/json")
_SSE: Final = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class ClientGone(Exception):
    """The client closed the connection before its request was whole."""


class Exchange(Protocol):
    """Reads one request and writes one answer.

    Attributes:
        method: ``POST``.
        path: Without query.
        headers: Of the request, names in lower case.
        extra: Headers to add to the answer.
        streaming: Whether the answer has become a stream.
    """

    method: str
    path: str
    headers: dict[str, str]
    extra: list[tuple[bytes, bytes]]
    streaming: bool

    async def body(self, limit: int) -> bytes:
        """Return the request's body.

        Raises:
            Refused: it is longer than *limit* bytes.
            ClientGone: it never came whole.
        """
        ...

    async def gone(self) -> None:
        """Return once the client has closed the connection."""
        ...

    async def notify(self, message: Json) -> None:
        """Send a notification; from the first one on, the answer is a stream."""
        ...

    async def ping(self) -> None:
        """Send a comment, so that an idle stream is seen to live; it begins a stream, too."""
        ...

    async def answer(self, body: bytes, status: int = 200) -> None:
        """Send the answer: the stream's last event, or the whole response."""
        ...

    async def empty(self, status: int, *headers: tuple[bytes, bytes]) -> None:
        """Send an answer without a body; ends a stream that has begun."""
        ...


class AsgiExchange:
    """An exchange over ASGI.

    Args:
        scope: ASGI scope.
        receive: ASGI receive.
        send: ASGI send.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = {
            name.decode("latin-1"): value.decode("latin-1").strip(" \t")
            for name, value in scope["headers"]
        }
        self.extra: list[tuple[bytes, bytes]] = []
        self.streaming = False
        self._receive = receive
        self._send = send

    async def body(self, limit: int) -> bytes:
        """Return the request's body.

        Raises:
            Refused: it is longer than *limit* bytes.
            ClientGone: it never came whole.
        """
        announced = self.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise too_long(limit)
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            size += len(part)
            if size > limit:
                raise too_long(limit)
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts) if len(parts) > 1 else part

    async def gone(self) -> None:
        """Return once the client has closed the connection."""
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def notify(self, message: Json) -> None:
        """Send a notification; from the first one on, the answer is a stream."""
        await self._begin()
        await self._frame(orjson.dumps(message), more=True)

    async def ping(self) -> None:
        """Send a comment, so that an idle stream is seen to live; it begins a stream, too."""
        await self._begin()
        await self._send({"type": "http.response.body", "body": PING, "more_body": True})

    async def answer(self, body: bytes, status: int = 200) -> None:
        """Send the answer: the stream's last event, or the whole response."""
        if self.streaming:
            await self._frame(body, more=False)
            return
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, [_JSON, length, *self.extra])
        await self._send({"type": "http.response.body", "body": body})

    async def empty(self, status: int, *headers: tuple[bytes, bytes]) -> None:
        """Send an answer without a body; ends a stream that has begun."""
        if not self.streaming:
            await self._start(status, [(b"content-length", b"0"), *headers, *self.extra])
        await self._send({"type": "http.response.body", "body": b""})

    async def _begin(self) -> None:
        if not self.streaming:
            self.streaming = True
            await self._start(200, [*_SSE, *self.extra])

    async def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def _frame(self, data: bytes, *, more: bool) -> None:
        frame = b"event: message\ndata: " + data + b"\n\n"
        await self._send({"type": "http.response.body", "body": frame, "more_body": more})


def too_long(limit: int) -> Refused:
    """Return the refusal of a request of more than *limit* bytes."""
    return Refused(INVALID_REQUEST, f"The request is longer than {limit} bytes", status=413)


def accepts(headers: dict[str, str]) -> bool:
    """Say whether the client takes the JSON that we answer with."""
    accept = headers.get("accept", "*/*").lower()
    return any(kind in accept for kind in ("application/json", "application/*", "*/*"))
