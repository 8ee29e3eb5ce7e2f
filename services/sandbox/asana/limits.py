"""What one token may send: requests and searches a minute, and so many at once."""

import math
from collections.abc import Generator
from contextlib import contextmanager

from kit.clock import Clock
from services.sandbox.asana import errors
from services.sandbox.buckets import Bucket

MINUTE_SECONDS = 60


class Limits:
    """Asana's limits for one token.

    Args:
        per_minute: Requests.
        searches_per_minute: Task searches, which count as requests too.
        reads: GET requests under way at once.
        writes: Other requests under way at once.
        clock: For the refill.
    """

    def __init__(
        self, per_minute: int, searches_per_minute: int, reads: int, writes: int, clock: Clock
    ) -> None:
        self._requests = Bucket(per_minute, MINUTE_SECONDS, clock)
        self._searches = Bucket(searches_per_minute, MINUTE_SECONDS, clock)
        self._most = {"reads": reads, "writes": writes}
        self._under_way = {"reads": 0, "writes": 0}

    @contextmanager
    def under_way(self, *, writes: bool) -> Generator[None]:
        """Hold a place for one request.

        Raises:
            Refused: 429, all places are taken.
        """
        kind = "writes" if writes else "reads"
        if self._under_way[kind] >= self._most[kind]:
            raise errors.too_many(1)
        self._under_way[kind] += 1
        try:
            yield
        finally:
            self._under_way[kind] -= 1

    def spend(self, *, search: bool) -> None:
        """Count one request.

        Raises:
            Refused: 429, the minute's requests or searches are used up.
        """
        for bucket in (self._requests, self._searches) if search else (self._requests,):
            wait = bucket.take()
            if wait:
                raise errors.too_many(max(1, math.ceil(wait)))
