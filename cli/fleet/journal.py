"""What happened to the processes, read from the supervisor's log."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cli.fleet.tail import Tail

_LINES: Final = (
    ("started", re.compile(r"spawned: '(?P<name>[^']+)' with (?P<detail>pid \d+)")),
    ("ended", re.compile(r"exited: (?P<name>\S+) \((?P<detail>[^;)]+)")),
    ("stopped", re.compile(r"stopped: (?P<name>\S+) \((?P<detail>[^;)]+)")),
    (
        "given up",
        re.compile(r"gave up: (?P<name>\S+) entered FATAL state, (?P<detail>too many.*)"),
    ),
)


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened.

    Attributes:
        what: ``started``, ``ended`` (by itself), ``stopped`` (told to) or ``given up``.
        name: The process.
        detail: ``pid 12``, ``exit status 1``, ``terminated by SIGKILL``.
    """

    what: str
    name: str
    detail: str


def parsed(line: str) -> Happening | None:
    """Return what *line* of the supervisor's log tells of a process, if anything."""
    for what, pattern in _LINES:
        match = pattern.search(line)
        if match is not None:
            return Happening(what, match["name"], match["detail"])
    return None


def happenings(tail: Tail) -> Iterator[Happening]:
    """Return what happened since the last call."""
    for line in tail.lines():
        happening = parsed(line)
        if happening is not None:
            yield happening
