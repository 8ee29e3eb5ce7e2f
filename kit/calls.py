"""One line and one measurement a call, however it ends."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from kit import log
from kit.clock import Clock, SystemClock
from kit.metrics import CALL_DURATION

_log = log.get(__name__)
_CLOCK = SystemClock()


@dataclass(slots=True)
class Call:
    """A running call; whoever handles its failure sets the outcome.

    Attributes:
        outcome: ``ok``, or the code of the failure.
    """

    outcome: str = "crashed"


@contextmanager
def watched(server: str, tool: str, clock: Clock = _CLOCK) -> Generator[Call]:
    """Log ``tool.called`` and record its duration in seconds once the block ends."""
    call = Call()
    start = clock.now()
    try:
        yield call
        if call.outcome == "crashed":
            call.outcome = "ok"
    finally:
        seconds = clock.now() - start
        CALL_DURATION.observe(
            seconds,
            (
                ("fleet.server", server),
                ("gen_ai.tool.name", tool),
                ("fleet.outcome", call.outcome),
            ),
        )
        _log.info(
            "tool.called", server=server, tool=tool, outcome=call.outcome, seconds=round(seconds, 4)
        )
