"""A small HTTP/1.1 client for the data path: POST over pooled connections, JSON or SSE back.

Written by hand because the gateway's own cost is what it is measured by: one request is
one write, one answer one future; no task and no connection a call. httptools parses.
Everything else in the project uses ``kit.http``.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import SplitResult, urlsplit

import httptools

_IDLE_SECONDS: Final = 60.0  # uvicorn's own keep-alive is longer: we close first
_HIGH_WATER: Final = 256 * 1024
_MAX_HEADERS: Final = 64 * 1024
_INFORMATIONAL: Final = 200


class Unreached(Exception):
    """No connection could be made: nothing was sent."""


class Broken(Exception):
    """The connection broke after the request was sent: it may have been processed."""


class Late(Exception):
    """The answer did not come whole in time; the connection was closed."""


class Oversized(Exception):
    """The answer is longer than is taken."""


@dataclass(slots=True)
class Answer:
    """One answer: read whole, or, where it is an event stream, to be read as it comes.

    Attributes:
        status: HTTP status.
        headers: Lower-case names.
        body: The whole body; empty for a stream.
        stream: The connection to read chunks from, for ``text/event-stream``.
    """

    status: int
    headers: dict[str, str]
    body: bytes
    stream: "Connection | None" = None


class Connection(asyncio.Protocol):
    """One connection: one request at a time.

    Args:
        max_answer_bytes: Longest answer that is taken.
        left: Called when the server closes the connection while it is idle.
    """

    def __init__(self, max_answer_bytes: int, left: Callable[[], None]) -> None:
        self.transport: asyncio.Transport | None = None
        self.closed = False
        self.idle_since = 0.0
        self._max = max_answer_bytes
        self._left = left
        self._resting = False
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._reset(None)

    def _reset(self, answered: "asyncio.Future[Answer] | None") -> None:
        self._answered = answered
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self._parts: list[bytes] = []
        self._size = 0
        self._streaming = False
        self._complete = False
        self._chunk: asyncio.Future[None] | None = None
        self._failure: Exception | None = None
        self.reusable = False

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one by duck type

    def data_received(self, data: bytes) -> None:
        if self._answered is None:  # bytes that nobody asked for
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(self._failure or Broken(f"not HTTP/1.1: {error}"))
            self.abort()

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        if self._resting:
            self._resting = False
            self._left()
        if self._answered is not None and not self._complete:
            if self._headers and "content-length" not in self._headers and self._until_close():
                self.on_message_complete()
                return
            what = str(error) if error else "the connection was closed"
            self._fail(Broken(f"{what} before the answer was whole"))

    def _until_close(self) -> bool:
        return not self._streaming and "transfer-encoding" not in self._headers

    # What the parser calls.

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > _MAX_HEADERS:
            self._failure = Oversized(f"headers of more than {_MAX_HEADERS} bytes")
            raise self._failure
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        if self._parser.get_status_code() < _INFORMATIONAL:
            return
        if self._headers.get("content-type", "").startswith("text/event-stream"):
            self._streaming = True
            self._give(Answer(self._parser.get_status_code(), self._headers, b"", self))

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size > self._max:
            self._failure = Oversized(f"more than {self._max} bytes")
            raise self._failure
        self._parts.append(body)
        if self._streaming:
            if self._size > _HIGH_WATER and self.transport is not None:
                self.transport.pause_reading()
            self._wake()

    def on_message_complete(self) -> None:
        if self._parser.get_status_code() < _INFORMATIONAL:
            self._headers = {}
            return
        self._complete = True
        self._in_time()
        self.reusable = not self.closed and self._parser.should_keep_alive()
        if self._streaming:
            self._wake()
        else:
            status = self._parser.get_status_code()
            self._give(Answer(status, self._headers, b"".join(self._parts)))

    def _give(self, answer: Answer) -> None:
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(answer)

    def _in_time(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _expire(self) -> None:
        self._timer = None
        self._fail(Late())
        self.abort()

    def _fail(self, error: Exception) -> None:
        self._failure = error
        self._in_time()
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(error)
        self._wake()

    def _wake(self) -> None:
        if self._chunk is not None and not self._chunk.done():
            self._chunk.set_result(None)

    # What the pool and the reader of a stream call.

    def send(self, request: bytes, seconds: float) -> "asyncio.Future[Answer]":
        """Write *request*; the future resolves with the answer, whole within *seconds*.

        Fails with ``Broken``, ``Late`` or ``Oversized``.
        """
        answered: asyncio.Future[Answer] = self._loop.create_future()
        self._reset(answered)
        self._resting = False
        if self.transport is None or self.closed:
            answered.set_exception(Broken("the connection was closed"))
        else:
            self._timer = self._loop.call_later(seconds, self._expire)
            self.transport.write(request)
        return answered

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the stream's bytes as they come.

        Raises:
            Broken: it ended before its end.
            Late: it took too long.
            Oversized: it is longer than is taken.
        """
        while True:
            if self._parts:
                parts, self._parts = b"".join(self._parts), []
                self._size = 0
                if self.transport is not None and not self.closed:
                    self.transport.resume_reading()
                yield parts
                continue
            if self._complete:
                return
            if self._failure is not None:
                raise self._failure
            self._chunk = self._loop.create_future()
            await self._chunk

    def idle_seconds(self) -> float:
        """Return for how long it has been idle."""
        return self._loop.time() - self.idle_since

    def rest(self) -> None:
        """Become idle: from here on, bytes that arrive are nobody's."""
        self._answered = None
        self._resting = True
        self.idle_since = self._loop.time()

    def abort(self) -> None:
        """Close at once; the server sees the caller gone."""
        self.closed = True
        self._resting = False
        self._in_time()
        self.reusable = False
        if self.transport is not None:
            self.transport.abort()


def _nothing() -> None:
    return None


@dataclass(slots=True)
class Pool:
    """Connections to one origin, reused last in, first out.

    Attributes:
        url: The endpoint; its scheme, host and port are where connections go.
        max_answer_bytes: Longest answer that is taken.
        left: Called when the server closes an idle connection: it may be going.
        connect_seconds: Longest wait for a connection.
    """

    url: str
    max_answer_bytes: int
    left: Callable[[], None] = _nothing
    connect_seconds: float = 2.0
    parts: SplitResult = field(init=False)
    _idle: deque[Connection] = field(init=False, default_factory=deque)
    _tls: ssl.SSLContext | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Read the URL once."""
        self.parts = urlsplit(self.url)
        if self.parts.scheme == "https":
            self._tls = ssl.create_default_context()

    @property
    def target(self) -> str:
        """Path and query to ask for."""
        query = f"?{self.parts.query}" if self.parts.query else ""
        return (self.parts.path or "/") + query

    @property
    def authority(self) -> str:
        """The value of ``Host``."""
        return self.parts.netloc

    async def post(self, request: bytes, seconds: float, *, fresh: bool = False) -> Answer:
        """Send *request* and return its answer.

        Args:
            request: Head and body, complete.
            seconds: By when the answer must be whole, a stream included.
            fresh: Do not use a connection that was used before.

        Raises:
            Unreached: nothing was sent.
            Broken: it was sent, and no whole answer came back.
            Late: it was sent, and no whole answer came back in time.
            Oversized: the answer is too long.
        """
        connection = None if fresh else self._take()
        if connection is None:
            connection = await self._connect(min(seconds, self.connect_seconds))
        try:
            answer = await connection.send(request, seconds)
        except BaseException:
            connection.abort()
            raise
        if answer.stream is None:
            self.release(connection)
        return answer

    def release(self, connection: Connection) -> None:
        """Take back a connection whose answer was read; a broken one is closed."""
        if connection.reusable and not connection.closed:
            connection.rest()
            self._idle.append(connection)
        else:
            connection.abort()

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().abort()

    def _take(self) -> Connection | None:
        if not self._idle:
            return None
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and connection.idle_seconds() < _IDLE_SECONDS:
                return connection
            connection.abort()
        return None

    async def _connect(self, seconds: float) -> Connection:
        loop = asyncio.get_running_loop()
        host = self.parts.hostname or ""
        port = self.parts.port or (443 if self._tls else 80)
        try:
            async with asyncio.timeout(seconds):
                _, connection = await loop.create_connection(
                    lambda: Connection(self.max_answer_bytes, self.left),
                    host,
                    port,
                    ssl=self._tls,
                )
        except TimeoutError as error:
            message = f"no connection to {host}:{port} within {seconds:g} s"
            raise Unreached(message) from error
        except OSError as error:
            raise Unreached(f"{_reason(error)} on {host}:{port}") from error
        return connection


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    return (error.strerror or str(error) or type(error).__name__).lower()
