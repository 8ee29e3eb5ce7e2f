"""Both carriers of events keep the same promises."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from typing import Any
from uuid import uuid4

import pytest

from kit.errors import Invalid
from kit.events import MAX_BYTES, Event, Events, LocalEvents, Subscription, open_events
from kit.settings import FleetSettings
from tests.support.nats import nats_server


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nats_server(tmp_path_factory.mktemp("nats")) as url:
        yield url


@pytest.fixture(params=["local", "nats"])
async def events(request: pytest.FixtureRequest) -> AsyncGenerator[Events]:
    nats_url = None if request.param == "local" else request.getfixturevalue("nats_url")
    async with open_events(FleetSettings(nats_url=nats_url), "contract") as events:
        yield events


@pytest.fixture
def area() -> str:
    """Of one test: the broker keeps what other tests published."""
    return f"fleet.{uuid4().hex}"


async def following(subscription: Subscription, count: int = 1) -> list[Event]:
    async with asyncio.timeout(5):
        return [await anext(subscription) for _ in range(count)]


def payloads(events: list[Event]) -> list[dict[str, Any]]:
    return [event.payload for event in events]


async def test_what_is_published_comes_as_it_was(events: Events, area: str) -> None:
    payload = {"server": "linear", "since": None, "checks": [{"ok": True, "ms": 1.5}], "ä": "ö"}
    async with events.subscribe(f"{area}.changed") as subscription:
        await events.publish(f"{area}.changed", payload, event_id="one")
        (event,) = await following(subscription)
    assert (event.subject, event.payload, event.id) == (f"{area}.changed", payload, "one")


async def test_events_come_in_the_order_they_were_published(events: Events, area: str) -> None:
    async with events.subscribe(f"{area}.changed") as subscription:
        for number in range(200):
            await events.publish(f"{area}.changed", {"number": number})
        assert payloads(await following(subscription, 200)) == [{"number": n} for n in range(200)]


@pytest.mark.parametrize("pattern", ["{}.*.changed", "{}.>", "{}.health.*"])
async def test_a_star_is_any_word_and_a_last_arrow_any_rest(
    events: Events, area: str, pattern: str
) -> None:
    async with events.subscribe(pattern.format(area)) as subscription:
        await events.publish(f"{area}.health.changed", {"n": 1})
        assert payloads(await following(subscription)) == [{"n": 1}]


async def test_other_subjects_do_not_come(events: Events, area: str) -> None:
    async with events.subscribe(f"{area}.*.changed") as subscription:
        await events.publish(f"{area}.changed", {"n": 1})
        await events.publish(f"{area}.a.b.changed", {"n": 2})
        await events.publish(f"{area}.health.swapped", {"n": 3})
        await events.publish(f"{area}.health.changed", {"n": 4})
        assert payloads(await following(subscription)) == [{"n": 4}]


async def test_every_subscriber_gets_every_event(events: Events, area: str) -> None:
    async with (
        events.subscribe(f"{area}.changed") as one,
        events.subscribe(f"{area}.changed") as other,
    ):
        await events.publish(f"{area}.changed", {"n": 1})
        assert payloads(await following(one)) == payloads(await following(other)) == [{"n": 1}]


async def test_an_event_id_is_told_once(events: Events, area: str) -> None:
    async with events.subscribe(f"{area}.changed") as subscription:
        for number in (1, 2):
            await events.publish(f"{area}.changed", {"n": number}, event_id=f"{area}.same")
        await events.publish(f"{area}.changed", {"n": 3})
        assert payloads(await following(subscription, 2)) == [{"n": 1}, {"n": 3}]


async def test_events_without_an_id_are_all_told(events: Events, area: str) -> None:
    async with events.subscribe(f"{area}.changed") as subscription:
        for _ in range(2):
            await events.publish(f"{area}.changed", {"n": 1})
        one, other = await following(subscription, 2)
    assert one.id != other.id


async def test_giving_up_to_wait_loses_no_event(events: Events, area: str) -> None:
    async with events.subscribe(f"{area}.changed") as subscription:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await anext(subscription)
        await events.publish(f"{area}.changed", {"n": 1})
        assert payloads(await following(subscription)) == [{"n": 1}]


async def test_events_wait_under_a_durable_name(events: Events, area: str) -> None:
    name = uuid4().hex
    async with events.subscribe(f"{area}.changed", durable=name):
        pass
    await events.publish(f"{area}.changed", {"n": 1})
    async with events.subscribe(f"{area}.changed", durable=name) as subscription:
        assert payloads(await following(subscription)) == [{"n": 1}]


async def test_those_of_one_durable_name_share_the_events(events: Events, area: str) -> None:
    name = uuid4().hex
    async with (
        events.subscribe(f"{area}.changed", durable=name) as one,
        events.subscribe(f"{area}.changed", durable=name) as other,
    ):
        for number in range(10):
            await events.publish(f"{area}.changed", {"n": number})
        seen: list[int] = []

        async def work(subscription: Subscription) -> None:
            async for event in subscription:
                seen.append(event.payload["n"])
                await event.ack()
                if len(seen) == 10:
                    done.set()

        done = asyncio.Event()
        async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
            workers = [tasks.create_task(work(each)) for each in (one, other)]
            await done.wait()
            for worker in workers:
                worker.cancel()
    assert sorted(seen) == list(range(10))


async def test_an_event_without_ack_goes_to_the_next_subscription(
    events: Events, area: str
) -> None:
    name = uuid4().hex
    async with events.subscribe(f"{area}.changed", durable=name) as subscription:
        await events.publish(f"{area}.changed", {"n": 1})
        await events.publish(f"{area}.changed", {"n": 2})
        done, left = await following(subscription, 2)
        await done.ack()
    async with events.subscribe(f"{area}.changed", durable=name) as subscription:
        (again,) = await following(subscription)
        await again.ack()
        await events.publish(f"{area}.changed", {"n": 3})
        (following_one,) = await following(subscription)
    assert (again.id, again.payload) == (left.id, {"n": 2})
    assert following_one.payload == {"n": 3}


async def test_an_acknowledgement_may_come_twice(events: Events, area: str) -> None:
    async with events.subscribe(f"{area}.changed", durable=uuid4().hex) as subscription:
        await events.publish(f"{area}.changed", {"n": 1})
        (event,) = await following(subscription)
        await event.ack()
        await event.ack()


@pytest.mark.parametrize(
    "subject",
    ["fleet", "fleet.", "fleet.*", "fleet.>", "other.changed", "fleet.a b", "fleet..a", ""],
)
async def test_only_the_fleets_subjects_are_published(events: Events, subject: str) -> None:
    with pytest.raises(Invalid) as refused:
        await events.publish(subject, {})
    assert refused.value.field == "subject"


@pytest.mark.parametrize("subject", ["fleet", "other.>", ">", "fleet.>.a", "fleet.a*", "fleet.a\n"])
async def test_only_the_fleets_subjects_are_subscribed_to(events: Events, subject: str) -> None:
    with pytest.raises(Invalid) as refused:
        events.subscribe(subject)
    assert refused.value.field == "subject"


async def test_a_durable_name_is_a_word(events: Events) -> None:
    with pytest.raises(Invalid) as refused:
        events.subscribe("fleet.>", durable="a.b")
    assert refused.value.field == "durable"


@pytest.mark.parametrize("payload", [{"x": object()}, {"x": "y" * MAX_BYTES}])
async def test_what_cannot_be_carried_is_refused_at_once(
    events: Events, area: str, payload: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        await events.publish(f"{area}.changed", payload)
    assert refused.value.field == "payload"


async def test_a_carrier_that_stands_says_how(events: Events, area: str) -> None:
    async with events.subscribe(f"{area}.changed"):  # stands, so there is a connection
        told = await events.check()
    assert (
        "within this process" in told
        if isinstance(events, LocalEvents)
        else "connected to 127.0.0.1:" in told
    )
