"""``python -m services.linear`` as an operating system process."""

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


@contextmanager
def process(*arguments: str, **environment: str) -> Generator[subprocess.Popen[str]]:
    """Run the server with *environment*; it is gone afterwards."""
    with subprocess.Popen(
        [sys.executable, "-m", "services.linear", *arguments],
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


async def test_it_listens_where_its_settings_say_stays_small_and_leaves_on_sigterm() -> None:
    port = dead_port()
    with (
        sandbox() as box,
        process(
            LINEAR_HOST="127.0.0.1",
            LINEAR_PORT=str(port),
            LINEAR_DRAIN_SECONDS="1",
            LINEAR_BASE_URL=box.linear_url,
            LINEAR_API_KEY=box.linear_token,
        ) as running,
    ):
        url = address(running)
        async with httpx2.AsyncClient() as http:
            ready = await http.get(f"{url}/readyz")
        async with Client(f"{url}/mcp") as client:
            for _ in range(20):
                answer = await client.call_tool("tasks_search", {"limit": 50})
                assert not answer.is_error
        resident = psutil.Process(running.pid).memory_info().rss
        running.terminate()

        assert url == f"http://127.0.0.1:{port}"
        assert ready.json()["status"] == "ready"
        assert resident < 90 * 1024 * 1024
        assert running.wait(timeout=5) == 0


def test_the_command_line_goes_before_the_environment() -> None:
    with process("--port", "0", LINEAR_PORT="1") as running:
        assert address(running) != "http://127.0.0.1:1"


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        (
            {"FLEET_PROFILE": "production", "LINEAR_BASE_URL": "http://sandbox:9200/graphql"},
            "LINEAR_BASE_URL: http://sandbox:9200/graphql is not https",
        ),
        ({"LINEAR_TIMEOUT_SECONDS": "0"}, "LINEAR_TIMEOUT_SECONDS: Input should be greater than 0"),
        ({"LINEAR_PORT": "many"}, "LINEAR_PORT: Input should be a valid integer"),
    ],
    ids=["stand-in", "bound", "type"],
)
def test_what_it_cannot_start_with_is_one_line(environment: dict[str, str], line: str) -> None:
    with process(**environment) as running:
        _, told = running.communicate(timeout=20)

    assert running.returncode == 1
    assert told.strip().startswith(line)
    assert len(told.strip().splitlines()) == 1
