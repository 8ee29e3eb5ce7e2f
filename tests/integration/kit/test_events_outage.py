"""NATS goes and comes back: publishers do not notice, subscribers go on where they were."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from kit import events as kit_events
from kit import metrics
from kit.clock import SystemClock
from kit.errors import Unavailable
from kit.events import Event, Events, Subscription, open_events
from kit.settings import FleetSettings
from tests.support.nats import nats_server


class Nats:
    """A server that can be stopped and started again at the same place."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._running = ExitStack()
        self.url = self._running.enter_context(nats_server(store))

    def stop(self) -> None:
        self._running.close()

    def start(self) -> None:
        self._running.enter_context(nats_server(self._store, int(self.url.rsplit(":", 1)[1])))


@pytest.fixture
def nats(tmp_path: Path) -> Generator[Nats]:
    nats = Nats(tmp_path)
    yield nats
    nats.stop()


@pytest.fixture
async def events(nats: Nats) -> AsyncGenerator[Events]:
    async with open_events(FleetSettings(nats_url=nats.url), "outage") as events:
        yield events


@contextmanager
def counted_drops() -> Generator[list[float]]:
    before = kit_events.dropped.bind().total
    after: list[float] = []
    yield after
    after.append(kit_events.dropped.bind().total - before)


async def following(subscription: Subscription, count: int) -> list[Event]:
    async with asyncio.timeout(10):
        return [await anext(subscription) for _ in range(count)]


async def told(events: Events, what: str) -> str:
    """Wait until the check says *what*, and return all of what it says."""
    said = ""
    async with asyncio.timeout(10):
        while what not in said:
            await SystemClock().sleep(0.01)
            try:
                said = await events.check()
            except Unavailable as error:
                said = error.message
    return said


async def test_what_is_published_while_nats_is_away_comes_when_it_is_back(
    nats: Nats, events: Events
) -> None:
    async with events.subscribe("fleet.test.told") as subscription:
        await events.publish("fleet.test.told", {"n": 0})
        await following(subscription, 1)
        nats.stop()
        await told(events, "cannot be reached")
        for number in range(1, 101):
            await events.publish("fleet.test.told", {"n": number})
        nats.start()
        seen = await following(subscription, 100)
    assert [event.payload["n"] for event in seen] == list(range(1, 101))


async def test_nothing_is_told_twice_over_a_restart_under_load(nats: Nats, events: Events) -> None:
    async with events.subscribe("fleet.test.told", durable="load") as subscription:
        for number in range(300):
            await events.publish("fleet.test.told", {"n": number})
        nats.stop()
        for number in range(300, 400):
            await events.publish("fleet.test.told", {"n": number})
        nats.start()
        seen = []
        for _ in range(400):
            (event,) = await following(subscription, 1)
            await event.ack()
            seen.append(event.payload["n"])
    assert sorted(seen) == list(range(400))


async def test_events_wait_for_a_nats_that_was_never_there(tmp_path: Path) -> None:
    with nats_server(tmp_path) as url:
        pass
    async with open_events(FleetSettings(nats_url=url), "early") as events:
        await events.publish("fleet.test.told", {"n": 1})
        message = await told(events, "cannot be reached")
        assert message == f"NATS at {url.removeprefix('nats://')} cannot be reached; 1 events wait"
        with nats_server(tmp_path, int(url.rsplit(":", 1)[1])):
            await told(events, "connected to")
            await told(events, "; 0 events wait")


async def test_a_process_ends_though_nats_is_away_and_counts_what_is_lost(tmp_path: Path) -> None:
    with nats_server(tmp_path) as url:
        pass
    with counted_drops() as drops:
        async with asyncio.timeout(5), open_events(FleetSettings(nats_url=url), "gone") as events:
            await events.publish("fleet.test.told", {"n": 1})
    assert drops == [1]


async def test_what_was_published_last_is_sent_before_the_process_ends(nats: Nats) -> None:
    settings = FleetSettings(nats_url=nats.url)
    async with (
        asyncio.timeout(10),
        open_events(settings, "reader") as reader,
        reader.subscribe("fleet.test.told") as subscription,
    ):
        async with open_events(settings, "writer") as writer, writer.subscribe("fleet.>"):
            await writer.publish("fleet.test.told", {"n": "last"})
        (event,) = await following(subscription, 1)
    assert event.payload == {"n": "last"}


async def test_the_oldest_of_too_many_events_are_dropped_and_counted(
    nats: Nats, monkeypatch: pytest.MonkeyPatch
) -> None:
    nats.stop()
    async with open_events(FleetSettings(nats_url=nats.url), "full") as events:
        monkeypatch.setattr("kit.jetstream.KEPT", 10)
        with counted_drops() as drops:
            for number in range(25):
                await events.publish("fleet.test.told", {"n": number})
        waiting = {
            each.identity.name: each.ask()
            for each in metrics.instruments()
            if isinstance(each, metrics.Gauge)
        }
        assert waiting["fleet.events.waiting"] == 10
        nats.start()
        await told(events, "; 0 events wait")
    assert drops == [15]


async def test_a_foreign_message_that_is_no_json_hides_no_event(nats: Nats, events: Events) -> None:
    async with events.subscribe("fleet.test.told") as subscription:
        await foreign(nats.url, "fleet.test.told", b"\xff not json")
        await events.publish("fleet.test.told", {"n": 1})
        (event,) = await following(subscription, 1)
    assert event.payload == {"n": 1}


async def foreign(url: str, subject: str, body: bytes) -> None:
    """Publish by hand, without the kit: PUB of the NATS protocol."""
    host, port = url.removeprefix("nats://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"CONNECT {}\r\nPUB %s %d\r\n%s\r\nPING\r\n" % (subject.encode(), len(body), body))
    async with asyncio.timeout(5):
        while not (await reader.readline()).startswith(b"PONG"):
            pass
    writer.close()
    await writer.wait_closed()
