"""A whole fleet as processes, by the same command that a person uses."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from kit.settings import environment

SOPHIA = str(Path(sys.executable).parent / "sophia")
_OURS = ("FLEET_", "GATEWAY_", "REGISTRY_", "LINEAR_", "ASANA_", "SANDBOX_")
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Fleet:
    """One fleet, or the place for one.

    Attributes:
        state: Its FLEET_STATE.
        given: What its environment has beside.
    """

    state: Path
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its commands run in: nothing of the machine's own settings."""
        kept = {k: v for k, v in environment().items() if not k.startswith(_OURS)}
        return {**kept, "FLEET_STATE": str(self.state), **self.given}

    def sophia(self, *argv: str, seconds: float = 60.0) -> "subprocess.CompletedProcess[str]":
        """Run the command to its end."""
        return subprocess.run(
            [SOPHIA, *argv],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def begin(self, *argv: str) -> "subprocess.Popen[str]":
        """Start the command; its output can be read line by line."""
        return subprocess.Popen(
            [SOPHIA, *argv],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def up(self, *argv: str) -> None:
        """Start it in the background on free ports; return once it is ready."""
        done = self.sophia("up", "--detach", "--ports", "auto", *argv, seconds=_START_SECONDS)
        assert done.returncode == 0, done.stderr

    def status(self) -> dict[str, Any]:
        """Return what ``sophia status --json`` says."""
        done = self.sophia("status", "--json")
        assert done.stdout, done.stderr
        parsed: dict[str, Any] = json.loads(done.stdout)
        return parsed

    def processes(self) -> dict[str, dict[str, Any]]:
        """Return its processes by name."""
        return {each["name"]: each for each in self.status()["processes"]}

    def pids(self) -> dict[str, int]:
        """Return the process ids by name."""
        return {name: each["pid"] for name, each in self.processes().items()}

    @cached_property
    def record(self) -> dict[str, Any]:
        """Its ``fleet.json``: ports, urls, started_at."""
        parsed: dict[str, Any] = json.loads((self.state / "fleet.json").read_text("utf-8"))
        return parsed

    def url(self, name: str) -> str:
        """Return where process *name* is asked."""
        found: str = self.record["urls"][name]
        return found

    def left(self) -> list[str]:
        """Return every process that was started for it and still runs."""
        found = []
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if self._owns(process) and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(" ".join(process.cmdline()))
        return found

    def _owns(self, process: psutil.Process) -> bool:
        # Redis writes its title over its environment; it works in its own folder, though.
        state = str(self.state)
        return process.environ().get("FLEET_STATE") == state or process.cwd().startswith(state)


@contextlib.contextmanager
def running(state: Path, *argv: str, **given: str) -> Generator[Fleet]:
    """Run a fleet in *state* and yield it; *argv* is for ``sophia up``."""
    fleet = Fleet(state, given)
    try:
        fleet.up(*argv)
        yield fleet
    finally:
        fleet.sophia("down", "--now")
