import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.errors import Conflict, NotFound
from registry.fleet import Engines, Fleet
from registry.mistakes import RegistryInvalid
from registry.model import Snapshot, State
from tests.support.clock import FakeClock
from tests.support.registry import BAD, Answers, server, settled, turns, write

LOOPS = 2  # that sleep beside the probes: the role and the sweep


class Bench:
    """A fleet on a file, with probes and a clock that the test moves."""

    def __init__(self, path: Path, **environment: str) -> None:
        self.path = path
        self.clock = FakeClock()
        self.answers = Answers()
        self.fleet = Fleet(path, Engines(self.answers, environment, self.clock))

    @property
    def snapshot(self) -> Snapshot:
        return self.fleet.store.snapshot

    def state(self, name: str) -> State:
        return self.snapshot.health_of(name).state

    @asynccontextmanager
    async def running(self) -> AsyncGenerator["Bench"]:
        async with asyncio.timeout(10), self.fleet:
            await settled(lambda: self.fleet.leads)
            yield self

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait for the file's watcher, which lives on real time."""
        async with asyncio.timeout(5):
            async for _ in self.fleet.store.watch():
                if holds():
                    return


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "registry.yaml", server("a"), server("b", tier="TERTIARY"))


async def test_the_snapshot_is_there_before_any_probe(path: Path) -> None:
    bench = Bench(path)
    async with bench.fleet:
        assert [each.name for each in bench.snapshot.servers] == ["a", "b"]
        assert bench.state("a") is State.UNKNOWN


async def test_a_file_with_mistakes_does_not_start(tmp_path: Path) -> None:
    path = write(tmp_path / "registry.yaml", server("a", tier="FIRST"))
    with pytest.raises(RegistryInvalid, match=r"registry\.yaml:4: servers\.a\.tier: must be"):
        async with Bench(path).fleet:
            raise AssertionError("it started")


async def test_a_file_that_is_not_there_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(RegistryInvalid, match="cannot be read"):
        async with Bench(tmp_path / "none.yaml").fleet:
            raise AssertionError("it started")


async def test_probes_make_the_state(path: Path) -> None:
    bench = Bench(path)
    bench.answers.by_server["b"] = BAD
    async with bench.running():
        while bench.state("b") is not State.DOWN:
            await settled(lambda: bench.clock.sleeping == LOOPS + 2)
            bench.clock.advance(0.5)
            await turns()
        assert bench.answers.asked.count("b") == 3
        assert bench.state("a") is State.UP
        assert bench.snapshot.health_of("b").reason == "connection refused"


async def test_an_edit_is_taken_up(path: Path) -> None:
    async with Bench(path).running() as bench:
        write(path, server("a"), server("c"))
        await bench.until(lambda: bench.snapshot.server("c"))
        assert bench.snapshot.server("b") is None
        await settled(lambda: "c" in bench.answers.asked)


async def test_a_bad_edit_leaves_the_old_snapshot_and_names_the_mistake(path: Path) -> None:
    async with Bench(path).running() as bench:
        await settled(lambda: bench.state("a") is bench.state("b") is State.UP)
        before = bench.snapshot
        write(path, server("a", tier="FIRST"), server("c"))
        await bench.until(lambda: bench.fleet.store.load_error)
        error = bench.fleet.store.load_error
        assert error is not None
        assert error.message.endswith(
            "registry.yaml:4: servers.a.tier: must be PRIMARY, SECONDARY or TERTIARY, not 'FIRST'"
        )
        assert bench.snapshot is before
        write(path, server("a"), server("c"))
        await bench.until(lambda: bench.fleet.store.load_error is None)
        await settled(lambda: bench.snapshot.server("c"))


async def test_a_file_that_is_removed_leaves_the_old_snapshot(path: Path) -> None:
    async with Bench(path).running() as bench:
        path.unlink()  # noqa: ASYNC240 -- a local file of the test
        await bench.until(lambda: bench.fleet.store.load_error)
        assert bench.snapshot.server("a") is not None


async def test_a_server_without_its_settings_is_unconfigured_and_not_probed(path: Path) -> None:
    write(path, server("a", requires=["env:TEAM"], secret="env:TOKEN"), server("b"))
    async with Bench(path).running() as bench:
        await settled(lambda: bench.state("b") is State.UP)
        assert bench.state("a") is State.UNCONFIGURED
        assert bench.snapshot.health_of("a").reason == "TEAM, TOKEN are not set"
        assert bench.snapshot.health_of("a").since == bench.clock.utc()
        assert "a" not in bench.answers.asked


async def test_a_server_with_its_settings_is_probed_with_its_secret(path: Path) -> None:
    write(path, server("a", requires=["env:TEAM"], secret="env:TOKEN"), server("b"))
    async with Bench(path, TEAM="x", TOKEN="sandbox").running() as bench:
        await settled(lambda: bench.state("a") is State.UP)
        assert bench.answers.tokens == {"a": "sandbox", "b": None}


async def test_a_drained_server_is_out_until_it_is_let_back_in(path: Path) -> None:
    async with Bench(path).running() as bench:
        await settled(lambda: bench.state("a") is State.UP)
        await bench.fleet.set_drain("a", draining=True, reason="upgrade")
        assert bench.state("a") is State.DRAINING
        assert bench.snapshot.health_of("a").reason == "upgrade"
        await turns()
        assert bench.state("a") is State.DRAINING
        await bench.fleet.set_drain("a", draining=False)
        assert bench.state("a") is State.UP


async def test_a_drain_outlives_an_edit(path: Path) -> None:
    async with Bench(path).running() as bench:
        await bench.fleet.set_drain("a", draining=True)
        write(path, server("a"), server("c"))
        await bench.until(lambda: bench.snapshot.server("c"))
        assert bench.state("a") is State.DRAINING


async def test_what_is_not_there_cannot_be_drained_or_reported(path: Path) -> None:
    async with Bench(path).running() as bench:
        with pytest.raises(NotFound, match="there is no server called x"):
            await bench.fleet.set_drain("x", draining=True)
        with pytest.raises(NotFound):
            await bench.fleet.report_failure("x", "refused")


async def test_a_registered_server_takes_part_until_its_lease_runs_out(path: Path) -> None:
    write(path, server("a"), interval_seconds=7)
    async with Bench(path).running() as bench:
        lease = await bench.fleet.register(server("c", tier="SECONDARY"), 30)
        found = bench.snapshot.server("c")
        assert found is not None
        assert found.health.interval_seconds == 7
        await settled(lambda: bench.state("c") is State.UP)
        bench.clock.advance(29)
        await turns()
        await bench.fleet.heartbeat("c", lease.id)
        bench.clock.advance(29)
        await turns()
        assert bench.snapshot.server("c") is not None
        bench.clock.advance(2)
        await settled(lambda: bench.snapshot.server("c") is None)
        with pytest.raises(NotFound):
            await bench.fleet.heartbeat("c", lease.id)


async def test_a_server_that_deregisters_is_gone_at_once(path: Path) -> None:
    async with Bench(path).running() as bench:
        lease = await bench.fleet.register(server("c"), 30)
        await bench.fleet.deregister("c", lease.id)
        assert bench.snapshot.server("c") is None
        await turns()
        assert bench.snapshot.server("c") is None


@pytest.mark.parametrize(
    "more",
    [{"secret": "env:TOKEN"}, {"requires": ["env:TOKEN"]}, {"enabled": False}],
    ids=["secret", "requires", "enabled"],
)
async def test_a_registration_cannot_reach_into_our_environment(
    path: Path, more: dict[str, Any]
) -> None:
    async with Bench(path, TOKEN="sandbox").running() as bench:
        key = next(iter(more))
        with pytest.raises(RegistryInvalid, match=f"registration: {key}: may only be in the file"):
            await bench.fleet.register(server("c", **more), 30)


async def test_a_registration_is_checked_like_the_file(path: Path) -> None:
    async with Bench(path).running() as bench:
        with pytest.raises(RegistryInvalid, match="registration: tier: must be PRIMARY"):
            await bench.fleet.register(server("c", tier="FIRST"), 30)
        equivalence = {"to": "nobody", "class": "replica"}
        with pytest.raises(RegistryInvalid, match="names no server: 'nobody'"):
            await bench.fleet.register(server("c", equivalence=equivalence), 30)


async def test_the_file_goes_before_a_registration(path: Path) -> None:
    async with Bench(path).running() as bench:
        with pytest.raises(Conflict, match="a is declared in the registry file"):
            await bench.fleet.register(server("a"), 30)
        await bench.fleet.register(server("c", description="registered"), 30)
        write(path, server("a"), server("c", description="declared"))
        await bench.until(lambda: bench.fleet.store.snapshot.by_name["c"].description == "declared")


async def test_a_reported_failure_is_looked_into_at_once(path: Path) -> None:
    async with Bench(path).running() as bench:
        await settled(lambda: bench.state("a") is State.UP)
        bench.clock.advance(1)
        await turns()
        asked = bench.answers.asked.count("a")
        await bench.fleet.report_failure("a", "connection refused")
        await settled(lambda: bench.answers.asked.count("a") == asked + 1)


async def test_since_says_when_a_server_was_first_seen(path: Path) -> None:
    async with Bench(path).running() as bench:
        start = bench.clock.utc()
        await settled(lambda: bench.state("a") is State.UP)
        bench.clock.advance(100)
        await turns()
        write(path, server("a"), server("c", requires=["env:X"]))
        await bench.until(lambda: bench.snapshot.server("c"))
        assert bench.snapshot.health_of("a").since == start
        assert bench.snapshot.health_of("c").since == start + timedelta(seconds=100)
