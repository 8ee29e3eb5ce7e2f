import asyncio
from collections.abc import AsyncGenerator

import pytest

from registry.health import Observation, Track
from registry.model import Server, State
from registry.prober import AT_ONCE, Prober, Target
from tests.support.clock import FakeClock
from tests.support.registry import BAD, GOOD, Answers, server, settled, turns

HEALTH = {"interval_seconds": 30, "quick_interval_seconds": 1, "fall": 3, "rise": 2}


def targets(*names: str) -> dict[str, Target]:
    return {
        name: Target(Server.model_validate(server(name, health=HEALTH)), f"token of {name}")
        for name in names
    }


class Bench:
    """A prober on a clock that the test moves."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.answers = Answers()
        self.told: list[tuple[str, State]] = []
        self.prober = Prober(self.answers, self.clock, self._found, spread=lambda: 0)

    async def _found(self, name: str, track: Track) -> None:
        self.told.append((name, track.health.state))

    async def probed(self, times: int) -> None:
        """Wait until *times* probes were made and every loop sleeps again."""
        await settled(lambda: len(self.told) >= times and self.clock.sleeping)
        assert len(self.told) == times


@pytest.fixture
async def bench() -> AsyncGenerator[Bench]:
    found = Bench()
    yield found
    await found.prober.close()


async def test_nothing_is_probed_without_the_role(bench: Bench) -> None:
    bench.prober.use(targets("a"))
    assert not bench.answers.asked
    bench.prober.start()
    await bench.probed(1)
    bench.prober.rest()
    bench.clock.advance(60)
    await turns()
    assert bench.answers.asked == ["a"]


async def test_each_probe_carries_the_servers_own_token(bench: Bench) -> None:
    bench.prober.start()
    bench.prober.use(targets("a", "b"))
    await bench.probed(2)
    assert bench.answers.tokens == {"a": "token of a", "b": "token of b"}


async def test_a_server_that_is_well_is_probed_at_its_interval(bench: Bench) -> None:
    bench.prober.start()
    bench.prober.use(targets("a"))
    await bench.probed(1)
    bench.clock.advance(1)
    await settled(lambda: bench.clock.sleeping)
    bench.clock.advance(28.9)
    await settled(lambda: bench.clock.sleeping)
    assert len(bench.told) == 1
    bench.clock.advance(0.2)
    await bench.probed(2)


async def test_a_server_that_falls_and_rises_is_probed_quickly_meanwhile(bench: Bench) -> None:
    bench.answers.by_server["a"] = BAD
    bench.prober.start()
    bench.prober.use(targets("a"))
    for number in range(1, 4):
        await bench.probed(number)
        bench.clock.advance(1)
    bench.answers.by_server["a"] = GOOD
    for number in range(4, 6):
        await bench.probed(number)
        bench.clock.advance(1)
    await settled(lambda: bench.clock.sleeping)
    states = [state for _, state in bench.told]
    assert states == [State.UNKNOWN, State.UNKNOWN, State.DOWN, State.DOWN, State.UP]


async def test_a_reported_failure_brings_a_probe_at_once_but_no_storm(bench: Bench) -> None:
    bench.prober.start()
    bench.prober.use(targets("a"))
    await bench.probed(1)
    for _ in range(100):
        bench.prober.poke("a")
    await settled(lambda: bench.clock.sleeping)
    assert len(bench.told) == 1
    bench.clock.advance(1)
    await bench.probed(2)
    bench.clock.advance(1)
    await settled(lambda: bench.clock.sleeping)
    assert len(bench.told) == 2
    bench.prober.poke("a")
    await bench.probed(3)


async def test_a_report_about_an_unknown_server_is_nothing(bench: Bench) -> None:
    bench.prober.poke("nobody")
    assert not bench.told


async def test_a_server_that_is_gone_is_not_probed_any_more(bench: Bench) -> None:
    bench.prober.start()
    bench.prober.use(targets("a", "b"))
    await bench.probed(2)
    bench.prober.use(targets("b"))
    bench.clock.advance(31)
    await settled(lambda: bench.clock.sleeping)
    bench.clock.advance(31)
    await settled(lambda: len(bench.told) == 3)
    assert bench.answers.asked.count("a") == 1
    assert "a" not in bench.prober.tracks


async def test_a_server_that_moved_begins_anew(bench: Bench) -> None:
    bench.prober.start()
    bench.prober.use(targets("a"))
    await bench.probed(1)
    bench.answers.by_server["a"] = BAD
    moved = server("a", health=HEALTH, transport={"kind": "http", "url": "http://elsewhere/mcp"})
    bench.prober.use({"a": Target(Server.model_validate(moved))})
    await bench.probed(2)
    assert bench.told[-1] == ("a", State.UNKNOWN)


async def test_a_server_that_is_merely_described_anew_keeps_its_history(bench: Bench) -> None:
    bench.prober.start()
    bench.prober.use(targets("a"))
    await bench.probed(1)
    bench.answers.by_server["a"] = BAD
    described = server("a", health=HEALTH, description="the same")
    bench.prober.use({"a": Target(Server.model_validate(described))})
    await bench.probed(2)
    assert bench.told[-1] == ("a", State.UP)


async def test_hanging_servers_leave_room_for_no_more_than_a_bound() -> None:
    clock, hold = FakeClock(), asyncio.Event()
    running: list[str] = []

    async def hang(target: Server, _: str | None) -> Observation:
        running.append(target.name)
        await hold.wait()
        return GOOD

    async def found(_: str, __: Track) -> None:
        return None

    prober = Prober(hang, clock, found)
    prober.start()
    prober.use(targets(*(f"s{number}" for number in range(AT_ONCE + 10))))
    await settled(lambda: len(running) == AT_ONCE)
    hold.set()
    await settled(lambda: len(running) == AT_ONCE + 10)
    await prober.close()


async def test_a_probe_that_crashes_is_made_again(bench: Bench) -> None:
    failures = [RuntimeError("a defect")]

    async def crash(_: Server, __: str | None) -> Observation:
        if failures:
            raise failures.pop()
        return GOOD

    prober = Prober(crash, bench.clock, bench._found)  # noqa: SLF001 -- the bench is this test's
    prober.start()
    prober.use(targets("a"))
    await settled(lambda: not failures and bench.clock.sleeping)
    bench.clock.advance(1)
    await settled(lambda: bench.told == [("a", State.UP)])
    await prober.close()
