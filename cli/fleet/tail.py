"""The end of a log file, and what is added to it."""

import io
from collections import deque
from pathlib import Path
from typing import Self


def last_lines(path: Path, count: int) -> list[str]:
    """Return the last *count* lines of the log at *path*, rotated ones included; none: empty."""
    found: list[str] = []
    for each in [path, *sorted(path.parent.glob(f"{path.name}.*"), key=_number)]:
        if each.exists() and len(found) < count:
            with each.open(encoding="utf-8", errors="replace") as log:
                last = deque(log, maxlen=count - len(found))
            found = [line.rstrip("\n") for line in last] + found
    return found


def _number(path: Path) -> int:
    number = path.suffix[1:]
    return int(number) if number.isdecimal() else 0


class Tail:
    """Reads what is added to *path* from now on; follows it when it is rotated.

    Args:
        path: The log; it need not exist yet.
        whole: Begin with what is there.
    """

    def __init__(self, path: Path, *, whole: bool = False) -> None:
        self._path = path
        self._file: io.TextIOWrapper | None = None
        self._inode = 0
        self._part = ""
        if path.exists():
            self._open()
            if self._file is not None and not whole:
                self._file.seek(0, io.SEEK_END)

    def __enter__(self) -> Self:
        """Return the tail."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def lines(self) -> list[str]:
        """Return the whole lines that came since the last call."""
        found: list[str] = []
        while True:
            if self._file is not None:
                self._part += self._file.read()
                *whole, self._part = self._part.split("\n")
                found += whole
            if not self._rotated():
                return found
            self._open()

    def _rotated(self) -> bool:
        try:
            return self._path.stat().st_ino != self._inode
        except FileNotFoundError:
            return False

    def _open(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file = self._path.open(encoding="utf-8", errors="replace")
        self._inode = self._path.stat().st_ino
