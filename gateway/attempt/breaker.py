"""The breaker: passive health, fed by real calls, a server and operation.

Pure transitions on frozen values, a table of them beside; one call at a time goes through
a half-open breaker.
"""

from dataclasses import dataclass
from enum import Enum

from kit.clock import Clock


class Position(Enum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class Breaker:
    """One breaker's state.

    Attributes:
        position: Closed lets all through, open none, half-open one.
        failures: In a row, while closed.
        until: When an open breaker lets one through, on the clock; for half-open: when the
            trial counts as lost.
    """

    position: Position = Position.CLOSED
    failures: int = 0
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a breaker opens and for how long.

    Attributes:
        failures: In a row that open it.
        seconds: How long it stays open.
    """

    failures: int = 3
    seconds: float = 5.0


CLOSED = Breaker()


def admits(breaker: Breaker, now: float) -> bool:
    """Say whether a call may go through now."""
    return breaker.position is Position.CLOSED or now >= breaker.until


def admitted(breaker: Breaker, policy: BreakerPolicy, now: float) -> Breaker:
    """Return the breaker after it let a call through."""
    if breaker.position is Position.CLOSED:
        return breaker
    return Breaker(Position.HALF_OPEN, breaker.failures, now + policy.seconds)


def observed(breaker: Breaker, policy: BreakerPolicy, now: float, *, ok: bool) -> Breaker:
    """Return the breaker after a call's end."""
    if ok:
        return CLOSED
    failures = breaker.failures + 1
    if breaker.position is Position.HALF_OPEN or failures >= policy.failures:
        return Breaker(Position.OPEN, failures, now + policy.seconds)
    return Breaker(Position.CLOSED, failures)


class Breakers:
    """The breakers of all servers and operations; a closed one costs a look-up.

    Args:
        policy: For all of them.
        clock: Monotonic seconds.
    """

    def __init__(self, policy: BreakerPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._breakers: dict[tuple[str, str], Breaker] = {}

    def refusal(self, server: str, operation: str) -> str:
        """Return why no call goes through now; empty when one may."""
        breaker = self._breakers.get((server, operation))
        if breaker is None or admits(breaker, self._clock.now()):
            return ""
        left = max(0.0, breaker.until - self._clock.now())
        return f"its breaker is open after {breaker.failures} failures, for {left:.1f} s more"

    def admit(self, server: str, operation: str) -> bool:
        """Take a place in a half-open breaker; False when another call has it already."""
        breaker = self._breakers.get((server, operation))
        if breaker is None:
            return True
        now = self._clock.now()
        if not admits(breaker, now):
            return False
        self._breakers[server, operation] = admitted(breaker, self._policy, now)
        return True

    def observe(self, server: str, operation: str, *, ok: bool) -> None:
        """Count one call's end."""
        key = (server, operation)
        breaker = self._breakers.get(key)
        if ok:
            if breaker is not None:
                del self._breakers[key]
            return
        self._breakers[key] = observed(breaker or CLOSED, self._policy, self._clock.now(), ok=False)

    def forget(self, server: str) -> None:
        """Close all breakers of *server*: a probe found that it answers again."""
        for key in [key for key in self._breakers if key[0] == server]:
            del self._breakers[key]

    def open(self) -> dict[str, list[str]]:
        """Return the operations whose breaker is open or on trial, by server."""
        found: dict[str, list[str]] = {}
        for (server, operation), breaker in self._breakers.items():
            if breaker.position is not Position.CLOSED:
                found.setdefault(server, []).append(operation)
        return found
