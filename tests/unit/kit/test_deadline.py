import asyncio

import pytest

from kit.deadline import Deadline, bounded, current, spending


def test_without_a_deadline_a_wait_is_as_long_as_asked_for() -> None:
    assert current() is None
    assert bounded(30) == 30


def test_a_wait_ends_with_the_deadline_at_the_latest() -> None:
    with spending(Deadline.after(10)):
        assert 9 < bounded(30) <= 10
        assert bounded(1) == 1


def test_nothing_is_left_after_the_deadline() -> None:
    passed = Deadline.after(-1)
    assert passed.remaining() < 0
    with spending(passed):
        assert bounded(30) == 0


def test_an_inner_deadline_can_only_be_earlier() -> None:
    near, far = Deadline.after(1), Deadline.after(60)
    with spending(near):
        with spending(far):
            assert current() is near
        with spending(None):
            assert current() is near
    with spending(far), spending(near):
        assert current() is near


def test_a_deadline_ends_with_its_block() -> None:
    outer = Deadline.after(60)
    with spending(outer):
        with spending(Deadline.after(1)), pytest.raises(ZeroDivisionError):
            raise ZeroDivisionError
        assert current() is outer
    assert current() is None


async def test_each_call_spends_its_own() -> None:
    started = asyncio.Barrier(2)

    async def call(seconds: float) -> float:
        with spending(Deadline.after(seconds)):
            await started.wait()
            return bounded(1000)

    async with asyncio.timeout(5):
        short, long = await asyncio.gather(call(10), call(100))
    assert short <= 10 < long <= 100
