"""The fixture server and a gateway in front of it, as processes."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import Final

import httpx2
import yaml

from kit.settings import environment
from tests.conformance.suite import NotRun
from tests.support.gateway import Running, entry, ready

ROOT: Final = Path(__file__).parents[2]
HEALTH: Final = {"interval_seconds": 30, "timeout_seconds": 5, "quick_interval_seconds": 0.1}
EXIT_SECONDS: Final = 10.0


@contextlib.contextmanager
def everything() -> Generator[str]:
    """Run the fixture server and yield its MCP endpoint.

    Raises:
        NotRun: it did not start; it has said why.
    """
    command = [sys.executable, "-m", "tests.conformance.everything"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            if not address:
                raise NotRun("the fixture server did not start")
            yield address
        finally:
            _end(process)


@contextlib.contextmanager
def gateway(upstream: str, folder: Path) -> Generator[str]:
    """Run a gateway in front of *upstream* and yield the endpoint that is it alone.

    Args:
        upstream: An MCP endpoint, which becomes the server ``everything``.
        folder: Where the registry file and the gateway's log go.

    Raises:
        NotRun: it did not start; the message is what it said.
    """
    registry = folder / "registry.yaml"
    servers = [entry("everything", upstream, capabilities=[])]
    document = {"version": 2, "defaults": {"health": HEALTH}, "servers": servers}
    registry.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    with (
        (folder / "gateway.log").open("w", encoding="utf-8") as log,
        subprocess.Popen(
            [sys.executable, "-m", "gateway", "--registry", str(registry), "--port", "0"],
            cwd=ROOT,
            env={
                "PATH": environment()["PATH"],
                "FLEET_LOG_FORMAT": "json",
                "FLEET_STATE": str(folder),
                "GATEWAY_DRAIN_SECONDS": "1",
            },
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        url = _listening(process.stderr)
        rest = threading.Thread(target=shutil.copyfileobj, args=(process.stderr, log))
        rest.start()
        try:
            asyncio.run(_up(url, registry))
            yield f"{url}/mcp/servers/everything"
        finally:
            _end(process)
            rest.join()


def _listening(lines: Iterable[str]) -> str:
    line = "it wrote nothing"
    for line in lines:
        told = json.loads(line) if line.startswith("{") else {}
        if told.get("event") == "process.listening":
            return f"http://{told['host']}:{told['port']}"
    raise NotRun(f"the gateway did not start: {line.strip()}")


async def _up(url: str, registry: Path) -> None:
    async with httpx2.AsyncClient(base_url=url) as http:
        await ready(http)
        await Running(url, registry, http).until("everything", "UP")


def _end(process: "subprocess.Popen[str]") -> None:
    process.terminate()
    try:
        process.wait(EXIT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
