"""One time budget a call, from the edge to the vendor.

A call's deadline is a context variable: whoever starts work on behalf of a call sets it
once, and every client below spends from it.
"""

import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

META_BUDGET: Final = "fleet/budget_ms"
"""Key in a request's ``_meta``: milliseconds that are left when the request is sent."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point on the monotonic clock, in seconds."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline *seconds* from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Return the seconds that are left; negative once it has passed."""
        return self.at - time.monotonic()


_current: ContextVar[Deadline | None] = ContextVar("deadline", default=None)


def current() -> Deadline | None:
    """Return the running call's deadline, if it has one."""
    return _current.get()


@contextmanager
def spending(deadline: Deadline | None) -> Generator[None]:
    """Make *deadline* the running call's, unless an earlier one stands already."""
    outer = _current.get()
    if outer is not None and (deadline is None or outer.at < deadline.at):
        deadline = outer
    token = _current.set(deadline)
    try:
        yield
    finally:
        _current.reset(token)


def bounded(seconds: float) -> float:
    """Return *seconds* or what is left of the running deadline, whichever is less (never < 0)."""
    deadline = _current.get()
    return seconds if deadline is None else max(0.0, min(seconds, deadline.remaining()))
