"""A bulkhead a server: one that hangs costs nobody else anything."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from kit.errors import RateLimited


class Bulkhead:
    """At most so many calls at once; the others wait a little, first come, first served.

    Args:
        server: Named in the refusal.
        places: Calls at once.
        queue_seconds: Longest wait for a place.
    """

    def __init__(self, server: str, places: int, queue_seconds: float) -> None:
        self._server = server
        self.places = places
        self._queue_seconds = queue_seconds
        self._free = asyncio.Semaphore(places)
        self.running = 0

    @asynccontextmanager
    async def place(self) -> AsyncGenerator[None]:
        """Hold a place.

        Raises:
            RateLimited: none became free in time; nothing was sent.
        """
        if self._free.locked():
            try:
                async with asyncio.timeout(self._queue_seconds):
                    await self._free.acquire()
            except TimeoutError as error:
                raise RateLimited(
                    f"{self._server} has {self.places} calls running already",
                    provider=self._server,
                    retry_after_seconds=self._queue_seconds,
                    scope="concurrency",
                ) from error
        else:
            await self._free.acquire()
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._free.release()
