"""How commands speak: results on standard output, all else on standard error.

On a terminal with colour and frames (rich), otherwise plain lines.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_STYLES = {
    "RUNNING": "green",
    "UP": "green",
    "STARTING": "yellow",
    "DEGRADED": "yellow",
    "BACKOFF": "red",
    "FATAL": "red",
    "EXITED": "red",
    "DOWN": "red",
}


@cache
def out() -> Console:
    """Return where results go."""
    return Console(highlight=False)


@cache
def err() -> Console:
    """Return where progress, notes and failures go."""
    return Console(stderr=True, highlight=False)


def note(line: str) -> None:
    """Tell a person something that is not the result."""
    err().print(Text(line), soft_wrap=True)


def line(text: str = "") -> None:
    """Print one line of the result, as it is."""
    out().print(Text(text), soft_wrap=True)


def as_json(value: Any) -> None:
    """Print *value* for another program."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print *rows* under *columns*; columns that are empty everywhere are left out."""
    cells = [["" if cell is None else str(cell) for cell in row] for row in rows]
    used = [i for i, _ in enumerate(columns) if not rows or any(row[i] for row in cells)]
    heads = [columns[i] for i in used]
    kept = [[row[i] for i in used] for row in cells]
    if out().is_terminal:
        framed = Table(*heads, header_style="bold")
        for row in kept:
            framed.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
        out().print(framed)
        return
    widths = [max(len(row[i]) for row in [heads, *kept]) for i in range(len(heads))]
    for row in [heads, *kept]:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        line("  ".join(padded).rstrip())


def ago(moment: datetime | None) -> str:
    """Return how long ago *moment* was, in the largest unit that fits."""
    if moment is None:
        return ""
    seconds = int((datetime.now(UTC) - moment).total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{max(0, seconds)} s"


def megabytes(count: int | None) -> str:
    """Return *count* bytes for people."""
    return "" if count is None else f"{count / 1e6:.0f} MB"


def as_json_line(value: Any) -> None:
    """Print *value* on one line, for another program."""
    print(json.dumps(value, ensure_ascii=False, default=str), flush=True)
