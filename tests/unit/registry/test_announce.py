import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from kit.events import LocalEvents
from registry.announce import announce
from registry.model import Server, ServerHealth, State
from registry.store import Store
from tests.support.registry import server, settled, turns

NOW = datetime(2026, 1, 5, tzinfo=UTC)
A = Server.model_validate(server("a"))
B = Server.model_validate(server("b"))
UNKNOWN = ServerHealth(State.UNKNOWN, NOW)
UP = ServerHealth(State.UP, NOW)
DOWN = ServerHealth(State.DOWN, NOW, "connection refused")


class Recorder:
    """Takes events by their subject."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    async def publish(self, subject: str, payload: dict[str, Any]) -> None:
        self.events.append((subject, payload))


@pytest.fixture
def told() -> Recorder:
    return Recorder()


async def test_what_changed_is_told_once(told: Recorder) -> None:
    store = Store("test")
    task = asyncio.create_task(announce(store.watch(), told))
    await turns()
    assert told.events == []
    store.swap([A, B], {"a": UNKNOWN, "b": UNKNOWN})
    await settled(lambda: len(told.events) == 1)
    store.learn("a", UP)
    await settled(lambda: len(told.events) == 2)
    store.learn("a", ServerHealth(State.UP, NOW, "1 of 3 bad probes: connection refused"))
    await turns()
    store.learn("a", DOWN)
    await settled(lambda: len(told.events) == 3)
    store.swap([A], {"a": DOWN})
    await settled(lambda: len(told.events) == 4)
    task.cancel()
    swapped, up, down, removed = told.events
    assert swapped[0] == "fleet.snapshot.swapped"
    assert (swapped[1]["added"], swapped[1]["revision"]) == (["a", "b"], 1)
    assert up[0] == down[0] == "fleet.health.changed"
    assert (up[1]["server"], up[1]["before"], up[1]["state"]) == ("a", "UNKNOWN", "UP")
    assert down[1] == {
        "server": "a",
        "before": "UP",
        "state": "DOWN",
        "reason": "connection refused",
        "since": "2026-01-05T00:00:00+00:00",
    }
    assert removed[1]["removed"] == ["b"]


async def test_only_the_registry_that_probes_tells(told: Recorder) -> None:
    store = Store("test")
    task = asyncio.create_task(announce(store.watch(), told, lambda: False))
    store.swap([A], {"a": UP})
    await turns()
    task.cancel()
    assert told.events == []


async def test_the_fleets_events_fit() -> None:
    events, store = LocalEvents(), Store("test")
    async with events.subscribe("fleet.snapshot.*") as changes, asyncio.timeout(5):
        task = asyncio.create_task(announce(store.watch(), events))
        store.swap([A], {"a": UP})
        assert (await anext(changes)).payload["servers"] == 1
        task.cancel()
