"""Ending a fleet: the supervisor and all that it runs."""

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Iterable
from typing import Final

from cli.failure import Away
from cli.fleet.config import STOP_SECONDS
from cli.fleet.control import Control
from cli.fleet.places import Places
from cli.fleet.processes import Layer
from cli.fleet.record import Record, lives

_TICK_SECONDS: Final = 0.05
_LIMIT_SECONDS: Final = STOP_SECONDS * len(Layer) + 5.0


def end(
    places: Places, record: Record | None, force: threading.Event, pid: int | None = None
) -> None:
    """Stop the fleet of *places* and return when its supervisor is gone.

    Args:
        places: Which fleet.
        record: What it runs; none when that cannot be read.
        force: Once set, processes are killed and nobody drains.
        pid: The supervisor's, if known; else its pid file is read.
    """
    control = Control(record.socket) if record is not None else None
    began = time.monotonic()
    groups: list[int] | None = None
    while lives(places):
        late = force.is_set() or time.monotonic() - began > _LIMIT_SECONDS
        if groups is None and control is not None:
            with contextlib.suppress(Away):
                groups = [each.pid for each in control.states().values() if each.pid]
                control.shut_down()
        if groups is None:
            # It is only starting, or it hangs: a signal reaches it, and the leash its children.
            _signal(pid or _pid(places), signal.SIGKILL if late else signal.SIGTERM)
        elif late:
            _kill(groups)
        threading.Event().wait(_TICK_SECONDS)


def forget(places: Places, record: Record) -> None:
    """Remove the record of a fleet that ended."""
    places.record.unlink(missing_ok=True)
    if places.state not in record.socket.parents:
        shutil.rmtree(record.socket.parent, ignore_errors=True)


def _kill(groups: Iterable[int]) -> None:
    for group in groups:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)  # supervisor makes each process a group's leader


def _signal(pid: int | None, number: int) -> None:
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _pid(places: Places) -> int | None:
    try:
        return int(places.pid.read_text(encoding="ascii"))
    except (FileNotFoundError, ValueError):
        return None
