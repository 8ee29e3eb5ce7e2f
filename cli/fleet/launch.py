"""Starting the supervisor."""

import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cli.failure import Failure
from cli.fleet import programs
from cli.fleet.config import KEEP, text
from cli.fleet.ending import end, forget
from cli.fleet.places import Places
from cli.fleet.plan import Plan
from cli.fleet.record import Record, Recorded
from cli.fleet.tail import Tail, last_lines

ROOT: Final = Path(__file__).resolve().parents[2]
"""The working directory of the processes, so that ``python -m`` finds our packages."""


@dataclass(slots=True)
class Launched:
    """A supervisor that we started.

    Attributes:
        record: What it runs.
        journal: Its log, from before anything was started.
    """

    record: Record
    journal: Tail
    _places: Places
    _process: "subprocess.Popen[bytes]"

    def check(self) -> None:
        """Return if the supervisor lives.

        Raises:
            Failure: it ended.
        """
        code = self._process.poll()
        if code is not None:
            said = last_lines(self._places.crash, 1) or last_lines(self._places.journal, 1)
            raise Failure(f"the supervisor ended with code {code}: {' '.join(said)}")

    def ended(self) -> int | None:
        """Return its exit code, or none while it lives."""
        return self._process.poll()

    def keep(self) -> None:
        """Let it live on when we are gone."""
        if self._process.stdin is not None:
            self._process.stdin.write(KEEP)
            self._process.stdin.close()

    def end(self, force: threading.Event) -> None:
        """Stop all of it; *force*, once set, does not let anybody drain."""
        if self._process.poll() is None:
            end(self._places, self.record, force, self._process.pid)
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        forget(self._places, self.record)


def launch(
    plan: Plan, places: Places, profile: str, environment: Mapping[str, str], lock: int
) -> Launched:
    """Start a supervisor that runs *plan* and stops when we are gone.

    Args:
        plan: What is to run.
        places: Where it keeps what must last.
        profile: For the record.
        environment: What our processes get beside what the plan says.
        lock: A descriptor that holds the fleet's lock; the supervisor takes it over.
    """
    socket = places.socket()
    record = Record(
        profile=profile,
        started_at=datetime.now(UTC),
        socket=socket,
        ports=dict(plan.ports),
        urls={each.name: Recorded.of(each).url for each in plan.processes},
        processes=tuple(Recorded.of(each) for each in plan.processes),
    )
    config = text(plan.processes, places, socket=socket, root=ROOT, leash=programs.leash())
    places.config.write_text(config, encoding="utf-8")
    journal = Tail(places.journal)
    record.write(places)
    with places.crash.open("wb") as crash:
        process = subprocess.Popen(  # noqa: S603 -- our own module
            [sys.executable, "-m", "cli.fleet.supervise", str(places.config), str(lock)],
            pass_fds=[lock],
            stdin=subprocess.PIPE,
            stdout=crash,
            stderr=crash,
            cwd=ROOT,
            env={**environment, **plan.environment},
            start_new_session=True,  # Ctrl-C is for us: we end it in order
        )
    os.close(lock)
    return Launched(record, journal, places, process)
