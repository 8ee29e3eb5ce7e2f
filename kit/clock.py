"""Time as a dependency, so that decisions about it can be tested without waiting."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What code that depends on time asks."""

    def now(self) -> float:
        """Return monotonic seconds; only differences mean something."""
        ...

    def utc(self) -> datetime:
        """Return the time of day, aware, in UTC."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Return the time of day in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Return after *seconds*."""
        await asyncio.sleep(seconds)  # noqa: TID251 -- the one place that may wait
