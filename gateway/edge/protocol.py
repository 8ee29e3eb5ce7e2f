"""The gateway's own HTTP/1.1 protocol under uvicorn: MCP is answered right here.

uvicorn's ASGI layer costs about as much as everything that the gateway does for a call, so a
``POST`` to ``/mcp`` is read, served and written without it: one write an answer. Any other
request hands its connection over to uvicorn's own protocol, for good; there, and under any
other ASGI server, ``/mcp`` is served by the same endpoint through ASGI.

uvicorn's contract for ``http=`` classes (uvicorn 0.54, ``server.py``): the constructor's
keywords, ``server_state.connections`` and ``.tasks``, and ``shutdown()``.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, cast

import httptools
import orjson
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gateway.edge.exchange import PING
from gateway.edge.jsonrpc import Json
from gateway.edge.mcp import McpEndpoint
from kit.health import Readiness

_MAX_HEAD: Final = 64 * 1024
_REQUEST_SECONDS: Final = 30.0  # for one request to arrive whole
_IDLE_SECONDS: Final = 75.0
_STATUS: Final = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_JSON: Final = b"content-type: application/json\r\ncontent-length: "
_STREAM: Final = (
    b"content-type: text/event-stream\r\ncache-control: no-store\r\n"
    b"x-accel-buffering: no\r\ntransfer-encoding: chunked\r\n"
)


@dataclass(slots=True)
class Request:
    """One request as it arrives.

    Attributes:
        method: ``POST``.
        url: Target as it was sent.
        headers: Lower-case names; one that came twice has both values, joined.
        raw: The headers as they came.
        parts: Its body.
        size: Bytes of the body so far.
        keep_alive: The connection may be used again.
    """

    method: str = ""
    url: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: list[tuple[bytes, bytes]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    size: int = 0
    keep_alive: bool = True

    @property
    def path(self) -> str:
        """The path, without query."""
        return self.url.partition(b"?")[0].decode("latin-1")

    def again(self) -> bytes:
        """Return the request's bytes, its body sized."""
        body = b"".join(self.parts)
        sized = {b"content-length", b"transfer-encoding", b"expect"}
        head = [self.method.encode(), b" ", self.url, b" HTTP/1.1\r\n"]
        for name, value in self.raw:
            if name.lower() not in sized:
                head += [name, b": ", value, b"\r\n"]
        if not self.keep_alive:
            head.append(b"connection: close\r\n")
        return b"".join([*head, b"content-length: %d\r\n\r\n" % len(body), body])


class DirectExchange:
    """One exchange on the connection itself, without ASGI.

    Args:
        connection: Where it happens.
        request: What was asked, whole.
    """

    def __init__(self, connection: "McpProtocol", request: Request) -> None:
        self.method = request.method
        self.path = request.path
        self.headers = request.headers
        self.extra: list[tuple[bytes, bytes]] = []
        self.streaming = False
        self._connection = connection
        self._request = request

    async def body(self, limit: int) -> bytes:
        """Return the request's body; the protocol has kept it within *limit*."""
        del limit
        parts = self._request.parts
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def gone(self) -> None:
        """Return once the client has closed the connection."""
        await self._connection.lost()

    async def notify(self, message: Json) -> None:
        """Send a notification; from the first one on, the answer is a stream."""
        self._begin()
        await self._frame(orjson.dumps(message))

    async def ping(self) -> None:
        """Send a comment, so that an idle stream is seen to live; it begins a stream, too."""
        self._begin()
        await self._chunk(PING)

    async def answer(self, body: bytes, status: int = 200) -> None:
        """Send the answer: the stream's last event, or the whole response in one write."""
        if self.streaming:
            await self._frame(body)
            self._connection.end(b"0\r\n\r\n")
            return
        head = self._head(status)
        self._connection.end(b"".join((head, _JSON, str(len(body)).encode(), b"\r\n\r\n", body)))

    async def empty(self, status: int, *headers: tuple[bytes, bytes]) -> None:
        """Send an answer without a body; ends a stream that has begun."""
        if self.streaming:
            self._connection.end(b"0\r\n\r\n")
            return
        more = b"".join(b"%b: %b\r\n" % header for header in headers)
        self._connection.end(self._head(status) + more + b"content-length: 0\r\n\r\n")

    def _begin(self) -> None:
        if not self.streaming:
            self.streaming = True
            self._connection.write(self._head(200) + _STREAM + b"\r\n")

    def _head(self, status: int) -> bytes:
        head = _STATUS[status]
        if self.extra:
            head += b"".join(b"%b: %b\r\n" % header for header in self.extra)
        return head if self._connection.keeps_alive() else head + b"connection: close\r\n"

    async def _frame(self, data: bytes) -> None:
        await self._chunk(b"event: message\ndata: " + data + b"\n\n")

    async def _chunk(self, text: bytes) -> None:
        self._connection.write(b"%x\r\n%b\r\n" % (len(text), text))
        await self._connection.drained()


class McpProtocol(asyncio.Protocol):
    """One client's connection.

    Args:
        endpoint: Serves MCP.
        readiness: Knows whether the process drains.
        max_body_bytes: Longest request.
        config: uvicorn's.
        server_state: uvicorn's.
        app_state: uvicorn's.
    """

    def __init__(
        self,
        endpoint: McpEndpoint,
        readiness: Readiness,
        max_body_bytes: int,
        *,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._readiness = readiness
        self._max_body = max_body_bytes
        self._uvicorn = (config, server_state, app_state)
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._arriving = Request()
        self._head_bytes = 0
        self._partial = False
        self._whole: deque[Request] = deque()
        self._serving: Request | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._refused = False
        self._closing = False
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._writable: asyncio.Future[None] | None = None

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._state.connections.add(cast(HttpToolsProtocol, self))
        self._wait(_IDLE_SECONDS)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._refuse(400, b"no upgrade is served here")
        except httptools.HttpParserError:
            self._refuse(400, b"this is not HTTP/1.1")
        self._next()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        del error
        self._state.connections.discard(cast(HttpToolsProtocol, self))
        self._closing = True
        self._unwait()
        if not self._lost.done():
            self._lost.set_result(None)
        self.resume_writing()

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # What the parser calls.

    def on_message_begin(self) -> None:
        self._arriving = Request()
        self._head_bytes = 0
        self._partial = True
        self._wait(_REQUEST_SECONDS)

    def on_url(self, url: bytes) -> None:
        self._arriving.url += url
        self._head(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head(len(name) + len(value))
        request = self._arriving
        request.raw.append((name, value))
        key = name.decode("latin-1").lower()
        text = value.decode("latin-1").strip(" \t")  # httptools leaves what follows it
        known = request.headers.get(key)
        request.headers[key] = text if known is None else f"{known}, {text}"

    def on_headers_complete(self) -> None:
        request = self._arriving
        request.method = self._parser.get_method().decode("latin-1")
        request.keep_alive = self._parser.should_keep_alive()
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > self._max_body:
            self._too_long()
        elif request.headers.get("expect", "").lower() == "100-continue":
            self.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        request = self._arriving
        request.size += len(body)
        if request.size > self._max_body:
            self._too_long()
        elif not self._refused:
            request.parts.append(body)

    def on_message_complete(self) -> None:
        self._partial = False
        if not self._refused:
            self._whole.append(self._arriving)

    def _head(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > _MAX_HEAD:
            self._refuse(431, b"the head is longer than %d bytes" % _MAX_HEAD)

    # Serving, one request after the other.

    def _next(self) -> None:
        if self._serving is not None or self._closing or not self._whole:
            return
        request = self._serving = self._whole.popleft()
        self._unwait()
        path = request.path
        if path != "/mcp" and not path.startswith("/mcp/"):
            self._hand_over(request)
            return
        task = self._loop.create_task(self._endpoint.serve(DirectExchange(self, request)))
        self._state.tasks.add(task)
        task.add_done_callback(self._served)

    def _served(self, task: "asyncio.Task[None]") -> None:
        self._state.tasks.discard(task)
        if task.cancelled() or task.exception() is not None:
            self._close()  # it was stopped before it could answer

    def _hand_over(self, request: Request) -> None:
        """Give the connection to uvicorn's protocol, with every request that is here."""
        config, server_state, app_state = self._uvicorn
        other = HttpToolsProtocol(config, server_state, app_state, _loop=self._loop)
        transport = self._transport
        assert transport is not None  # noqa: S101 -- data came over it
        self._closing = True
        self._state.connections.discard(cast(HttpToolsProtocol, self))
        transport.set_protocol(other)
        other.connection_made(transport)
        other.data_received(request.again() + b"".join(each.again() for each in self._whole))

    def end(self, last: bytes) -> None:
        """Write the end of the answer; the next request may be served."""
        request = self._serving
        keeps = self.keeps_alive()
        self.write(last)
        self._serving = None
        self._state.total_requests += 1
        if not keeps or request is None:
            self._close()
        elif self._whole:
            self._next()
        else:
            self._wait(_REQUEST_SECONDS if self._partial else _IDLE_SECONDS)

    def keeps_alive(self) -> bool:
        """Say whether the connection is used again after this answer."""
        return (
            not self._closing
            and not self._readiness.draining
            and self._serving is not None
            and self._serving.keep_alive
        )

    def write(self, data: bytes) -> None:
        """Write, unless the client has gone."""
        if self._transport is not None and not self._lost.done():
            self._transport.write(data)

    async def drained(self) -> None:
        """Return once the client has read enough for more."""
        if self._writable is not None:
            await self._writable

    async def lost(self) -> None:
        """Return once the connection is closed."""
        await asyncio.shield(self._lost)

    def shutdown(self) -> None:
        """Close now if idle, else after the running answer (uvicorn calls it when it stops)."""
        if self._serving is None:
            self._close()
        self._closing = True

    # Refusing and closing.

    def _too_long(self) -> None:
        self._refuse(413, b"the request is longer than %d bytes" % self._max_body)

    def _refuse(self, status: int, why: bytes) -> None:
        """Answer what cannot be read, once, and close."""
        if self._refused or self._closing:
            return
        self._refused = True
        if self._serving is not None:  # the running answer is the last one
            self._closing = True
            return
        body = orjson.dumps(
            {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": why.decode()}}
        )
        head = _STATUS[status] + b"connection: close\r\n" + _JSON
        self.write(b"".join((head, str(len(body)).encode(), b"\r\n\r\n", body)))
        self._close()

    def _close(self) -> None:
        self._closing = True
        self._unwait()
        if self._transport is not None:
            self._transport.close()

    def _wait(self, seconds: float) -> None:
        self._unwait()
        self._timer = self._loop.call_later(seconds, self._waited)

    def _unwait(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _waited(self) -> None:
        """Close an idle connection, or one whose request does not come."""
        if self._serving is not None:
            return
        if self._partial:
            self._refuse(408, b"the request did not arrive in time")
        else:
            self._close()
