"""``python -m services.asana`` as an operating system process."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest
from mcp import Client

from tests.support.sandbox import sandbox
from tests.support.serving import dead_port

ROOT = Path(__file__).parents[4]
NOT_HTTPS = "ASANA_BASE_URL: http://127.0.0.1:9200/api is not https, which FLEET_PROFILE=production"


@contextmanager
def process(*arguments: str, **environment: str) -> Generator[subprocess.Popen[str]]:
    """Run the server with *environment*; it is gone afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "services.asana", *arguments],
        cwd=ROOT,
        env={"FLEET_LOG_FORMAT": "json", **environment},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        try:
            yield running
        finally:
            if running.poll() is None:
                running.kill()


def address(running: subprocess.Popen[str]) -> str:
    """Return where it says that it listens."""
    assert running.stderr is not None
    facts = (json.loads(line) for line in running.stderr)
    told = next(fact for fact in facts if fact["event"] == "process.listening")
    return f"http://{told['host']}:{told['port']}"


async def test_it_serves_counts_stays_small_and_leaves_on_sigterm() -> None:
    port = dead_port()
    with (
        sandbox() as box,
        process(
            ASANA_HOST="127.0.0.1",
            ASANA_PORT=str(port),
            ASANA_DRAIN_SECONDS="1",
            ASANA_BASE_URL=box.asana_url,
            ASANA_ACCESS_TOKEN=box.asana_token,
        ) as running,
    ):
        url = address(running)
        async with Client(f"{url}/mcp") as client:
            for _ in range(20):
                answer = await client.call_tool("tasks_search", {"limit": 50})
                assert not answer.is_error
        async with httpx2.AsyncClient() as http:
            ready = await http.get(f"{url}/readyz")
            metrics = await http.get(f"{url}/metrics")
        resident = psutil.Process(running.pid).memory_info().rss
        running.terminate()

        assert url == f"http://127.0.0.1:{port}"
        assert ready.json()["status"] == "ready"
        assert "tasks_search" in metrics.text
        assert resident < 90 * 1024 * 1024
        assert running.wait(timeout=5) == 0


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"FLEET_PROFILE": "production", "ASANA_BASE_URL": "http://127.0.0.1:9200/api"}, NOT_HTTPS),
        ({"ASANA_TIMEOUT_SECONDS": "0"}, "ASANA_TIMEOUT_SECONDS: Input should be greater than 0"),
        ({"ASANA_APP": "robot"}, "ASANA_APP: Input should be 'personal' or 'oauth'"),
    ],
)
def test_a_wrong_setting_ends_the_start_with_one_line(
    environment: dict[str, str], told: str
) -> None:
    with process("--port", "0", **environment) as running:
        _, errors = running.communicate(timeout=30)
    assert running.returncode == 1
    (line,) = errors.splitlines()
    assert line.startswith(told)
