"""The rate limiter in process, by a clock that stands still."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from kit.ratelimit import Limit, MemoryRateLimiter
from tests.support.clock import FakeClock


async def test_the_window_moves_with_the_time() -> None:
    clock = FakeClock()
    limiter = MemoryRateLimiter(Limit(2, timedelta(seconds=10)), clock)
    await limiter.take("ada")
    clock.advance(6)
    await limiter.take("ada")
    refused = await limiter.take("ada")
    assert refused.retry_after_seconds == 4
    clock.advance(4)
    assert (await limiter.take("ada")).allowed
    assert (await limiter.take("ada")).retry_after_seconds == 6


async def test_a_large_cost_is_told_when_all_of_it_fits() -> None:
    clock = FakeClock()
    limiter = MemoryRateLimiter(Limit(3, timedelta(seconds=10)), clock)
    for _ in range(3):
        await limiter.take("ada")
        clock.advance(1)
    assert (await limiter.take("ada", 2)).retry_after_seconds == 8
    clock.advance(8)
    assert (await limiter.take("ada", 2)).allowed


async def test_keys_are_bounded_and_the_one_used_longest_ago_starts_anew() -> None:
    limiter = MemoryRateLimiter(Limit(1, timedelta(seconds=10)), FakeClock(), max_keys=2)
    for key in ("ada", "grace", "edsger"):
        await limiter.take(key)
    assert not (await limiter.take("edsger")).allowed
    assert (await limiter.take("ada")).allowed


STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), max_size=60)


@given(STEPS)
async def test_no_window_ever_holds_more_than_the_limit(steps: list[tuple[int, int]]) -> None:
    clock = FakeClock()
    limiter = MemoryRateLimiter(Limit(5, timedelta(seconds=10)), clock)
    taken: list[float] = []
    for tenths, cost in steps:
        clock.advance(tenths / 10)
        decision = await limiter.take("ada", cost)
        if decision.allowed:
            taken += [clock.now()] * cost
        else:
            assert decision.retry_after_seconds > 0
        assert all(sum(start <= at < start + 10 for at in taken) <= 5 for start in taken)
