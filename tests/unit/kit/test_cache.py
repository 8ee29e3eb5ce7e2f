"""The cache in process, by a clock that stands still."""

from datetime import timedelta

from kit.cache import MemoryCache
from tests.support.clock import FakeClock

MINUTE = timedelta(minutes=1)


async def test_a_value_is_there_until_its_time_is_up() -> None:
    clock = FakeClock()
    cache = MemoryCache(clock)
    await cache.put("key", b"1", MINUTE)
    clock.advance(59.9)
    assert await cache.get("key") == b"1"
    clock.advance(0.1)
    assert await cache.get("key") is None


async def test_putting_again_starts_the_time_again() -> None:
    clock = FakeClock()
    cache = MemoryCache(clock)
    await cache.put("key", b"1", MINUTE)
    clock.advance(59)
    await cache.put("key", b"2", MINUTE)
    clock.advance(59)
    assert await cache.get("key") == b"2"


async def test_what_was_used_longest_ago_makes_room() -> None:
    cache = MemoryCache(FakeClock(), max_entries=2)
    await cache.put("old", b"1", MINUTE)
    await cache.put("used", b"1", MINUTE)
    await cache.get("old")
    await cache.put("new", b"1", MINUTE)
    assert [await cache.get(key) for key in ("old", "used", "new")] == [b"1", None, b"1"]


async def test_bytes_are_bounded_too() -> None:
    cache = MemoryCache(FakeClock(), max_bytes=10)
    await cache.put("one", b"x" * 6, MINUTE)
    await cache.put("two", b"x" * 6, MINUTE)
    assert await cache.get("one") is None
    assert await cache.get("two") == b"x" * 6
    await cache.put("two", b"x" * 4, MINUTE)
    await cache.put("three", b"x" * 6, MINUTE)
    assert await cache.get("two") == b"x" * 4


async def test_a_value_that_is_too_large_drives_no_other_out() -> None:
    cache = MemoryCache(FakeClock(), max_bytes=10)
    await cache.put("kept", b"x" * 6, MINUTE)
    await cache.put("large", b"x" * 11, MINUTE)
    assert await cache.get("large") is None
    assert await cache.get("kept") == b"x" * 6
