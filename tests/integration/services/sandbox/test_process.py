"""``python -m services.sandbox`` as a process of its own."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil
import pytest

ROOT = Path(__file__).parents[4]
COMMAND = (sys.executable, "-m", "services.sandbox", "--port", "0")
RESIDENT_MEGABYTES = 90


@contextmanager
def process(**settings: str) -> Generator[tuple[subprocess.Popen[str], str]]:
    """Run the sandbox and yield it with its address."""
    with subprocess.Popen(
        COMMAND,
        cwd=ROOT,
        env={**os.environ, **settings},  # noqa: TID251 -- the child's environment
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        assert running.stderr is not None
        try:
            ports = (re.search(r'"port": (\d+)', line) for line in running.stderr)
            port = next(found[1] for found in ports if found)
            yield running, f"http://127.0.0.1:{port}"
        finally:
            running.kill()


def test_it_starts_answers_and_ends_in_order() -> None:
    with process() as (running, url):
        vendors = httpx2.get(url, timeout=10).json()["vendors"]
        for name, path in (("asana", "/users/me"), ("linear", "")):
            vendor = vendors[name]
            token = vendor["token"] if name == "linear" else f"Bearer {vendor['token']}"
            headers = {"Authorization": token}
            answer = (
                httpx2.get(vendor["base_url"] + path, headers=headers, timeout=10)
                if name == "asana"
                else httpx2.post(
                    vendor["base_url"], json={"query": "{ viewer { id } }"}, headers=headers
                )
            )
            assert answer.status_code == 200
        metrics = httpx2.get(f"{url}/metrics", timeout=10).text
        assert "fleet_sandbox_answers" in metrics
        resident = psutil.Process(running.pid).memory_info().rss / 2**20
        assert resident < RESIDENT_MEGABYTES
        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=10) == 0


def test_a_reset_connection_is_reset_by_the_process_too() -> None:
    with process() as (_, url):
        fault = {"vendor": "linear", "kind": "reset", "times": 1}
        assert httpx2.post(f"{url}/_sandbox/faults", json=fault, timeout=10).status_code == 201
        with pytest.raises(httpx2.ReadError, match="reset by peer"):
            httpx2.post(f"{url}/linear/graphql", json={}, timeout=10)


def test_production_refuses_it_in_one_line() -> None:
    done = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env={**os.environ, "FLEET_PROFILE": "production"},  # noqa: TID251 -- the child's environment
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == (
        "services.sandbox: FLEET_PROFILE=production refuses stand-ins; "
        "give the services the vendors' addresses and tokens instead\n"
    )


def test_a_wrong_setting_is_named_in_one_line() -> None:
    done = subprocess.run(
        COMMAND,
        cwd=ROOT,
        env={**os.environ, "SANDBOX_ASANA_PLAN": "gold"},  # noqa: TID251 -- the child's environment
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("SANDBOX_ASANA_PLAN: Input should be 'paid' or 'free'")
