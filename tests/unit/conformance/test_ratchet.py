"""A pinned leg notices what is lost, what is gained, and what is passed over."""

import pytest

from tests.conformance import pinned
from tests.conformance.suite import LEGS, Check, Count, Leg


def leg(*checks: tuple[str, str]) -> Leg:
    found = (Check(scenario, "check", status, "why") for scenario, status in checks)
    return Leg("2026-07-28", tuple(found))


def verdicts(found: Leg, **then: Count) -> list[str]:
    return [line.rpartition(": ")[2] for line in found.differences(then)]


def test_a_leg_that_is_as_pinned_has_no_difference() -> None:
    found = leg(("ping", "SUCCESS"), ("ping", "INFO"), ("list", "FAILURE"))
    assert verdicts(found, ping=Count(1), list=Count(0, 1)) == []


@pytest.mark.parametrize("status", ["FAILURE", "WARNING", "SKIPPED"])
def test_what_did_not_pass_counts_against_the_server(status: str) -> None:
    assert verdicts(leg(("ping", "SUCCESS"), ("ping", status)), ping=Count(1)) == ["worse"]


@pytest.mark.parametrize("now", [(("ping", "INFO"),), ()])
def test_a_check_that_was_not_made_is_missed(now: tuple[tuple[str, str], ...]) -> None:
    assert verdicts(leg(*now), ping=Count(1)) == ["worse"]


def test_a_gain_is_to_be_pinned() -> None:
    assert verdicts(leg(("ping", "SUCCESS")), ping=Count(0, 1)) == ["pin the new count"]


def test_a_gain_that_costs_another_check_is_worse() -> None:
    found = leg(("list", "SUCCESS"), ("list", "FAILURE"))
    assert verdicts(found, list=Count(0)) == ["worse"]


def test_one_scenarios_gain_does_not_hide_anothers_loss() -> None:
    found = leg(("list", "SUCCESS"), ("ping", "FAILURE"))
    assert verdicts(found, list=Count(0, 1), ping=Count(1)) == ["pin the new count", "worse"]


def test_what_is_pinned_adds_up() -> None:
    whole = pinned.totals()
    assert list(whole) == list(LEGS)
    for revision, (target, reached) in whole.items():
        assert sum(count.passed for count in pinned.expected(revision).values()) == target
        assert sum(count.passed for count in pinned.reached(revision).values()) == reached
