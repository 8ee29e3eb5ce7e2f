"""``sophia stop``, ``start`` and ``restart``: act on one process of the fleet."""

import threading

from cli import settings, show
from cli.fleet.control import Control
from cli.fleet.places import Places
from cli.fleet.record import Record, Recorded, needed
from cli.fleet.tail import Tail
from cli.fleet.waiting import Waiting


def stop(name: str, /, *, json: bool = False) -> int:
    """Stop one process.

    Args:
        name: As `sophia status` lists it.
        json: Print what was done as JSON.
    """
    _, record = _fleet()
    changed = Control(record.socket).stop(record.process(name))
    _tell(name, "stopped" if changed else "was not running", as_json=json)
    return 0


def start(name: str, /, *, wait: float = 30.0, json: bool = False) -> int:
    """Start one process and wait until it is ready.

    Args:
        name: As `sophia status` lists it.
        wait: Seconds within which it must be ready.
        json: Print what was done as JSON.
    """
    places, record = _fleet()
    changed = _start(places, record, record.process(name), wait)
    _tell(name, "started" if changed else "was running", as_json=json)
    return 0


def restart(name: str, /, *, wait: float = 30.0, json: bool = False) -> int:
    """Stop one process and start it again.

    Args:
        name: As `sophia status` lists it.
        wait: Seconds within which it must be ready.
        json: Print what was done as JSON.
    """
    places, record = _fleet()
    process = record.process(name)
    Control(record.socket).stop(process)
    _start(places, record, process, wait)
    _tell(name, "restarted", as_json=json)
    return 0


def _fleet() -> tuple[Places, Record]:
    places = settings.places()
    return places, needed(places)


def _start(places: Places, record: Record, process: Recorded, wait: float) -> bool:
    with Tail(places.journal) as journal:
        changed = Control(record.socket).start(process)
        Waiting(
            processes=[process],
            places=places,
            journal=journal,
            stop=threading.Event(),  # Ctrl-C ends the command; the process goes on starting
            told=lambda *_: None,
        ).wait(wait)
    return changed


def _tell(name: str, what: str, *, as_json: bool) -> None:
    if as_json:
        show.as_json({"name": name, "did": what})
    else:
        show.line(f"{name} {what}")
