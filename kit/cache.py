"""A cache: values that may be gone at any time, so that nothing depends on one being there.

In Redis where ``redis_url`` is set, shared by the processes; else in this one. A Redis that is
away is a cache in which nothing is found: callers go on without, ``check`` says so.
"""

import contextlib
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final, Protocol

from kit.clock import Clock, SystemClock
from kit.errors import Unavailable
from kit.redislink import RedisLink
from kit.settings import FleetSettings

MAX_ENTRIES: Final = 10_000
MAX_BYTES: Final = 32 * 1024 * 1024


class Cache(Protocol):
    """Bytes by key, each for a time."""

    async def get(self, key: str) -> bytes | None:
        """Return what was put, if it is still there."""
        ...

    async def put(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep *value* for *ttl* at most, which is longer than nothing."""
        ...

    async def delete(self, key: str) -> None:
        """Forget *key*; while Redis is away, only its time ends it."""
        ...

    async def check(self) -> str:
        """Return where values are kept (for a ``kit.health.Check`` that is not required).

        Raises:
            Unavailable: they are not, for now.
        """
        ...


@asynccontextmanager
async def open_cache(settings: FleetSettings, prefix: str) -> AsyncGenerator[Cache]:
    """Yield the cache whose keys start with *prefix*, which other users do not use."""
    if settings.redis_url is None:
        yield MemoryCache()
        return
    async with RedisLink(settings.redis_url) as link:
        yield RedisCache(link, prefix)


class MemoryCache:
    """A cache in this process; what was used longest ago makes room.

    Args:
        clock: For the end of values.
        max_entries: Values kept.
        max_bytes: Bytes of values kept; one that is larger is not kept at all.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        *,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        self._clock = clock or SystemClock()
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._entries: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        """Return what was put, if it is still there."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= self._clock.now():
            self._forget(key)
            return None
        self._entries.move_to_end(key)
        return entry[1]

    async def put(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep *value* for *ttl* at most."""
        _milliseconds(ttl)
        self._forget(key)
        if len(value) > self._max_bytes:
            return
        self._entries[key] = (self._clock.now() + ttl.total_seconds(), value)
        self._bytes += len(value)
        while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
            self._forget(next(iter(self._entries)))

    async def delete(self, key: str) -> None:
        """Forget *key*."""
        self._forget(key)

    async def check(self) -> str:
        """Return where values are kept."""
        return "within this process"

    def _forget(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= len(entry[1])


class RedisCache:
    """A cache in Redis.

    Args:
        link: To Redis.
        prefix: Before each key.
    """

    def __init__(self, link: RedisLink, prefix: str) -> None:
        self._link = link
        self._prefix = prefix

    async def get(self, key: str) -> bytes | None:
        """Return what was put, if it is still there and Redis is."""
        name = self._name(key)
        try:
            found = await self._link.ask(lambda redis: redis.get(name))
        except Unavailable:
            return None
        return found.encode() if isinstance(found, str) else found

    async def put(self, key: str, value: bytes, ttl: timedelta) -> None:
        """Keep *value* for *ttl* at most, if Redis is there."""
        name, milliseconds = self._name(key), _milliseconds(ttl)
        with contextlib.suppress(Unavailable):
            await self._link.ask(lambda redis: redis.set(name, value, px=milliseconds))

    async def delete(self, key: str) -> None:
        """Forget *key*, if Redis is there."""
        name = self._name(key)
        with contextlib.suppress(Unavailable):
            await self._link.ask(lambda redis: redis.delete(name))

    async def check(self) -> str:
        """Return where values are kept, else raise Unavailable."""
        return await self._link.check()

    def _name(self, key: str) -> str:
        return f"{self._prefix}:{key}"


def _milliseconds(ttl: timedelta) -> int:
    milliseconds = ttl // timedelta(milliseconds=1)
    if milliseconds < 1:
        raise ValueError(f"a value is kept for a millisecond at least, not {ttl}")
    return milliseconds
