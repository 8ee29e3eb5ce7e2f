"""Events between processes, over NATS JetStream."""

import asyncio
import contextlib
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

import orjson
from nats.aio.msg import Msg
from nats.errors import MaxPayloadError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, Header, PubAck, StreamConfig
from nats.js.errors import APIError, ServiceUnavailableError

from kit import log
from kit.broker import FAILURES, REQUEST_SECONDS, RETRY_SECONDS, Broker, stop
from kit.clock import SystemClock
from kit.errors import Unavailable
from kit.events import (
    DUPLICATE_SECONDS,
    KEPT,
    Event,
    Subscription,
    checked,
    dropped,
    fresh_id,
    packed,
)
from kit.metrics import gauge

STREAM: Final = "FLEET"
_CONFIG: Final = StreamConfig(
    name=STREAM,
    subjects=["fleet.>"],
    max_age=7 * 24 * 3600.0,
    max_bytes=256 * 1024 * 1024,
    duplicate_window=DUPLICATE_SECONDS,
)
_LINGER_SECONDS: Final = 2.0
_FETCH_SECONDS: Final = 30.0
_FORGET_SECONDS: Final = 60.0  # NATS drops a consumer of ours that was not asked for so long
_BATCH: Final = 64
_CLOCK: Final = SystemClock()
_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class _Outgoing:
    subject: str
    body: bytes
    id: str


class NatsEvents:
    """Events over NATS; an async context manager.

    Args:
        url: ``nats://host:port``, several separated by commas.
        name: Of this process, as NATS shows it.
    """

    def __init__(self, url: str, name: str) -> None:
        self._broker = Broker(url, name, _CONFIG)
        self._queue: deque[_Outgoing] = deque()
        self._queued = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._dropping = False
        self._sending: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        gauge("fleet.events.waiting", lambda: len(self._queue), "Events to be sent", "{event}")
        await self._broker.__aenter__()
        self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._broker.up:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LINGER_SECONDS):
                    await self._idle.wait()
        if self._sending is not None:
            await stop(self._sending)
        if self._queue:
            _log.warning("events.lost", count=len(self._queue), place=self._broker.place)
            dropped.add(len(self._queue))
        await self._broker.__aexit__(kind, error, trace)

    async def publish(
        self, subject: str, payload: dict[str, Any], *, event_id: str | None = None
    ) -> None:
        """Queue an event; it is sent as soon as NATS is there."""
        event = _Outgoing(subject, packed(subject, payload), event_id or fresh_id())
        self._queue.append(event)
        self._drop_surplus()
        self._idle.clear()
        self._queued.set()

    def subscribe(self, subject: str, *, durable: str | None = None) -> Subscription:
        """Return the events of *subject*."""
        checked(subject, durable)
        return _NatsSubscription(self._broker, subject, durable)

    async def check(self) -> str:
        """Return where it is connected to and how much waits, else raise Unavailable."""
        waiting = f"{len(self._queue)} events wait"
        try:
            return f"{await self._broker.check()}; {waiting}"
        except Unavailable as error:
            raise Unavailable(f"{error.message}; {waiting}", provider="nats") from error

    async def _send(self) -> None:
        while True:
            await self._queued.wait()
            stream = await self._broker.stream()
            self._dropping = False
            batch = [self._queue.popleft() for _ in range(min(_BATCH, len(self._queue)))]
            unsent = batch
            try:
                unsent = await self._unsent(stream, batch)
            finally:
                self._queue.extendleft(reversed(unsent))
            if unsent:
                self._drop_surplus()
                await _CLOCK.sleep(RETRY_SECONDS)
            elif not self._queue:
                self._queued.clear()
                self._idle.set()

    async def _unsent(self, stream: JetStreamContext, batch: list[_Outgoing]) -> list[_Outgoing]:
        """Send *batch* and return what NATS has not acknowledged, in order."""
        acks: list[tuple[_Outgoing, asyncio.Future[PubAck] | None]] = []
        for event in batch:
            headers = {Header.MSG_ID.value: event.id}
            try:
                ack = await stream.publish_async(event.subject, event.body, headers=headers)
            except MaxPayloadError as error:
                _refused(event, error)
            except FAILURES:
                acks.append((event, None))
            else:
                acks.append((event, ack))
        sent = [ack for _, ack in acks if ack is not None]
        if sent:
            with contextlib.suppress(Unavailable):
                await self._broker.while_up(asyncio.wait(sent, timeout=REQUEST_SECONDS))
        unsent = [event for event, ack in acks if ack is None or not _is_settled(event, ack)]
        if unsent:
            self._broker.doubt()
        return unsent

    def _drop_surplus(self) -> None:
        surplus = len(self._queue) - KEPT
        if surplus <= 0:
            return
        if not self._dropping:
            self._dropping = True
            _log.warning("events.dropping", place=self._broker.place, kept=KEPT)
        for _ in range(surplus):
            self._queue.popleft()
        dropped.add(surplus)


def _is_settled(event: _Outgoing, ack: asyncio.Future[PubAck]) -> bool:
    """Say whether NATS has taken *event* or will never."""
    if ack.cancel() or ack.cancelled():  # no answer so far
        return False
    error = ack.exception()
    if isinstance(error, APIError) and not isinstance(error, ServiceUnavailableError):
        _refused(event, error)
        return True
    return error is None


def _refused(event: _Outgoing, error: Exception) -> None:
    _log.error("event.refused", subject=event.subject, error=str(error))
    dropped.add()


class _NatsSubscription(Subscription):
    def __init__(self, broker: Broker, subject: str, durable: str | None) -> None:
        self._broker = broker
        self._subject = subject
        self._durable = durable
        self._consumer = ""
        self._connection = -1  # the one that the consumer was made on
        self._after: int | None = None  # position in the stream that was reached
        self._pull: JetStreamContext.PullSubscription | None = None
        self._fetching: asyncio.Task[list[Msg]] | None = None
        self._taken: dict[str, Msg] = {}

    async def stand(self) -> None:
        await self._standing()

    async def _standing(self) -> JetStreamContext.PullSubscription:
        while self._pull is None or self._connection != self._broker.losses:
            await self._fall()
            stream = await self._broker.stream()
            self._connection = self._broker.losses
            config = self._config()
            self._consumer = str(config.name)
            try:
                info = await stream.add_consumer(STREAM, config)
                self._pull = await stream.pull_subscribe_bind(self._consumer, STREAM)
            except FAILURES as error:
                _log.warning("events.not_subscribed", subject=self._subject, error=str(error))
                await _CLOCK.sleep(RETRY_SECONDS)
                continue
            if self._after is None and info.delivered is not None:
                self._after = info.delivered.stream_seq
        return self._pull

    def _config(self) -> ConsumerConfig:
        if self._durable is not None:
            return ConsumerConfig(
                name=self._durable,
                durable_name=self._durable,
                filter_subject=self._subject,
                deliver_policy=DeliverPolicy.NEW,
            )
        started = self._after is not None
        return ConsumerConfig(
            name=uuid4().hex,
            filter_subject=self._subject,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE if started else DeliverPolicy.NEW,
            opt_start_seq=None if self._after is None else self._after + 1,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=_FORGET_SECONDS,
            mem_storage=True,
        )

    async def __anext__(self) -> Event:
        while True:
            pull = await self._standing()
            if self._fetching is None:
                self._fetching = asyncio.create_task(pull.fetch(1, _FETCH_SECONDS))
            try:
                # Shielded, so that a caller who gives up waiting loses no event.
                (message,) = await self._broker.while_up(asyncio.shield(self._fetching))
            except Unavailable:
                continue
            except NatsTimeout:
                self._fetching = None
            except FAILURES as error:
                _log.info("events.subscribing_again", subject=self._subject, error=str(error))
                self._connection = -1
                await _CLOCK.sleep(RETRY_SECONDS)
            else:
                self._fetching = None
                event = await self._read(message)
                if event is not None:
                    return event

    async def _read(self, message: Msg) -> Event | None:
        place = message.metadata.sequence.stream
        self._after = max(self._after or 0, place)
        event_id = (message.headers or {}).get(Header.MSG_ID.value) or f"{STREAM}-{place}"
        if self._durable is not None:
            self._taken[event_id] = message

        async def ack() -> None:
            taken = self._taken.pop(event_id, None)
            if taken is not None:
                with contextlib.suppress(*FAILURES):
                    await taken.ack()

        try:
            payload = orjson.loads(message.data)
        except orjson.JSONDecodeError:
            _log.warning("event.unreadable", subject=message.subject, place=place)
            await ack()
            return None
        return Event(message.subject, payload, event_id, ack)

    async def aclose(self) -> None:
        await self._fall()
        taken, self._taken = list(self._taken.values()), {}
        for message in taken:
            with contextlib.suppress(*FAILURES):
                await message.nak()

    async def _fall(self) -> None:
        """Let go of what ``_standing`` made; NATS forgets its half by itself."""
        fetching, self._fetching = self._fetching, None
        if fetching is not None:
            await stop(fetching)
            if self._durable and not fetching.cancelled() and fetching.exception() is None:
                for message in fetching.result():  # came in the meantime; without a durable
                    with contextlib.suppress(*FAILURES):  # name it comes again by its position
                        await message.nak()
        pull, self._pull = self._pull, None
        if pull is not None:
            with contextlib.suppress(*FAILURES):
                await pull.unsubscribe()
