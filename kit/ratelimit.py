"""Rate limits: so many in any window of time, counted over all processes where there is Redis.

Without Redis, or while it is away, each process counts for itself: a limit then holds a
process, and no call waits or fails for want of Redis.
"""

from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from limits import RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter

from kit.clock import Clock, SystemClock
from kit.errors import Invalid, Unavailable
from kit.redislink import RedisLink
from kit.settings import FleetSettings

MAX_KEYS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a ``take``.

    Attributes:
        allowed: It may go on, and is counted.
        retry_after_seconds: Before that it will not be allowed; 0 when it is.
        remaining: How much is left in the window.
    """

    allowed: bool
    retry_after_seconds: float
    remaining: int


class RateLimiter(Protocol):
    """One limit for any number of keys."""

    async def take(self, key: str, cost: int = 1) -> Decision:
        """Count *cost* for *key* if the limit allows all of it; what is refused is not counted.

        Raises:
            Invalid: *cost* is below 1, or above what the limit ever allows.
        """
        ...


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a window.

    Attributes:
        amount: How many.
        window: In any stretch of time as long as this; whole seconds.
    """

    amount: int
    window: timedelta

    def __post_init__(self) -> None:
        if self.amount < 1 or self.seconds < 1 or self.window % timedelta(seconds=1):
            raise ValueError(f"a limit is one or more in one or more whole seconds, not {self}")

    @property
    def seconds(self) -> int:
        """The window's length."""
        return self.window // timedelta(seconds=1)

    def check(self, cost: int) -> None:
        """Raise Invalid unless *cost* can be allowed at all."""
        if not 1 <= cost <= self.amount:
            raise Invalid(f"a cost is 1 to {self.amount}, not {cost}", field="cost")


@asynccontextmanager
async def open_ratelimiter(
    settings: FleetSettings, name: str, limit: Limit
) -> AsyncGenerator[RateLimiter]:
    """Yield the limiter *name*, a name that no other limit has."""
    if settings.redis_url is None:
        yield MemoryRateLimiter(limit)
        return
    async with RedisLink(settings.redis_url) as link:
        yield RedisRateLimiter(link, name, limit)


class MemoryRateLimiter:
    """A limit within this process.

    Args:
        limit: How many in how long.
        clock: For the window.
        max_keys: Keys remembered; past that, the key used longest ago starts anew.
    """

    def __init__(
        self, limit: Limit, clock: Clock | None = None, *, max_keys: int = MAX_KEYS
    ) -> None:
        self._limit = limit
        self._clock = clock or SystemClock()
        self._max_keys = max_keys
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    async def take(self, key: str, cost: int = 1) -> Decision:
        """Count *cost* for *key* if the limit allows it."""
        self._limit.check(cost)
        now = self._clock.now()
        taken = self._taken.setdefault(key, deque())
        self._taken.move_to_end(key)
        while taken and taken[0] + self._limit.seconds <= now:
            taken.popleft()
        remaining = self._limit.amount - len(taken)
        if cost > remaining:
            frees = taken[cost - remaining - 1] + self._limit.seconds
            return Decision(allowed=False, retry_after_seconds=frees - now, remaining=remaining)
        taken.extend([now] * cost)
        if len(self._taken) > self._max_keys:
            self._taken.popitem(last=False)
        return Decision(allowed=True, retry_after_seconds=0.0, remaining=remaining - cost)


class RedisRateLimiter:
    """A limit over all processes that share a Redis.

    Args:
        link: To Redis.
        name: Of the limit.
        limit: How many in how long.
        clock: For how long to wait.
    """

    def __init__(
        self, link: RedisLink, name: str, limit: Limit, clock: Clock | None = None
    ) -> None:
        self._link = link
        self._limit = limit
        self._clock = clock or SystemClock()
        self._alone = MemoryRateLimiter(limit, clock)
        self._item = RateLimitItemPerSecond(limit.amount, limit.seconds, namespace=name)
        storage = RedisStorage(
            "async+redis://",
            implementation="redispy",
            key_prefix="limit",
            connection_pool=link.pool,  # type: ignore[arg-type]  # passed to redis-py as it is
        )
        self._window = MovingWindowRateLimiter(storage)

    async def take(self, key: str, cost: int = 1) -> Decision:
        """Count *cost* for *key* if the limit allows it; alone while Redis is away."""
        self._limit.check(cost)
        try:
            return await self._link.ask(lambda _: self._taken(key, cost))
        except Unavailable:
            return await self._alone.take(key, cost)

    async def _taken(self, key: str, cost: int) -> Decision:
        allowed = await self._window.hit(self._item, key, cost=cost)
        stats = await self._window.get_window_stats(self._item, key)
        if allowed:
            return Decision(allowed=True, retry_after_seconds=0.0, remaining=stats.remaining)
        wait = max(0.0, stats.reset_time - self._clock.utc().timestamp())
        return Decision(allowed=False, retry_after_seconds=wait, remaining=stats.remaining)
