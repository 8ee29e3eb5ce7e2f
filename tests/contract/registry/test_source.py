import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from kit.errors import Invalid, NotFound
from registry.client import RegistrySource, open_source
from registry.fleet import Engines, Fleet
from registry.local import FileSource
from registry.model import Snapshot, State
from registry.probe import probe, probing_client
from registry.remote import GrpcSource
from tests.support.mcp_server import mcp_app
from tests.support.registry import server, settled, until, write
from tests.support.registry_process import grpc_registry
from tests.support.serving import dead_port, serving

SECONDS = 10
QUICK = {"quick_interval_seconds": 0.05}


@pytest.fixture(params=["file", "grpc"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@asynccontextmanager
async def opened(kind: str, path: Path, **variables: str) -> AsyncGenerator[RegistrySource]:
    """Yield a source on the file at *path*: it watches it, or a registry process that does."""
    async with asyncio.timeout(SECONDS), AsyncExitStack() as stack:
        if kind == "file":
            yield await stack.enter_async_context(FileSource(path, variables=variables))
            return
        http = await stack.enter_async_context(probing_client())
        fleet = Fleet(path, Engines(partial(probe, http), variables))
        target = await stack.enter_async_context(grpc_registry(fleet))
        source = await stack.enter_async_context(GrpcSource(target))
        await until(source.changes(), lambda snapshot: snapshot.revision)
        yield source


def at(base: str, name: str = "a", **more: object) -> dict[str, object]:
    return server(name, transport={"kind": "http", "url": f"{base}/mcp"}, **more)


@pytest.fixture
async def base() -> AsyncGenerator[str]:
    async with serving(mcp_app(["tasks_search"])) as url:
        yield url


@pytest.fixture
def path(tmp_path: Path, base: str) -> Path:
    return write(tmp_path / "registry.yaml", at(base), **QUICK)


async def up(source: RegistrySource, name: str = "a") -> Snapshot:
    return await until(source.changes(), lambda s: s.health_of(name).state is State.UP)


async def test_servers_and_their_health_are_told(kind: str, path: Path) -> None:
    async with opened(kind, path) as source:
        snapshot = await up(source)
        assert [each.name for each in snapshot.servers] == ["a"]
        assert snapshot.health_of("a").facts
        assert str(path) in snapshot.source
        assert source.status.connected
        assert source.status.load_error is None


async def test_a_watcher_begins_with_what_there_is(kind: str, path: Path) -> None:
    async with opened(kind, path) as source:
        known = await up(source)
        assert await until(source.changes(), lambda s: s.revision >= known.revision)


async def test_an_edit_comes_through(kind: str, path: Path, base: str) -> None:
    async with opened(kind, path) as source:
        before = await up(source)
        write(path, at(base), at(base, "b"), **QUICK)
        snapshot = await until(source.changes(), lambda s: s.server("b"))
        assert snapshot.revision > before.revision
        assert snapshot.servers_digest != before.servers_digest


async def test_a_change_of_health_leaves_the_servers_as_they_are(kind: str, path: Path) -> None:
    async with opened(kind, path) as source:
        before = await up(source)
        await source.set_drain("a", draining=True)
        after = await until(source.changes(), lambda s: s.revision > before.revision)
        assert after.servers is before.servers
        assert after.servers_digest == before.servers_digest


async def test_a_bad_edit_is_told_and_changes_nothing(kind: str, path: Path, base: str) -> None:
    async with opened(kind, path) as source:
        before = await up(source)
        write(path, at(base, tier="FIRST"), at(base, "b"), **QUICK)
        await settled(lambda: source.status.load_error)
        error = source.status.load_error
        assert error is not None
        assert "servers.a.tier: must be PRIMARY" in error.message
        assert source.snapshot.servers == before.servers
        assert source.status.connected


async def test_a_drain_shows_for_all_who_watch(kind: str, path: Path) -> None:
    async with opened(kind, path) as source:
        await up(source)
        await source.set_drain("a", draining=True, reason="upgrade")
        drained = await until(source.changes(), lambda s: s.health_of("a").state is State.DRAINING)
        assert drained.health_of("a").reason == "upgrade"
        await source.set_drain("a", draining=False)
        await up(source)


async def test_what_is_not_there_cannot_be_drained(kind: str, path: Path) -> None:
    async with opened(kind, path) as source:
        with pytest.raises(NotFound, match="there is no server called x"):
            await source.set_drain("x", draining=True)


async def test_reports_of_failures_bring_a_server_down_and_probes_bring_it_back(
    kind: str, tmp_path: Path
) -> None:
    port = dead_port()
    path = write(
        tmp_path / "registry.yaml",
        at(f"http://127.0.0.1:{port}"),
        interval_seconds=3600,
        **QUICK,
    )
    async with AsyncExitStack() as stack:
        serves = AsyncExitStack()
        await serves.enter_async_context(serving(mcp_app(["tasks_search"]), port=port))
        source = await stack.enter_async_context(opened(kind, path))
        await up(source)
        await serves.aclose()
        await source.report_failure("a", "connection refused")
        await until(source.changes(), lambda s: s.health_of("a").state is State.DOWN)
        await stack.enter_async_context(serving(mcp_app(["tasks_search"]), port=port))
        await up(source)


async def test_a_report_about_nobody_is_nothing(kind: str, path: Path) -> None:
    async with opened(kind, path) as source:
        await source.report_failure("x", "connection refused")


async def test_the_name_of_a_source_says_its_kind(path: Path) -> None:
    assert isinstance(open_source(str(path)), FileSource)
    assert isinstance(open_source("grpc://127.0.0.1:9100"), GrpcSource)
    with pytest.raises(Invalid, match="'http://x' is neither grpc://host:port nor a file"):
        open_source("http://x")
