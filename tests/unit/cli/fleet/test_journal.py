"""What the supervisor's log tells."""

from pathlib import Path

import pytest

from cli.fleet.journal import Happening, happenings, parsed
from cli.fleet.tail import Tail, last_lines


@pytest.mark.parametrize(
    ("line", "happening"),
    [
        ("spawned: 'linear' with pid 12", Happening("started", "linear", "pid 12")),
        (
            "exited: linear (exit status 1; not expected)",
            Happening("ended", "linear", "exit status 1"),
        ),
        (
            "exited: linear (terminated by SIGKILL; not expected)",
            Happening("ended", "linear", "terminated by SIGKILL"),
        ),
        ("exited: a (exit status 0; expected)", Happening("ended", "a", "exit status 0")),
        (
            "stopped: linear (terminated by SIGTERM)",
            Happening("stopped", "linear", "terminated by SIGTERM"),
        ),
        (
            "gave up: linear entered FATAL state, too many start retries too quickly",
            Happening("given up", "linear", "too many start retries too quickly"),
        ),
        ("success: linear entered RUNNING state, process has stayed up", None),
        ("supervisord started with pid 3", None),
    ],
)
def test_each_line_is_understood(line: str, happening: Happening | None) -> None:
    assert parsed(f"2026-11-23 17:34:59,887 INFO {line}") == happening


def test_what_was_there_before_is_not_news(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("spawned: 'old' with pid 1\n", encoding="utf-8")
    with Tail(log) as tail:
        assert list(happenings(tail)) == []
        with log.open("a", encoding="utf-8") as more:
            more.write("spawned: 'new' with pid 2\nspawned: 'half")
        assert [each.name for each in happenings(tail)] == ["new"]
        with log.open("a", encoding="utf-8") as more:
            more.write("way' with pid 3\n")
        assert [each.name for each in happenings(tail)] == ["halfway"]


def test_a_log_is_followed_when_it_is_rotated_and_from_before_it_is_there(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Tail(log) as tail:
        assert tail.lines() == []
        log.write_text("one\n", encoding="utf-8")
        assert tail.lines() == ["one"]
        with log.open("a", encoding="utf-8") as more:
            more.write("two\n")
        log.rename(tmp_path / "log.1")
        log.write_text("three\n", encoding="utf-8")
        assert tail.lines() == ["two", "three"]
    assert last_lines(log, 2) == ["two", "three"]
    assert last_lines(log, 1) == ["three"]
    assert last_lines(log, 9) == ["one", "two", "three"]


def test_there_are_no_lines_of_a_log_that_is_not_there(tmp_path: Path) -> None:
    assert last_lines(tmp_path / "none.log", 5) == []
