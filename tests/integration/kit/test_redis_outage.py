"""Redis goes, hangs and comes back: nobody who uses it fails."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr

from kit.cache import RedisCache
from kit.errors import Unavailable
from kit.ratelimit import Limit, RedisRateLimiter
from kit.redislink import REST_SECONDS, RedisLink
from tests.support.clock import FakeClock
from tests.support.redis import RedisServer, redis_server

MINUTE = timedelta(minutes=1)


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as server:
        yield server


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def link(redis: RedisServer, clock: FakeClock) -> AsyncGenerator[RedisLink]:
    async with asyncio.timeout(20), RedisLink(redis.url, clock) as link:
        yield link


def stop(redis: RedisServer) -> None:
    redis.process.kill()
    redis.process.wait()


async def test_a_cache_whose_redis_is_gone_finds_nothing_and_takes_everything(
    redis: RedisServer, link: RedisLink
) -> None:
    cache = RedisCache(link, "test")
    await cache.put("key", b"1", MINUTE)
    stop(redis)
    assert await cache.get("key") is None
    await cache.put("key", b"2", MINUTE)
    await cache.delete("key")
    with pytest.raises(Unavailable, match=r"Redis at .*redis\.sock cannot be used"):
        await cache.check()


async def test_a_redis_that_hangs_is_waited_for_once(redis: RedisServer, link: RedisLink) -> None:
    cache = RedisCache(link, "test")
    await cache.put("key", b"1", MINUTE)
    redis.hang()
    with structlog.testing.capture_logs() as told:
        for _ in range(1000):  # each would take half a second
            assert await cache.get("key") is None
    assert [line["event"] for line in told] == ["redis.away"]
    assert "no answer within 0.5 s" in told[0]["error"]


async def test_a_redis_that_is_back_is_used_again(
    redis: RedisServer, link: RedisLink, clock: FakeClock
) -> None:
    cache = RedisCache(link, "test")
    await cache.put("key", b"1", MINUTE)
    redis.hang()
    with structlog.testing.capture_logs() as told:
        assert await cache.get("key") is None
        redis.wake()
        assert await cache.get("key") is None
        clock.advance(REST_SECONDS)
        assert await cache.get("key") == b"1"
    assert [line["event"] for line in told] == ["redis.away", "redis.back"]


async def test_a_restart_between_two_questions_is_not_noticed(
    tmp_path: Path, clock: FakeClock
) -> None:
    with redis_server(tmp_path) as first:
        async with asyncio.timeout(20), RedisLink(first.url, clock) as link:
            await link.check()
            stop(first)
            with redis_server(tmp_path), structlog.testing.capture_logs() as told:
                await link.check()
    assert told == []


async def test_a_limit_whose_redis_is_gone_is_kept_by_the_process(
    redis: RedisServer, link: RedisLink
) -> None:
    limiter = RedisRateLimiter(link, "test", Limit(2, MINUTE))
    assert (await limiter.take("ada")).allowed
    stop(redis)
    allowed = [(await limiter.take("ada")).allowed for _ in range(4)]
    assert allowed == [True, True, False, False]


async def test_the_password_is_not_told() -> None:
    url = SecretStr("redis://user:sentinel-secret@127.0.0.1:1/0")
    with structlog.testing.capture_logs() as told:
        async with RedisLink(url) as link:
            with pytest.raises(Unavailable) as refused:
                await link.check()
    assert "127.0.0.1:1" in refused.value.message
    assert "sentinel-secret" not in refused.value.message + repr(told)
