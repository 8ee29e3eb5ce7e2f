"""A bulkhead a server: one that hangs costs nobody else anything."""

import asyncio
from collections import deque

from kit.errors import RateLimited


class Bulkhead:
    """At most so many calls at once; the others wait a little, first come, first served.

    Whoever entered must leave::

        await bulkhead.enter()
        try:
            ...
        finally:
            bulkhead.leave()

    Args:
        server: Named in the refusal.
        places: Calls at once.
        queue_seconds: Longest wait for a place.
    """

    def __init__(self, server: str, places: int, queue_seconds: float) -> None:
        self._server = server
        self.places = places
        self._queue_seconds = queue_seconds
        self._waiting: deque[asyncio.Future[None]] = deque()
        self.running = 0

    async def enter(self) -> None:
        """Take a place.

        Raises:
            RateLimited: none became free in time; nothing was sent.
        """
        if self.running < self.places:
            self.running += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            async with asyncio.timeout(self._queue_seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.leave()  # the place came with the end of the wait: pass it on
            else:
                self._waiting.remove(turn)
            if not isinstance(error, TimeoutError):
                raise
            raise RateLimited(
                f"{self._server} has {self.places} calls running already",
                provider=self._server,
                retry_after_seconds=self._queue_seconds,
                scope="concurrency",
            ) from error

    def leave(self) -> None:
        """Give the place to whoever waits longest, or free it."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.running -= 1
