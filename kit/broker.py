"""The connection to NATS: made and made again in the background, for ever."""

import asyncio
import contextlib
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import StreamConfig
from nats.js.errors import BadRequestError, NotFoundError

from kit import log
from kit.clock import SystemClock
from kit.errors import Unavailable

FAILURES: Final = (NatsError, OSError, asyncio.InvalidStateError)
"""What the NATS library raises when NATS is away or answers that it cannot."""
RETRY_SECONDS: Final = 0.5
REQUEST_SECONDS: Final = 5.0
_PING_SECONDS: Final = 10  # two without an answer: the connection is given up
_CANCEL_SECONDS: Final = 0.05
_CLOCK: Final = SystemClock()
_log = log.get(__name__)

ResultT = TypeVar("ResultT")


class Broker:
    """NATS with one stream in it; an async context manager that waits for nothing.

    Args:
        url: ``nats://host:port``, several separated by commas.
        name: Of this process, as NATS shows it.
        stream: Made where it is not there; one that is there stays as its operators want it.

    Attributes:
        place: Where it is, without credentials.
        losses: How many connections were lost so far.
    """

    def __init__(self, url: str, name: str, stream: StreamConfig) -> None:
        self._servers = url.split(",")
        self._name = name
        self._config = stream
        self._client = Client()
        self._ready: JetStreamContext | None = None  # while connected, with the stream there
        self._up = asyncio.Event()
        self._changed = asyncio.Event()
        self._interrupted: set[asyncio.Future[Any]] = set()
        self._connecting: asyncio.Task[None] | None = None
        self.place = ", ".join(_place(server) for server in self._servers)
        self.losses = 0

    async def __aenter__(self) -> Self:
        self._connecting = asyncio.create_task(self._connect())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connecting is not None:
            await stop(self._connecting)
        self._ready = None  # so that the end, which is wanted, is not told as a loss
        await self._client.close()

    @property
    def up(self) -> bool:
        """It is connected and the stream is there."""
        return self._ready is not None

    async def stream(self) -> JetStreamContext:
        """Return JetStream, once it is there."""
        while self._ready is None:
            await self._up.wait()
        return self._ready

    async def check(self) -> str:
        """Return where it is connected to.

        Raises:
            Unavailable: it is not.
        """
        if self._ready is None:
            raise Unavailable(f"NATS at {self.place} cannot be reached", provider="nats")
        return f"connected to {self.place}"

    async def while_up(self, work: Awaitable[ResultT]) -> ResultT:
        """Return what *work* does; the end of the connection ends it too.

        Raises:
            Unavailable: the connection was lost meanwhile.
        """
        future = asyncio.ensure_future(work)
        self._interrupted.add(future)
        try:
            await asyncio.wait({future})
        finally:
            self._interrupted.discard(future)
            future.cancel()
        if future.cancelled():
            raise Unavailable("the connection to NATS was lost", provider="nats")
        return future.result()

    def doubt(self) -> None:
        """Look again whether the stream is there."""
        self._changed.set()

    async def _connect(self) -> None:
        while True:
            closed = asyncio.Event()
            await self._open(closed)
            self._changed.set()
            while not closed.is_set():
                await self._changed.wait()
                self._changed.clear()
                await self._prepare()
            # NATS ended it for good, for example because the account was taken away.
            await _CLOCK.sleep(RETRY_SECONDS)
            self._client = Client()

    async def _open(self, closed: asyncio.Event) -> None:
        async def failed(error: Exception) -> None:
            _log.debug("broker.failed", place=self.place, error=str(error) or type(error).__name__)

        async def connected() -> None:
            self._changed.set()

        async def ended() -> None:
            closed.set()
            self._changed.set()

        await self._client.connect(
            self._servers,
            name=self._name,
            error_cb=failed,
            disconnected_cb=self._lost,
            reconnected_cb=connected,
            closed_cb=ended,
            connect_timeout=2,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RETRY_SECONDS,  # type: ignore[arg-type]  # any number does
            ping_interval=_PING_SECONDS,
        )

    async def _prepare(self) -> None:
        """Have the stream there, however long that takes."""
        told = False
        while self._client.is_connected:
            stream = self._client.jetstream(timeout=REQUEST_SECONDS)
            try:
                await self._have(stream)
            except FAILURES as error:
                if not told:
                    _log.warning("broker.no_stream", place=self.place, error=str(error))
                told = True
                await _CLOCK.sleep(RETRY_SECONDS)
            else:
                if self._ready is None:
                    _log.info("broker.connected", place=self.place)
                self._ready = stream
                self._up.set()
                return

    async def _have(self, stream: JetStreamContext) -> None:
        try:
            await stream.stream_info(str(self._config.name))
        except NotFoundError:
            with contextlib.suppress(BadRequestError):  # another process was faster
                await stream.add_stream(self._config)

    async def _lost(self) -> None:
        if self._ready is not None:
            _log.warning("broker.disconnected", place=self.place)
        self._ready = None
        self._up.clear()
        self.losses += 1
        for future in self._interrupted:
            future.cancel()


async def stop(task: asyncio.Task[Any]) -> None:
    """Cancel *task* until it has ended.

    Once is not enough: ``asyncio.wait_for``, which the NATS library uses, loses a cancellation
    that comes together with its result (Python 3.11; github.com/python/cpython/issues/86296).
    """
    while not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=_CANCEL_SECONDS)


def _place(server: str) -> str:
    parts = urlsplit(server if "://" in server else f"nats://{server}")
    return f"{parts.hostname}:{parts.port or 4222}"
