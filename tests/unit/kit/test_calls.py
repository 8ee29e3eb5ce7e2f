from collections.abc import Generator
from typing import Any

import pytest
import structlog

from kit import metrics
from kit.calls import watched
from kit.metrics import CALL_DURATION
from tests.support.clock import FakeClock


@pytest.fixture(autouse=True)
def _fresh() -> Generator[None]:
    metrics.clear()
    yield
    metrics.clear()


def measured() -> list[tuple[dict[str, str], float]]:
    return [(dict(attributes), spread.total) for attributes, spread in CALL_DURATION.series()]


def test_a_call_is_one_line_and_one_measurement() -> None:
    clock = FakeClock()
    with structlog.testing.capture_logs() as told, watched("linear", "tasks_get", clock):
        clock.advance(0.25)
    (line,) = told
    about: dict[str, Any] = {"server": "linear", "tool": "tasks_get", "outcome": "ok"}
    assert {"event": "tool.called", "log_level": "info", "seconds": 0.25, **about}.items() <= (
        line.items()
    )
    labels = {"fleet.server": "linear", "gen_ai.tool.name": "tasks_get", "fleet.outcome": "ok"}
    assert measured() == [(labels, 0.25)]


def test_the_outcome_is_what_the_handler_says() -> None:
    with structlog.testing.capture_logs() as told, watched("linear", "tasks_get") as call:
        call.outcome = "not_found"
    assert told[0]["outcome"] == "not_found"
    assert measured()[0][0]["fleet.outcome"] == "not_found"


def test_a_crash_is_told_and_measured_too() -> None:
    with (
        structlog.testing.capture_logs() as told,
        pytest.raises(ZeroDivisionError),
        watched("linear", "tasks_get"),
    ):
        raise ZeroDivisionError
    assert told[0]["outcome"] == "crashed"
    assert measured()[0][0]["fleet.outcome"] == "crashed"
