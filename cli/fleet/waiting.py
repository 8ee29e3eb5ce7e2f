"""Waiting until processes are ready, or until one of them died."""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from cli.failure import Failure
from cli.fleet.journal import Happening, happenings
from cli.fleet.places import Places
from cli.fleet.ready import Answer, ask_all
from cli.fleet.record import Recorded
from cli.fleet.tail import Tail, last_lines

_TICK_SECONDS: Final = 0.15
_ASK_SECONDS: Final = 2.0
_LAST_LINES: Final = 5


class Died(Failure):
    """A process ended while it was to become ready."""

    def __init__(self, happening: Happening, places: Places) -> None:
        lines = [line for line in last_lines(places.log(happening.name), _LAST_LINES) if line]
        last = f": {lines[-1]}" if lines else " and logged nothing"
        super().__init__(f"{happening.name} died at start ({happening.detail}){last}")
        self.name = happening.name


class Late(Failure):
    """Some processes live, and are not ready in time."""


class Interrupted(Failure):
    """A person does not want it any more."""


@dataclass(slots=True)
class Waiting:
    """One wait.

    Attributes:
        processes: What is to become ready.
        places: Where logs are.
        journal: The supervisor's log, from before they were started.
        stop: Set when somebody wants it to end.
        told: Called with a name and the seconds it took, once for each that is ready.
        tick: Called between two rounds; raises to end the wait.
    """

    processes: Sequence[Recorded]
    places: Places
    journal: Tail
    stop: threading.Event
    told: Callable[[str, float], None]
    tick: Callable[[], None] = field(default=lambda: None)

    def wait(self, limit_seconds: float) -> None:
        """Return when all are ready.

        Raises:
            Died: one of them ended.
            Late: *limit_seconds* are over.
            Interrupted: ``stop`` was set.
        """
        pending = {each.name: each for each in self.processes}
        answers: dict[str, Answer] = {}
        began = time.monotonic()
        while pending:
            self.tick()
            for each in happenings(self.journal):
                if each.what == "ended" and each.name in pending:
                    raise Died(each, self.places)
            answers = ask_all(list(pending.values()), timeout_seconds=_ASK_SECONDS)
            for name, answer in answers.items():
                if answer.ready:
                    self.told(name, time.monotonic() - began)
                    del pending[name]
            if pending and time.monotonic() - began > limit_seconds:
                why = "; ".join(f"{name} ({answers[name].detail})" for name in pending)
                raise Late(f"not ready after {limit_seconds:g} s: {why}")
            if pending and self.stop.wait(_TICK_SECONDS):
                raise Interrupted("interrupted")
