"""Events: facts that processes tell each other, ``fleet.<area>.<past participle>``.

Publishing never waits for anybody and never fails for want of a broker: what cannot be sent
is kept, up to a limit, and the oldest of it is dropped and counted. An event comes at least
once. ``kit.jetstream`` carries events between processes, ``LocalEvents`` within one.
"""

import asyncio
import re
from abc import ABC, abstractmethod
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Final, Protocol, Self
from uuid import uuid4
from weakref import WeakSet

import orjson

from kit.clock import Clock, SystemClock
from kit.errors import Invalid
from kit.metrics import counter
from kit.settings import FleetSettings

KEPT: Final = 10_000
"""Events that wait, a publisher or a subscriber."""
MAX_BYTES: Final = 512 * 1024
DUPLICATE_SECONDS: Final = 120.0
"""How long an event id is remembered; JetStream's default window."""

_SUBJECT: Final = re.compile(r"fleet(\.[A-Za-z0-9_-]+)+")
_PATTERN: Final = re.compile(r"fleet(\.([A-Za-z0-9_-]+|\*))*(\.>)?")
_DURABLE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PROCESS: Final = uuid4().hex
_NUMBERS: Final = count()

dropped: Final = counter("fleet.events.dropped", "Events given up for want of room", "{event}")


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it came.

    Attributes:
        subject: ``fleet.health.changed``.
        payload: What happened, as JSON.
        id: The same for an event that comes twice.
        ack: Says that it was dealt with; of use for durable subscriptions only.
    """

    subject: str
    payload: dict[str, Any]
    id: str
    ack: Callable[[], Awaitable[None]] = field(compare=False)


class Subscription(ABC):
    """An async iterator of events; closed by ``async with``, or with its owner.

    Entering ``async with`` returns once the subscription stands: what is published from then
    on comes. ``async for`` alone lets it stand at the first event asked for.
    """

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    @abstractmethod
    async def __anext__(self) -> Event:
        """Return the next event, however long that takes."""

    @abstractmethod
    async def stand(self) -> None:
        """Return once events come."""

    @abstractmethod
    async def aclose(self) -> None:
        """Take no more; events of a durable subscription without ``ack`` go to its others."""

    async def __aenter__(self) -> Self:
        await self.stand()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


class Events(Protocol):
    """Where events are published and come from."""

    async def publish(
        self, subject: str, payload: dict[str, Any], *, event_id: str | None = None
    ) -> None:
        """Tell everybody; returns at once.

        Args:
            subject: ``fleet.<area>.<past participle>``.
            payload: JSON, 512 KiB at most.
            event_id: An event of the same id is told once within two minutes.

        Raises:
            Invalid: the subject or the payload is none.
        """
        ...

    def subscribe(self, subject: str, *, durable: str | None = None) -> Subscription:
        """Return the events of *subject*, in which ``*`` is any word and a last ``>`` any rest.

        Args:
            subject: ``fleet.health.changed``, ``fleet.*.changed``, ``fleet.>``.
            durable: A name under which events wait while nobody takes them, and which share
                them when several do. Without it, each subscription gets each event, from now
                on.

        Raises:
            Invalid: the subject or the name is none.
        """
        ...

    async def check(self) -> str:
        """Return how it is carried (for ``kit.health``).

        Raises:
            Unavailable: the broker is away; events wait for it.
        """
        ...


@asynccontextmanager
async def open_events(settings: FleetSettings, process: str = "fleet") -> AsyncGenerator[Events]:
    """Yield events: over NATS where ``nats_url`` is set, else within this process.

    NATS need not be there: it is connected to in the background, for ever.
    """
    if settings.nats_url is None:
        yield LocalEvents()
        return
    from kit.jetstream import (  # noqa: PLC0415 -- 130 ms that a process without NATS should not pay
        NatsEvents,
    )

    async with NatsEvents(settings.nats_url, process) as events:
        yield events


def fresh_id() -> str:
    """Return an id that no other event has; 0.2 µs, where a random one takes 2."""
    return f"{_PROCESS}-{next(_NUMBERS)}"


def packed(subject: str, payload: dict[str, Any]) -> bytes:
    """Return *payload* as it is carried.

    Raises:
        Invalid: no such subject, no JSON, or too much of it.
    """
    if _SUBJECT.fullmatch(subject) is None:
        raise Invalid(f"{subject!r} is no subject; expected fleet.<area>.<fact>", field="subject")
    try:
        body = orjson.dumps(payload)
    except TypeError as error:
        raise Invalid(f"the payload of {subject} is no JSON: {error}", field="payload") from error
    if len(body) > MAX_BYTES:
        raise Invalid(
            f"the payload of {subject} has {len(body)} bytes, over {MAX_BYTES}", field="payload"
        )
    return body


def checked(subject: str, durable: str | None) -> None:
    """Raise Invalid unless *subject* and *durable* can be subscribed to."""
    if _PATTERN.fullmatch(subject) is None or subject == "fleet":
        raise Invalid(
            f"{subject!r} is no subject; expected fleet.<area>.<fact>, * or > for any",
            field="subject",
        )
    if durable is not None and _DURABLE.fullmatch(durable) is None:
        raise Invalid(f"{durable!r} is no name; expected letters, digits, - and _", field="durable")


@dataclass(frozen=True, slots=True)
class _Packed:
    subject: str
    body: bytes
    id: str


class _Waiting:
    """Events for one subscription, or for those that share a durable name."""

    def __init__(self, subject: str) -> None:
        words = [re.escape(word) for word in subject.split(".")]
        spelled = {r"\*": r"[^.]+", ">": ".+"}
        self._matches = re.compile(r"\.".join(spelled.get(word, word) for word in words)).fullmatch
        self._events: deque[_Packed] = deque()
        self._arrived = asyncio.Event()
        self.subject = subject

    def offer(self, event: _Packed) -> None:
        """Keep *event* if it is meant."""
        if self._matches(event.subject) is None:
            return
        if len(self._events) >= KEPT:
            self._events.popleft()
            dropped.add()
        self._events.append(event)
        self._arrived.set()

    async def take(self) -> _Packed:
        """Return the first, once there is one."""
        while not self._events:
            self._arrived.clear()
            await self._arrived.wait()
        return self._events.popleft()

    def give_back(self, events: list[_Packed]) -> None:
        """Put *events*, which were taken, in front."""
        self._events.extendleft(reversed(events))
        self._arrived.set()


class LocalEvents:
    """Events within one process.

    Args:
        clock: For how long an id is remembered.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._open: WeakSet[_Waiting] = WeakSet()  # gone with their subscription
        self._durable: dict[str, _Waiting] = {}
        self._told: OrderedDict[str, float] = OrderedDict()

    async def publish(
        self, subject: str, payload: dict[str, Any], *, event_id: str | None = None
    ) -> None:
        """Tell everybody in this process."""
        body = packed(subject, payload)
        if event_id is not None and self._is_repeated(event_id):
            return
        event = _Packed(subject, body, event_id or fresh_id())
        for waiting in [*self._open, *self._durable.values()]:
            waiting.offer(event)

    def subscribe(self, subject: str, *, durable: str | None = None) -> Subscription:
        """Return the events of *subject*."""
        checked(subject, durable)
        if durable is None:
            own = _Waiting(subject)
            self._open.add(own)
            return _LocalSubscription(own, self._open)
        waiting = self._durable.setdefault(durable, _Waiting(subject))
        if waiting.subject != subject:
            raise Invalid(f"{durable} is for {waiting.subject}, not {subject}", field="durable")
        return _LocalSubscription(waiting)

    async def check(self) -> str:
        """Return how it is carried."""
        return "within this process"

    def _is_repeated(self, event_id: str) -> bool:
        now = self._clock.now()
        while self._told:
            oldest, told = next(iter(self._told.items()))
            if now - told < DUPLICATE_SECONDS and len(self._told) < KEPT:
                break
            del self._told[oldest]
        if event_id in self._told:
            return True
        self._told[event_id] = now
        return False


class _LocalSubscription(Subscription):
    def __init__(self, waiting: _Waiting, among: WeakSet[_Waiting] | None = None) -> None:
        self._waiting = waiting
        self._among = among  # None: durable, so it stays
        self._taken: dict[str, _Packed] = {}

    async def stand(self) -> None:
        return

    async def __anext__(self) -> Event:
        event = await self._waiting.take()
        if self._among is None:
            self._taken[event.id] = event

        async def ack() -> None:
            self._taken.pop(event.id, None)

        return Event(event.subject, orjson.loads(event.body), event.id, ack)

    async def aclose(self) -> None:
        if self._among is not None:
            self._among.discard(self._waiting)
        taken, self._taken = list(self._taken.values()), {}
        self._waiting.give_back(taken)
