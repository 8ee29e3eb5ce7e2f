"""``sophia down``: stop the whole fleet."""

import threading

from cli import settings, show
from cli.fleet.ending import end, forget
from cli.fleet.record import found, lives


def down(*, now: bool = False, json: bool = False) -> int:
    """Stop the fleet.

    Args:
        now: Kill everything; nobody finishes what it is doing.
        json: Print the names of what was stopped as JSON.
    """
    places = settings.places()
    record = found(places)
    names = [each.name for each in record.processes] if record is not None else []
    if lives(places):
        force = threading.Event()
        if now:
            force.set()
        end(places, record, force)
    if record is not None:
        forget(places, record)
    if json:
        show.as_json({"stopped": names})
    elif names:
        show.line(f"stopped {', '.join(names)}")
    else:
        show.line(f"no fleet is up in {places.state}")
    return 0
