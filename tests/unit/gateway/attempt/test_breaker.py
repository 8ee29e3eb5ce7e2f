"""The breaker's transitions, as a table and as a whole."""

import pytest

from gateway.attempt.breaker import CLOSED, BreakerPolicy, Breakers, Position, admits, observed
from tests.support.clock import FakeClock

POLICY = BreakerPolicy(failures=3, seconds=5)


@pytest.mark.parametrize(
    ("history", "position"),
    [
        ("", Position.CLOSED),
        ("xx", Position.CLOSED),
        ("xx.xx", Position.CLOSED),
        ("xxx", Position.OPEN),
        ("xxx.", Position.CLOSED),
        ("xxxx", Position.OPEN),
    ],
)
def test_failures_in_a_row_open_it_and_one_success_closes_it(
    history: str, position: Position
) -> None:
    breaker = CLOSED
    for sign in history:
        breaker = observed(breaker, POLICY, 0.0, ok=sign == ".")
    assert breaker.position is position


def test_an_open_breaker_lets_one_call_through_after_its_time() -> None:
    clock = FakeClock()
    breakers = Breakers(POLICY, clock)
    for _ in range(3):
        breakers.observe("linear", "tasks.search", ok=False)
    assert "open after 3 failures" in breakers.refusal("linear", "tasks.search")
    assert breakers.refusal("linear", "tasks.get") == ""
    clock.advance(5)
    assert breakers.refusal("linear", "tasks.search") == ""
    assert breakers.admit("linear", "tasks.search")
    assert not breakers.admit("linear", "tasks.search")
    breakers.observe("linear", "tasks.search", ok=True)
    assert breakers.admit("linear", "tasks.search")
    assert breakers.open() == {}


def test_a_failed_trial_opens_it_again_at_once() -> None:
    clock = FakeClock()
    breakers = Breakers(POLICY, clock)
    for _ in range(3):
        breakers.observe("a", "op", ok=False)
    clock.advance(5)
    assert breakers.admit("a", "op")
    breakers.observe("a", "op", ok=False)
    assert breakers.refusal("a", "op")
    assert breakers.open() == {"a": ["op"]}


def test_a_trial_that_never_ends_is_lost_after_the_same_time() -> None:
    clock = FakeClock()
    breakers = Breakers(POLICY, clock)
    for _ in range(3):
        breakers.observe("a", "op", ok=False)
    clock.advance(5)
    assert breakers.admit("a", "op")
    clock.advance(5)
    assert breakers.admit("a", "op")


def test_a_server_that_is_well_again_starts_afresh() -> None:
    breakers = Breakers(POLICY, FakeClock())
    for _ in range(3):
        breakers.observe("a", "op", ok=False)
        breakers.observe("b", "op", ok=False)
    breakers.forget("a")
    assert breakers.refusal("a", "op") == ""
    assert breakers.refusal("b", "op")


def test_a_closed_breaker_admits_at_any_time() -> None:
    assert admits(CLOSED, -1e9)
