"""Requests to end, from a terminal or from another process."""

import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Final

NUMBERS: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
_ECHO_SECONDS: Final = 0.5
"""`make` passes a signal on that the terminal has sent to us already: that is no second one."""


@dataclass(frozen=True, slots=True)
class Requests:
    """What was asked of us.

    Attributes:
        stop: Set by the first request.
        force: Set by a further one, of a person who will not wait.
    """

    stop: threading.Event = field(default_factory=threading.Event)
    force: threading.Event = field(default_factory=threading.Event)


def listen() -> Requests:
    """Return the requests that signals make from now on.

    The signals are blocked and a thread waits for them: a handler would run in the middle of
    whatever the main thread does, and setting an event there can lock up. Children inherit
    what is blocked, and have to unblock it.
    """
    requests = Requests()
    signal.pthread_sigmask(signal.SIG_BLOCK, NUMBERS)
    threading.Thread(target=_wait, args=(requests,), daemon=True).start()
    return requests


def unblock() -> None:
    """Let signals through again, in a child of a process that listens."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, NUMBERS)


def _wait(requests: Requests) -> None:
    signal.sigwait(NUMBERS)
    first = time.monotonic()
    requests.stop.set()
    while time.monotonic() - first < _ECHO_SECONDS:
        signal.sigwait(NUMBERS)
    requests.force.set()
