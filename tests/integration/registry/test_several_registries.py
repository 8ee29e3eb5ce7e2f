"""Two registries over one NATS agree on everything, and one of them probes."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from kit.kv import bucket
from registry.fleet import Engines, Fleet
from registry.model import State
from registry.role import KEY
from tests.support.nats import nats_server
from tests.support.registry import BAD, GOOD, Answers, server, settled, write
from tests.support.serving import dead_port

QUICK = {"quick_interval_seconds": 0.1, "interval_seconds": 0.2, "fall": 1, "rise": 1}


@asynccontextmanager
async def running(path: Path, url: str, answers: Answers) -> AsyncGenerator[Fleet]:
    volatile = bucket(url, "fleet-registry")
    lasting = bucket(url, "fleet-drains", lasting=True)
    fleet = Fleet(path, Engines(answers, {}, volatile=volatile, lasting=lasting))
    async with fleet:
        yield fleet


@asynccontextmanager
async def pair(path: Path, url: str) -> AsyncGenerator[tuple[Fleet, Fleet, Answers, Answers]]:
    """Yield a registry that probes, one that does not, and what each would find."""
    ours, theirs = Answers(), Answers()
    async with asyncio.timeout(20), running(path, url, ours) as one:
        await shared(one)
        async with running(path, url, theirs) as other:
            await settled(lambda: one.leads and not other.leads)
            yield one, other, ours, theirs


async def shared(fleet: Fleet) -> None:
    """Wait until *fleet* has its role from NATS, and not for want of it."""
    volatile = fleet._engines.volatile  # noqa: SLF001 -- no caller may know
    async for entries in volatile.watch():
        if KEY in entries and fleet.leads:
            return


def state(fleet: Fleet, name: str, wanted: State) -> Callable[[], bool]:
    return lambda: fleet.store.snapshot.health_of(name).state is wanted


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "registry.yaml", server("a"), **QUICK)


async def test_one_probes_and_both_know(path: Path, tmp_path: Path) -> None:
    with nats_server(tmp_path / "nats") as url:
        async with pair(path, url) as (one, other, ours, theirs):
            await settled(state(one, "a", State.UP))
            await settled(state(other, "a", State.UP))
            asked = len(theirs.asked)
            ours.by_server["a"] = BAD
            await settled(state(other, "a", State.DOWN))
            assert one.store.snapshot.health_of("a") == other.store.snapshot.health_of("a")
            assert len(theirs.asked) == asked


async def test_when_the_prober_leaves_another_takes_over_where_it_stood(
    path: Path, tmp_path: Path
) -> None:
    with nats_server(tmp_path / "nats") as url:
        async with AsyncExitStack() as stack:
            ours, theirs = Answers(a=BAD), Answers(a=BAD)
            await stack.enter_async_context(asyncio.timeout(20))
            first = AsyncExitStack()
            one = await first.enter_async_context(running(path, url, ours))
            await shared(one)
            other = await stack.enter_async_context(running(path, url, theirs))
            await settled(state(other, "a", State.DOWN))
            since = other.store.snapshot.health_of("a").since
            await first.aclose()
            await settled(lambda: other.leads and "a" in theirs.asked, seconds=15)
            assert other.store.snapshot.health_of("a").since == since
            theirs.by_server["a"] = GOOD
            await settled(state(other, "a", State.UP))


async def test_drains_and_leases_hold_everywhere(path: Path, tmp_path: Path) -> None:
    with nats_server(tmp_path / "nats") as url:
        async with pair(path, url) as (one, other, _, __):
            await other.set_drain("a", draining=True, reason="upgrade")
            await settled(state(one, "a", State.DRAINING))
            lease = await other.register(server("c"), 30)
            await settled(state(one, "c", State.UP))
            await settled(state(other, "c", State.UP))
            await one.heartbeat("c", lease.id)
            await one.deregister("c", lease.id)
            await settled(lambda: other.store.snapshot.server("c") is None)


async def test_a_failure_reported_to_one_is_probed_by_the_other(path: Path, tmp_path: Path) -> None:
    write(path, server("a"), **{**QUICK, "interval_seconds": 3600})
    with nats_server(tmp_path / "nats") as url:
        async with pair(path, url) as (one, other, ours, _):
            await settled(state(other, "a", State.UP))
            ours.by_server["a"] = BAD
            await other.report_failure("a", "connection refused")
            await settled(state(one, "a", State.DOWN))
            await settled(state(other, "a", State.DOWN))


async def test_without_nats_a_registry_goes_on_alone_and_joins_when_it_comes(
    path: Path, tmp_path: Path
) -> None:
    port = dead_port()
    answers = Answers()
    async with (
        asyncio.timeout(20),
        running(path, f"nats://127.0.0.1:{port}", answers) as fleet,
    ):
        await settled(state(fleet, "a", State.UP))
        assert fleet.leads
        with nats_server(tmp_path / "nats", port):
            await shared(fleet)
            await fleet.set_drain("a", draining=True)
        assert state(fleet, "a", State.DRAINING)()
        answers.by_server["a"] = BAD
        asked = len(answers.asked)
        await settled(lambda: len(answers.asked) > asked + 2)


async def test_a_drain_outlives_a_restart_of_everything(path: Path, tmp_path: Path) -> None:
    port = dead_port()
    url = f"nats://127.0.0.1:{port}"
    async with asyncio.timeout(20):
        with nats_server(tmp_path / "nats", port):
            async with running(path, url, Answers()) as fleet:
                await shared(fleet)
                await fleet.set_drain("a", draining=True, reason="broken")
        with nats_server(tmp_path / "nats", port):
            async with running(path, url, Answers()) as fleet:
                await settled(state(fleet, "a", State.DRAINING))
                assert fleet.store.snapshot.health_of("a").reason == "broken"
