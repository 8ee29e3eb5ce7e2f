"""Places at a server: bounded, fair, never lost."""

import asyncio

import pytest

from gateway.attempt.bulkhead import Bulkhead
from kit.errors import RateLimited


async def turns() -> None:
    """Let everything that can run do so."""
    for _ in range(5):
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)


async def test_places_are_given_in_the_order_of_arrival() -> None:
    bulkhead = Bulkhead("linear", 1, 5)
    order: list[int] = []

    async def call(number: int) -> None:
        await bulkhead.enter()
        order.append(number)

    await bulkhead.enter()
    waiting = [asyncio.create_task(call(number)) for number in range(3)]
    for _ in range(3):
        await turns()
        bulkhead.leave()
    await asyncio.gather(*waiting)
    assert order == [0, 1, 2]
    assert bulkhead.running == 1
    bulkhead.leave()
    assert bulkhead.running == 0


async def test_who_waits_too_long_is_refused_and_holds_nothing() -> None:
    bulkhead = Bulkhead("linear", 1, 0.01)
    await bulkhead.enter()
    with pytest.raises(RateLimited, match="1 calls running") as refused:
        await bulkhead.enter()
    assert refused.value.certain
    bulkhead.leave()
    assert bulkhead.running == 0
    await bulkhead.enter()
    assert bulkhead.running == 1


async def test_a_place_that_comes_as_its_waiter_gives_up_is_passed_on() -> None:
    bulkhead = Bulkhead("linear", 1, 5)
    await bulkhead.enter()
    first = asyncio.create_task(bulkhead.enter())
    second = asyncio.create_task(bulkhead.enter())
    await turns()
    bulkhead.leave()  # first has the place now
    first.cancel()  # and is gone before it can take it
    await asyncio.wait({first, second}, timeout=5)
    assert first.cancelled()
    assert second.done()
    assert bulkhead.running == 1


async def test_a_waiter_that_is_cancelled_is_forgotten() -> None:
    bulkhead = Bulkhead("linear", 1, 5)
    await bulkhead.enter()
    waiting = asyncio.create_task(bulkhead.enter())
    await turns()
    waiting.cancel()
    await asyncio.wait({waiting}, timeout=5)
    bulkhead.leave()
    assert bulkhead.running == 0
