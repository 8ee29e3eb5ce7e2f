"""Both caches keep the same promises."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from kit.cache import Cache, MemoryCache, open_cache
from kit.clock import SystemClock
from kit.settings import FleetSettings
from tests.support.redis import RedisServer, redis_server

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
async def cache(request: pytest.FixtureRequest) -> AsyncGenerator[Cache]:
    url = None if request.param == "memory" else request.getfixturevalue("redis").url
    async with open_cache(FleetSettings(redis_url=url), f"test-{uuid4().hex}") as cache:
        yield cache


@pytest.mark.parametrize("value", [b"1", b"", b"\x00\xff\r\n", b"x" * 100_000])
async def test_a_value_is_held_as_it_was_put(cache: Cache, value: bytes) -> None:
    await cache.put("held", value, MINUTE)
    assert await cache.get("held") == value


async def test_nothing_is_found_where_nothing_was_put(cache: Cache) -> None:
    assert await cache.get("nothing") is None


async def test_a_second_value_replaces_the_first(cache: Cache) -> None:
    await cache.put("key", b"first", MINUTE)
    await cache.put("key", b"second", MINUTE)
    assert await cache.get("key") == b"second"


async def test_a_deleted_value_is_gone_and_may_be_deleted_again(cache: Cache) -> None:
    await cache.put("key", b"1", MINUTE)
    await cache.delete("key")
    await cache.delete("key")
    assert await cache.get("key") is None


async def test_a_value_is_gone_after_its_time(cache: Cache) -> None:
    await cache.put("short", b"1", timedelta(milliseconds=20))
    await cache.put("long", b"1", MINUTE)
    async with asyncio.timeout(5):
        while await cache.get("short") is not None:
            await SystemClock().sleep(0.005)
    assert await cache.get("long") == b"1"


@pytest.mark.parametrize("ttl", [timedelta(0), timedelta(seconds=-1), timedelta(microseconds=9)])
async def test_a_value_without_time_is_a_mistake(cache: Cache, ttl: timedelta) -> None:
    with pytest.raises(ValueError, match="a millisecond at least"):
        await cache.put("key", b"1", ttl)


async def test_keys_may_be_any_text(cache: Cache) -> None:
    for key in ("a:b", "a b", "ä/ö", "x" * 500):
        await cache.put(key, key.encode(), MINUTE)
        assert await cache.get(key) == key.encode()


async def test_a_cache_that_stands_says_where(cache: Cache) -> None:
    told = await cache.check()
    assert ("within this process" if isinstance(cache, MemoryCache) else "redis.sock") in told


async def test_processes_share_values_under_one_prefix_only(redis: RedisServer) -> None:
    settings = FleetSettings(redis_url=redis.url)
    async with (
        open_cache(settings, "shared") as one,
        open_cache(settings, "shared") as same,
        open_cache(settings, "other") as other,
    ):
        await one.put("key", b"1", MINUTE)
        assert await same.get("key") == b"1"
        assert await other.get("key") is None
