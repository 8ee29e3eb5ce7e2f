import asyncio
import contextlib
from pathlib import Path

import pytest

from kit.clock import SystemClock
from kit.errors import Unavailable
from kit.run import StartFailed
from registry.fleet import Engines, Fleet
from registry.model import State
from registry.remote import GrpcSource
from registry.service import grpc_face
from tests.support.registry import Answers, server, settled, until, write
from tests.support.registry_process import grpc_registry
from tests.support.serving import dead_port


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "registry.yaml", server("a"))


def fleet(path: Path) -> Fleet:
    return Fleet(path, Engines(Answers(), {}))


async def test_a_registry_that_is_not_there_yet_is_waited_for(path: Path) -> None:
    port = dead_port()
    async with asyncio.timeout(10), GrpcSource(f"127.0.0.1:{port}") as source:
        assert source.snapshot.revision == 0
        await settled(lambda: "Connection refused" in source.status.detail)
        assert not source.status.connected
        async with grpc_registry(fleet(path), port):
            await until(source.changes(), lambda s: s.health_of("a").state is State.UP)
            assert source.status.connected
            assert source.status.detail == ""


async def test_while_the_registry_is_away_its_last_snapshot_stays_and_is_said_to(
    path: Path,
) -> None:
    port = dead_port()
    async with asyncio.timeout(20), GrpcSource(f"127.0.0.1:{port}") as source:
        async with grpc_registry(fleet(path), port):
            known = await until(source.changes(), lambda s: s.health_of("a").state is State.UP)
        await settled(lambda: not source.status.connected)
        assert source.snapshot == known
        assert f"grpc://127.0.0.1:{port} is not heard" in source.status.detail
        with pytest.raises(Unavailable, match="cannot be reached"):
            await source.set_drain("a", draining=True)
        write(path, server("a"), server("b"))
        async with grpc_registry(fleet(path), port):
            await until(source.changes(), lambda s: s.server("b"))
            assert source.status.connected


async def test_reports_while_the_registry_is_away_hold_nobody_up() -> None:
    async with asyncio.timeout(5), GrpcSource(f"127.0.0.1:{dead_port()}") as source:
        for number in range(1000):
            await source.report_failure(f"s{number % 3}", "connection refused")


async def test_a_port_that_is_taken_is_named(path: Path) -> None:
    async with asyncio.timeout(10), grpc_registry(fleet(path)) as target:
        port = int(target.rpartition(":")[2])
        other = fleet(path)
        with pytest.raises(StartFailed, match=f"port {port} on 127.0.0.1 is already in use"):
            async with other, grpc_face(other, "127.0.0.1", port, SystemClock()):
                raise AssertionError("two registries on one port")


async def test_many_gateways_can_watch(path: Path) -> None:
    async with (
        asyncio.timeout(20),
        grpc_registry(fleet(path)) as target,
        contextlib.AsyncExitStack() as stack,
    ):
        sources = [await stack.enter_async_context(GrpcSource(target)) for _ in range(20)]
        for source in sources:
            await until(source.changes(), lambda s: s.health_of("a").state is State.UP)
        await sources[0].set_drain("a", draining=True)
        for source in sources:
            await until(source.changes(), lambda s: s.health_of("a").state is State.DRAINING)
