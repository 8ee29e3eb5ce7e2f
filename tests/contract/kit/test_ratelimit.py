"""Both rate limiters keep the same promises."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from datetime import timedelta
from uuid import uuid4

import pytest

from kit.clock import SystemClock
from kit.errors import Invalid
from kit.ratelimit import Decision, Limit, RateLimiter, open_ratelimiter
from kit.settings import FleetSettings
from tests.support.redis import RedisServer, redis_server

THREE = Limit(3, timedelta(minutes=1))


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(params=["memory", "redis"])
def settings(request: pytest.FixtureRequest) -> FleetSettings:
    url = None if request.param == "memory" else request.getfixturevalue("redis").url
    return FleetSettings(redis_url=url)


@pytest.fixture
async def limiter(settings: FleetSettings) -> AsyncGenerator[RateLimiter]:
    async with open_ratelimiter(settings, uuid4().hex, THREE) as limiter:
        yield limiter


async def test_what_is_left_is_told_until_nothing_is(limiter: RateLimiter) -> None:
    for remaining in (2, 1, 0):
        assert await limiter.take("ada") == Decision(
            allowed=True, retry_after_seconds=0.0, remaining=remaining
        )
    refused = await limiter.take("ada")
    assert not refused.allowed
    assert refused.remaining == 0
    assert 0 < refused.retry_after_seconds <= 60


async def test_keys_do_not_share_a_limit(limiter: RateLimiter) -> None:
    for _ in range(3):
        await limiter.take("ada")
    assert (await limiter.take("grace")).allowed


async def test_a_cost_counts_as_often(limiter: RateLimiter) -> None:
    assert (await limiter.take("ada", 2)).remaining == 1
    assert (await limiter.take("ada", 1)).remaining == 0


async def test_what_is_refused_is_not_counted(limiter: RateLimiter) -> None:
    await limiter.take("ada", 2)
    refused = await limiter.take("ada", 2)
    assert (refused.allowed, refused.remaining) == (False, 1)
    assert (await limiter.take("ada")).allowed


@pytest.mark.parametrize("cost", [0, -1, 4])
async def test_a_cost_that_is_never_allowed_is_a_mistake(limiter: RateLimiter, cost: int) -> None:
    with pytest.raises(Invalid, match="a cost is 1 to 3") as refused:
        await limiter.take("ada", cost)
    assert refused.value.field == "cost"


async def test_after_the_time_that_was_told_it_is_allowed_again(settings: FleetSettings) -> None:
    second = Limit(1, timedelta(seconds=1))
    async with asyncio.timeout(5), open_ratelimiter(settings, uuid4().hex, second) as limiter:
        await limiter.take("ada")
        refused = await limiter.take("ada")
        await SystemClock().sleep(refused.retry_after_seconds + 0.01)
        assert (await limiter.take("ada")).allowed


async def test_of_many_at_once_only_as_many_as_the_limit_get_through(
    limiter: RateLimiter,
) -> None:
    decisions = await asyncio.gather(*(limiter.take("ada") for _ in range(20)))
    assert sum(decision.allowed for decision in decisions) == 3


async def test_processes_share_a_limit_of_one_name_only(redis: RedisServer) -> None:
    settings = FleetSettings(redis_url=redis.url)
    async with (
        open_ratelimiter(settings, "shared", THREE) as one,
        open_ratelimiter(settings, "shared", THREE) as same,
        open_ratelimiter(settings, "other", THREE) as other,
    ):
        await one.take("ada", 3)
        assert not (await same.take("ada")).allowed
        assert (await other.take("ada")).allowed


@pytest.mark.parametrize(
    ("amount", "window"),
    [(0, timedelta(seconds=1)), (1, timedelta(0)), (1, timedelta(seconds=1.5))],
)
def test_a_limit_is_one_or_more_in_whole_seconds(amount: int, window: timedelta) -> None:
    with pytest.raises(ValueError, match="whole seconds"):
        Limit(amount, window)
