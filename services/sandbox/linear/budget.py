"""What a key may still ask: requests and points an hour, and the headers that say so."""

from typing import Any

from kit.clock import Clock
from services.sandbox.buckets import Bucket, Level
from services.sandbox.linear import errors

HOUR_SECONDS = 3600
MINUTE_SECONDS = 60
SEARCH = "searchIssues"
"""The root field with a limit of its own, as the schema's description of it says."""


class Budget:
    """Linear's leaky buckets for one key.

    Args:
        requests: Requests an hour.
        points: Complexity points an hour.
        searches: ``searchIssues`` a minute.
        clock: For the refill, and for the resets' time of day.
    """

    def __init__(self, requests: int, points: int, searches: int, clock: Clock) -> None:
        self._searches = Bucket(searches, MINUTE_SECONDS, clock)
        self._requests = Bucket(requests, HOUR_SECONDS, clock)
        self._points = Bucket(points, HOUR_SECONDS, clock)
        self._clock = clock

    def spend(self, points: int) -> dict[str, str]:
        """Pay for one request of *points* and return the headers that say what is left.

        Raises:
            Spent: a budget is used up; nothing was taken from the other.
        """
        wait = self._requests.take()
        if wait:
            raise Spent(self._requests, "requests", wait, self.headers(points))
        wait = self._points.take(points)
        if wait:
            raise Spent(self._points, "complexity points", wait, self.headers(points))
        return self.headers(points)

    def search(self, points: int) -> dict[str, str]:
        """Pay for one search and return the headers that say how many are left.

        Raises:
            Spent: there are none.
        """
        wait = self._searches.take()
        level = self._searches.level()
        headers = {
            "X-RateLimit-Endpoint-Name": SEARCH,
            "X-RateLimit-Endpoint-Requests-Limit": str(level.limit),
            "X-RateLimit-Endpoint-Requests-Remaining": str(level.remaining),
            "X-RateLimit-Endpoint-Requests-Reset": str(self._reset(level)),
        }
        if wait:
            raise Spent(self._searches, f"{SEARCH} requests", wait, self.headers(points) | headers)
        return headers

    def headers(self, points: int) -> dict[str, str]:
        """Return the headers of an answer that cost *points*."""
        named = {"Requests": self._requests.level(), "Complexity": self._points.level()}
        headers = {"X-Complexity": str(points)}
        for name, level in named.items():
            headers[f"X-RateLimit-{name}-Limit"] = str(level.limit)
            headers[f"X-RateLimit-{name}-Remaining"] = str(level.remaining)
            headers[f"X-RateLimit-{name}-Reset"] = str(self._reset(level))
        return headers

    def status(self, identifier: str) -> dict[str, Any]:
        """Return the schema's ``RateLimitPayload``."""
        named = {"requests": self._requests.level(), "complexity": self._points.level()}
        limits = [
            {
                "type": name,
                "requestedAmount": 0,
                "allowedAmount": level.limit,
                "period": HOUR_SECONDS * 1000,
                "remainingAmount": level.remaining,
                "reset": self._reset(level),
            }
            for name, level in named.items()
        ]
        return {"identifier": identifier, "kind": "user", "limits": limits}

    def _reset(self, level: Level) -> int:
        """Return the moment when the bucket is full, in milliseconds since the epoch."""
        return int((self._clock.utc().timestamp() + level.full_in_seconds) * 1000)


class Spent(Exception):
    """A budget is used up."""

    def __init__(
        self, bucket: Bucket, what: str, wait_seconds: float, headers: dict[str, str]
    ) -> None:
        super().__init__(what)
        period = "hour" if bucket.period_seconds == HOUR_SECONDS else "minute"
        self.error = errors.rate_limited(what, bucket.limit, period)
        self.wait_seconds = wait_seconds
        self.headers = headers
