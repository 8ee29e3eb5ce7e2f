"""``python -m registry`` as the operating system sees it."""

import asyncio
import json
import signal
import sys
import urllib.request
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from kit.events import open_events
from kit.settings import FleetSettings
from registry.api import get_registry
from registry.model import State
from registry.remote import GrpcSource
from tests.support.mcp_server import mcp_app
from tests.support.nats import nats_server
from tests.support.registry import server, settled, until, write
from tests.support.serving import dead_port, serving

QUICK = {"quick_interval_seconds": 0.05}


@dataclass
class Running:
    """A registry process that serves."""

    process: asyncio.subprocess.Process
    port: int
    grpc_port: int

    async def get(self, path: str) -> Any:
        def fetch() -> bytes:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as found:
                body: bytes = found.read()
                return body

        body = await asyncio.to_thread(fetch)
        return body.decode() if path == "/metrics" else json.loads(body)


async def started(path: Path, *arguments: str, **environment: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "registry", "--registry", str(path), *arguments),
        env={"PATH": "/usr/bin:/bin", "FLEET_LOG_FORMAT": "json", **environment},
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def registry(path: Path, **environment: str) -> AsyncGenerator[Running]:
    async with asyncio.timeout(30):
        process = await started(path, "--port", "0", "--grpc-port", "0", **environment)
        try:
            yield await serves(process)
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()


async def serves(process: asyncio.subprocess.Process) -> Running:
    assert process.stderr is not None
    ports: dict[str, int] = {}
    async for line in process.stderr:
        fact = json.loads(line)
        ports |= {key: fact[key] for key in ("port", "grpc_port") if key in fact}
        if len(ports) == 2:
            return Running(process, ports["port"], ports["grpc_port"])
    raise AssertionError("it ended before it served")


@pytest.fixture
async def base() -> AsyncGenerator[str]:
    async with serving(mcp_app(["tasks_search"])) as url:
        yield url


@pytest.fixture
def path(tmp_path: Path, base: str) -> Path:
    transport = {"kind": "http", "url": f"{base}/mcp"}
    dead = {"kind": "http", "url": f"http://127.0.0.1:{dead_port()}/mcp"}
    return write(
        tmp_path / "registry.yaml",
        server("a", transport=transport),
        server("b", transport=dead),
        **QUICK,
    )


async def test_it_is_ready_with_its_snapshot_and_tells_what_it_knows(path: Path) -> None:
    async with registry(path) as running:
        ready = await running.get("/readyz")
        assert ready["status"] == "ready"
        assert ready["checks"]["snapshot"]["ok"]
        async with GrpcSource(f"127.0.0.1:{running.grpc_port}") as source:
            await until(source.changes(), lambda s: s.health_of("a").state is State.UP)
            await until(source.changes(), lambda s: s.health_of("b").state is State.DOWN)
        summary = await running.get("/")
        told = {each["name"]: (each["state"], each["reason"]) for each in summary["servers"]}
        assert told["a"] == ("UP", "")
        assert told["b"][0] == "DOWN"
        assert told["b"][1].startswith("connection refused on 127.0.0.1:")
        assert summary["load_error"] is None
        metrics = await running.get("/metrics")
        assert 'fleet_server_state{server="a",state="UP",tier="PRIMARY"} 1.0' in metrics
        assert "fleet_probe_duration_seconds_count" in metrics


async def test_a_refused_file_makes_it_degraded_and_is_named(path: Path) -> None:
    async with registry(path) as running:
        write(path, server("a", tier="FIRST"))
        async with GrpcSource(f"127.0.0.1:{running.grpc_port}") as source:
            async for _ in source.changes():
                if source.status.load_error:
                    break
                if source.snapshot.revision:
                    await source.set_drain("a", draining=not _drained(source))
        ready = await running.get("/readyz")
        assert ready["status"] == "degraded"
        assert "servers.a.tier" in ready["checks"]["file"]["detail"]
        assert "servers.a.tier" in (await running.get("/"))["load_error"]["message"]


def _drained(source: GrpcSource) -> bool:
    return source.snapshot.health_of("a").state is State.DRAINING


async def test_a_signal_ends_it_cleanly_while_watchers_hang_on(path: Path) -> None:
    async with (
        registry(path) as running,
        GrpcSource(f"127.0.0.1:{running.grpc_port}") as source,
    ):
        await until(source.changes(), lambda s: s.revision)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.stderr is not None
        await running.process.stderr.read()
        assert await running.process.wait() == 0


async def test_a_registry_that_hangs_is_noticed_and_heard_again(path: Path) -> None:
    async with (
        registry(path) as running,
        GrpcSource(f"127.0.0.1:{running.grpc_port}", patience_seconds=3) as source,
    ):
        known = await until(source.changes(), lambda s: s.health_of("b").state is State.DOWN)
        running.process.send_signal(signal.SIGSTOP)
        try:
            await settled(lambda: not source.status.connected, seconds=10)
            assert "is not heard: silent for 3 s" in source.status.detail
            assert source.snapshot.servers == known.servers
        finally:
            running.process.send_signal(signal.SIGCONT)
        await settled(lambda: source.status.connected, seconds=10)


def for_people(told: bytes) -> list[str]:
    """Return the lines that are not log records."""
    return [line for line in told.decode().splitlines() if not line.startswith("{")]


@pytest.mark.parametrize("face", ["--port", "--grpc-port"])
async def test_a_port_that_is_taken_is_one_line_and_exit_1(path: Path, face: str) -> None:
    async with asyncio.timeout(20), serving(mcp_app([])) as taken:
        port = taken.rpartition(":")[2]
        other = "--grpc-port" if face == "--port" else "--port"
        process = await started(path, face, port, other, "0", FLEET_LOG_LEVEL="error")
        _, told = await process.communicate()
        assert process.returncode == 1
        (line,) = for_people(told)
        assert f"port {port} on 127.0.0.1 is already in use" in line


async def test_a_file_with_mistakes_is_a_line_a_mistake_and_exit_1(path: Path) -> None:
    write(path, server("a", tier="FIRST"), server("a"))
    async with asyncio.timeout(20):
        process = await started(path, "--port", "0", "--grpc-port", "0", FLEET_LOG_LEVEL="error")
        _, told = await process.communicate()
    assert process.returncode == 1
    assert for_people(told) == [
        f"{path}:4: servers.a.tier: must be PRIMARY, SECONDARY or TERTIARY, not 'FIRST'",
        f"{path}:10: servers.a.name: is taken by the server on line 3",
    ]


async def test_changes_are_events_on_nats(path: Path, tmp_path: Path) -> None:
    with nats_server(tmp_path / "nats") as url:
        settings = FleetSettings(nats_url=url)
        async with (
            asyncio.timeout(30),
            open_events(settings, "test") as events,
            events.subscribe("fleet.*.*") as changes,
            registry(path, FLEET_NATS_URL=url) as running,
        ):
            told: dict[tuple[str, Any], dict[str, Any]] = {}
            async for event in changes:
                told[event.subject, event.payload.get("server")] = event.payload
                if ("fleet.health.changed", "b") in told and len(told) == 3:
                    break
            assert told["fleet.snapshot.swapped", None]["added"] == ["a", "b"]
            assert told["fleet.health.changed", "a"]["state"] == "UP"
            assert told["fleet.health.changed", "b"]["state"] == "DOWN"
            checks = (await running.get("/readyz"))["checks"]
            assert checks["shared_state"]["ok"]
            assert checks["events"]["ok"]


async def test_scripts_ask_it_without_a_loop_of_their_own(path: Path) -> None:
    async with registry(path) as running:
        found = get_registry(f"grpc://127.0.0.1:{running.grpc_port}")
        healthy = await asyncio.to_thread(found.get_healthy_servers)
        assert [each.name for each in healthy] == ["a"]
        primary = await asyncio.to_thread(found.get_primary_server_for_capability, "TASKS")
        assert primary is not None
        assert primary.name == "a"
