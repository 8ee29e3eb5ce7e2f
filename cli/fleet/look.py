"""What the processes of a fleet that is up are doing."""

import contextlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cli.fleet.control import Control, Observed
from cli.fleet.journal import parsed
from cli.fleet.places import Places
from cli.fleet.ready import Answer, ask_all
from cli.fleet.record import Record, Recorded
from cli.fleet.tail import last_lines

_ASK_SECONDS: Final = 4.0  # /readyz gives each of its checks 3 s
_JOURNAL_LINES: Final = 500
STOPPED: Final = "STOPPED"
RUNNING: Final = "RUNNING"


@dataclass(frozen=True, slots=True)
class Seen:
    """One process, as people ask about it.

    Attributes:
        name: Its name.
        pid: None when it does not run.
        port: Where it listens.
        state: RUNNING, STARTING, BACKOFF, FATAL, EXITED, STOPPING, or STOPPED (by a person).
        ready: It answered that it can do its work.
        since: When it started or ended.
        memory_bytes: Resident, where /proc tells.
        talks_to: ``sandbox`` or ``vendor``, for a service with a vendor.
        detail: Why it is not ready, or how it ended.
    """

    name: str
    pid: int | None
    port: int
    state: str
    ready: bool
    since: datetime | None
    memory_bytes: int | None
    talks_to: str | None
    detail: str

    @property
    def well(self) -> bool:
        """Whether it does what it should: run and be ready, unless a person stopped it."""
        return self.state == STOPPED or (self.state == RUNNING and self.ready)

    def as_json(self) -> dict[str, Any]:
        """Return the form that ``sophia status --json`` prints."""
        return {
            "name": self.name,
            "pid": self.pid,
            "port": self.port,
            "state": self.state,
            "ready": self.ready,
            "since": self.since.isoformat() if self.since else None,
            "memory_bytes": self.memory_bytes,
            "talks_to": self.talks_to,
            "detail": self.detail or None,
        }


def look(record: Record, places: Places) -> list[Seen]:
    """Return every process of the fleet, in the record's order.

    Raises:
        Away: the supervisor does not answer.
    """
    observed = Control(record.socket).states()
    running = [each for each in record.processes if observed[each.name].pid is not None]
    answers = ask_all(running, timeout_seconds=_ASK_SECONDS)
    return [
        _seen(each, observed[each.name], answers.get(each.name), places)
        for each in record.processes
    ]


def _seen(process: Recorded, observed: Observed, answer: Answer | None, places: Places) -> Seen:
    ready = answer is not None and answer.ready
    # The supervisor calls it RUNNING after some seconds; we, once it says that it is ready.
    state = RUNNING if ready and observed.state == "STARTING" else observed.state
    return Seen(
        name=process.name,
        pid=observed.pid,
        port=process.port,
        state=state,
        ready=ready,
        since=datetime.fromtimestamp(observed.since, UTC) if observed.since else None,
        memory_bytes=_memory(observed.pid) if observed.pid else None,
        talks_to=process.talks_to,
        detail=answer.detail if answer is not None else _end(process.name, state, places),
    )


def _end(name: str, state: str, places: Places) -> str:
    if state == STOPPED:
        return f"stopped; start it with `sophia start {name}`"
    for line in reversed(last_lines(places.journal, _JOURNAL_LINES)):
        happening = parsed(line)
        if happening is not None and happening.name == name and happening.what == "ended":
            last = next((each for each in reversed(last_lines(places.log(name), 5)) if each), "")
            return f"{happening.detail}: {last}"
    return ""


def _memory(pid: int) -> int | None:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return None
