"""How a process starts, drains and ends."""

import asyncio
import contextlib
import json
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import httpx2
import pytest

from kit.settings import environment


@dataclass
class Started:
    """A process that listens."""

    process: asyncio.subprocess.Process
    url: str
    log: list[str]


@contextlib.asynccontextmanager
async def started(**given: str) -> AsyncGenerator[Started]:
    """Start the slow process on a free port; yield once it listens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.slow_process"),
        env={**environment(), "FLEET_LOG_FORMAT": "json", **given},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    log: list[str] = []
    try:
        async with asyncio.timeout(20):
            async for line in process.stderr:
                log.append(line.decode())
                if '"process.listening"' in log[-1]:
                    break
        port = json.loads(log[-1])["port"]
        yield Started(process, f"http://127.0.0.1:{port}", log)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_a_running_call_is_finished_after_sigterm_and_the_exit_code_is_0() -> None:
    async with (
        asyncio.timeout(20),
        started() as slow,
        httpx2.AsyncClient(base_url=slow.url) as http,
    ):
        await http.get("/readyz")  # a connection that is kept
        async with http.stream("GET", "/hold") as answer:
            parts = answer.aiter_text()
            assert await anext(parts) == "began "
            slow.process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(5):
                while (ready := await http.get("/readyz")).status_code == 200:
                    pass
            assert ready.json()["status"] == "draining"
            assert ready.headers["connection"] == "close"
            await http.get("/go")
            assert await anext(parts) == "ended"
        assert await slow.process.wait() == 0


async def test_a_call_that_takes_longer_than_the_drain_is_cut() -> None:
    async with (
        asyncio.timeout(20),
        started(SLOW_DRAIN_SECONDS="1") as slow,
        httpx2.AsyncClient(base_url=slow.url) as http,
    ):
        async with http.stream("GET", "/hold") as answer:
            slow.process.send_signal(signal.SIGTERM)
            with pytest.raises(httpx2.RemoteProtocolError):
                await answer.aread()
        assert await slow.process.wait() == 0


async def lets_in(slow: Started) -> bool:
    """Say whether a new connection is answered."""
    try:
        async with httpx2.AsyncClient() as other:
            await other.get(f"{slow.url}/readyz")
    except httpx2.ConnectError:
        return False
    return True


async def test_nobody_is_let_in_once_it_has_stopped_listening() -> None:
    async with (
        asyncio.timeout(20),
        started() as slow,
        httpx2.AsyncClient(base_url=slow.url) as http,
    ):
        async with http.stream("GET", "/hold") as answer:
            parts = answer.aiter_text()
            await anext(parts)
            slow.process.send_signal(signal.SIGTERM)
            while await lets_in(slow):
                pass
        assert slow.process.returncode is None


@pytest.mark.parametrize("argv", [["--port", "{taken}"], ["--host", "192.0.2.1"]])
async def test_an_address_that_cannot_be_had_is_named_in_one_line(argv: list[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "tests.support.slow_process"),
            *(each.format(taken=port) for each in argv),
            env=environment(),
            stderr=asyncio.subprocess.PIPE,
        )
        _, errors = await asyncio.wait_for(process.communicate(), 20)
    lines = errors.decode().splitlines()
    assert process.returncode == 1
    assert len(lines) == 1
    assert lines[0].startswith("slow: port ")


async def test_a_wrong_setting_is_named_in_one_line() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.support.slow_process"),
        env={**environment(), "SLOW_DRAIN_SECONDS": "-1"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert errors.decode().startswith("SLOW_DRAIN_SECONDS: ")
    assert len(errors.decode().splitlines()) == 1
