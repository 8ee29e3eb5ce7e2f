"""What a process writes to standard error, seen from outside."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
START = """
import logging
from kit import log
from kit.settings import FleetSettings

settings = FleetSettings()
log.configure("linear", settings)
logger = log.get("services.linear.client")
"""


def stderr_of(script: str, **environment: str) -> str:
    """Run *script* after START and return what it wrote."""
    done = subprocess.run(
        [sys.executable, "-c", START + script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    assert done.stdout == ""
    return done.stderr


def lines_of(script: str, **environment: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stderr_of(script, **environment).splitlines()]


def test_a_fact_is_one_json_line_with_its_fields() -> None:
    (line,) = lines_of('logger.info("tool.called", tool="tasks_get", seconds=0.25, text="a\\nb")')
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "tool.called",
        "level": "info",
        "process": "linear",
        "module": "services.linear.client",
        "tool": "tasks_get",
        "seconds": 0.25,
        "text": "a\nb",
    }


@pytest.mark.parametrize(
    ("level", "written"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_only_what_is_of_the_level_is_written(level: str, written: list[str]) -> None:
    script = 'for level in ("debug", "info", "warning", "error"): getattr(logger, level)(level)'
    lines = lines_of(script, FLEET_LOG_LEVEL=level)
    assert [line["event"] for line in lines] == written


def test_a_traceback_is_a_field_of_the_line() -> None:
    (line,) = lines_of(
        """
try:
    1 / 0
except ZeroDivisionError:
    logger.exception("tool.crashed")
"""
    )
    assert line["event"] == "tool.crashed"
    assert "ZeroDivisionError: division by zero" in line["exception"]


def test_libraries_write_the_same_lines() -> None:
    (line,) = lines_of('logging.getLogger("nats").warning("slow %s", "consumer")')
    assert line["event"] == "slow consumer"
    assert line["level"] == "warning"
    assert line["process"] == "linear"


def test_chatty_libraries_are_kept_quiet() -> None:
    assert lines_of('logging.getLogger("httpx2").info("request")', FLEET_LOG_LEVEL="debug") == []


def test_a_person_can_have_it_without_json() -> None:
    text = stderr_of('logger.info("tool.called", tool="tasks_get")', FLEET_LOG_FORMAT="console")
    assert "tool.called" in text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


@pytest.mark.parametrize("form", ["json", "console"])
def test_a_secret_is_never_written(form: str) -> None:
    text = stderr_of(
        'logger.info("process.started", redis=settings.redis_url, settings=settings)',
        FLEET_REDIS_URL="redis://:sentinel-secret@redis:6379/0",
        FLEET_LOG_FORMAT=form,
    )
    assert "sentinel-secret" not in text
    assert "**********" in text
