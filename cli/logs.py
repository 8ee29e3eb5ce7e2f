"""``sophia logs``: what processes logged."""

import threading
from typing import Final

from cli import settings, show
from cli.failure import Failure
from cli.fleet.tail import Tail, last_lines

_TICK_SECONDS: Final = 0.2


def logs(*names: str, lines: int = 20, follow: bool = False, json: bool = False) -> int:
    """Show logs.

    Args:
        names: Processes as `sophia status` lists them; none: all.
        lines: How many of the last lines of each.
        follow: Go on with what comes, until Ctrl-C.
        json: One JSON object a line: `process` and `line`.
    """
    places = settings.places()
    kept = sorted(path.stem for path in (places.state / "logs").glob("*.log"))
    unknown = [name for name in names if name not in kept]
    if unknown or not kept:
        there = f"there are {', '.join(kept)}" if kept else "there are none yet"
        raise Failure(
            f"no log of {unknown[0] if unknown else 'anything'} in {places.state}: {there}"
        )
    chosen = names or tuple(kept)
    width = max(len(name) for name in chosen) if len(chosen) > 1 else 0
    tails = {name: Tail(places.log(name)) for name in chosen} if follow else {}
    for name in chosen:
        _print(name, last_lines(places.log(name), lines), width, as_json=json)
    while tails:
        for name, tail in tails.items():
            _print(name, tail.lines(), width, as_json=json)
        threading.Event().wait(_TICK_SECONDS)
    return 0


def _print(name: str, lines: list[str], width: int, *, as_json: bool) -> None:
    for line in lines:
        if as_json:
            show.as_json_line({"process": name, "line": line})
        else:
            show.line(f"{name.ljust(width)} | {line}" if width else line)
