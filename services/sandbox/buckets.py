"""Leaky buckets: how vendors count what a token may still do."""

from dataclasses import dataclass

from kit.clock import Clock


@dataclass(frozen=True, slots=True)
class Level:
    """How full a bucket is.

    Attributes:
        limit: What fits in a period.
        remaining: What is left now, rounded down.
        full_in_seconds: When nothing will be owed any more.
    """

    limit: int
    remaining: int
    full_in_seconds: float


class Bucket:
    """*limit* units a *period_seconds*, refilled at a constant rate."""

    def __init__(self, limit: int, period_seconds: float, clock: Clock) -> None:
        self.limit = limit
        self.period_seconds = period_seconds
        self._rate = limit / period_seconds
        self._clock = clock
        self._left = float(limit)
        self._seen = clock.now()

    def take(self, amount: float = 1.0) -> float:
        """Take *amount* and return 0.0, or take nothing and return the seconds to wait."""
        self._refill()
        if amount > self._left:
            return (amount - self._left) / self._rate
        self._left -= amount
        return 0.0

    def level(self) -> Level:
        """Return how full it is now."""
        self._refill()
        return Level(self.limit, int(self._left), (self.limit - self._left) / self._rate)

    def _refill(self) -> None:
        now = self._clock.now()
        self._left = min(float(self.limit), self._left + (now - self._seen) * self._rate)
        self._seen = now
