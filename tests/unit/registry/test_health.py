from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.health import (
    JITTER,
    Drain,
    Finding,
    Level,
    Observation,
    Track,
    begin,
    level,
    next_probe_seconds,
    observe,
    shown,
    suspect,
)
from registry.model import FactName, FactStatus, HealthPolicy, State

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
POLICY = HealthPolicy()
OK, FAILED, UNKNOWN = FactStatus.OK, FactStatus.FAILED, FactStatus.UNKNOWN
GOOD = Observation(
    {FactName.REACHABLE: Finding(OK), FactName.PROTOCOL: Finding(OK)}, frozenset({"search"})
)
IMPAIRED = Observation(
    {**GOOD.findings, FactName.AUTH: Finding(FAILED, "the key was refused")}, frozenset({"search"})
)
BAD = Observation({FactName.REACHABLE: Finding(FAILED, "connection refused on 127.0.0.1:9")})
SEEN = {".": GOOD, "-": IMPAIRED, "x": BAD}


def after(history: str, policy: HealthPolicy = POLICY) -> Track:
    return list(tracks(history, policy))[-1]


def tracks(history: str, policy: HealthPolicy = POLICY) -> Iterable[Track]:
    track = begin(START)
    yield track
    for number, each in enumerate(history, start=1):
        track = observe(track, SEEN[each], policy, START + timedelta(seconds=number))
        yield track


@pytest.mark.parametrize(
    ("history", "state"),
    [
        ("", State.UNKNOWN),
        (".", State.UP),
        ("-", State.DEGRADED),
        ("x", State.UNKNOWN),
        ("xx", State.UNKNOWN),
        ("xx.", State.UP),
        ("xxx", State.DOWN),
        ("xxx.", State.DOWN),
        ("xxx..", State.UP),
        ("xxx.x.", State.DOWN),
        (".xx", State.UP),
        (".xx.xx", State.UP),
        (".xxx", State.DOWN),
        (".--", State.UP),
        (".---", State.DEGRADED),
        (".-x-", State.DEGRADED),
        (".---xx", State.DEGRADED),
        (".---xxx", State.DOWN),
        ("-.", State.DEGRADED),
        ("-..", State.UP),
        ("xxx.-", State.DEGRADED),
        ("xxx--", State.DEGRADED),
        ("xxx--.", State.DEGRADED),
        ("xxx--..", State.UP),
    ],
)
def test_the_state_follows_the_history_of_probes(history: str, state: State) -> None:
    assert after(history).health.state is state


@pytest.mark.parametrize(
    ("history", "reason"),
    [
        ("", "not probed yet"),
        (".", ""),
        ("x", "1 of 3 bad probes: connection refused on 127.0.0.1:9"),
        (".xx", "2 of 3 bad probes: connection refused on 127.0.0.1:9"),
        (".xxx", "connection refused on 127.0.0.1:9"),
        (".xxx.", "better for 1 of 2 probes"),
        (".xxx-", "better for 1 of 2 probes: the key was refused"),
        (".---", "the key was refused"),
    ],
)
def test_the_reason_says_what_a_person_must_know(history: str, reason: str) -> None:
    assert after(history).health.reason == reason


def test_since_is_when_the_state_was_taken_on() -> None:
    assert after(".xxxxx").health.since == START + timedelta(seconds=4)


def test_a_fact_is_known_before_the_state_follows() -> None:
    health = after("..x").health
    assert health.state is State.UP
    assert health.facts[FactName.REACHABLE].status is FAILED
    assert health.facts[FactName.REACHABLE].since == START + timedelta(seconds=3)
    assert health.facts[FactName.PROTOCOL].status is UNKNOWN


def test_a_fact_keeps_its_since_while_its_status_stays() -> None:
    assert after("...").health.facts[FactName.REACHABLE].since == START + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ({}, Level.BAD),
        ({FactName.REACHABLE: OK}, Level.BAD),
        ({FactName.REACHABLE: OK, FactName.PROTOCOL: FAILED}, Level.BAD),
        ({FactName.REACHABLE: OK, FactName.PROTOCOL: UNKNOWN, FactName.AUTH: FAILED}, Level.BAD),
        ({FactName.REACHABLE: OK, FactName.QUOTA: FAILED}, Level.IMPAIRED),
        ({FactName.REACHABLE: OK, FactName.PROTOCOL: OK}, Level.GOOD),
        ({FactName.REACHABLE: OK, FactName.PROTOCOL: OK, FactName.AUTH: UNKNOWN}, Level.GOOD),
        ({FactName.REACHABLE: OK, FactName.PROTOCOL: OK, FactName.AUTH: FAILED}, Level.IMPAIRED),
        ({FactName.REACHABLE: OK, FactName.PROTOCOL: OK, FactName.QUOTA: FAILED}, Level.IMPAIRED),
        (
            {FactName.REACHABLE: OK, FactName.PROTOCOL: OK, FactName.CONTRACT: FAILED},
            Level.IMPAIRED,
        ),
    ],
)
def test_facts_amount_to_one_level(findings: dict[FactName, FactStatus], expected: Level) -> None:
    assert level({name: Finding(status) for name, status in findings.items()}) is expected


def test_a_server_that_lost_all_its_tools_is_not_healthy() -> None:
    track = after("..")
    empty = Observation(GOOD.findings, frozenset())
    for _ in range(POLICY.fall):
        track = observe(track, empty, POLICY, START)
    assert track.health.state is State.DEGRADED
    assert track.health.reason == "lists no tools although it had some"


def test_a_server_that_never_had_tools_may_list_none() -> None:
    empty = Observation(GOOD.findings, frozenset())
    assert observe(begin(START), empty, POLICY, START).health.state is State.UP


def test_a_server_whose_tools_could_not_be_listed_is_not_taken_for_empty() -> None:
    unlisted = Observation(GOOD.findings, None)
    assert level(observe(after("."), unlisted, POLICY, START).health.facts) is Level.GOOD


@pytest.mark.parametrize(
    ("history", "seconds"),
    [("", 1), (".", 30), ("---", 30), (".x", 1), (".xxx", 1), (".xxx.", 1), (".xxx..", 30)],
)
def test_probes_are_quick_while_a_server_is_down_or_suspect(history: str, seconds: float) -> None:
    assert next_probe_seconds(after(history).health, POLICY, 0) == seconds


def test_jitter_spreads_an_interval_to_both_sides() -> None:
    health = after(".").health
    assert next_probe_seconds(health, POLICY, -1) == pytest.approx(30 * (1 - JITTER))
    assert next_probe_seconds(health, POLICY, 1) == pytest.approx(30 * (1 + JITTER))


def test_a_missing_setting_goes_before_a_drain_and_a_drain_before_probes() -> None:
    measured = after(".").health
    drain = Drain("moving house", START + timedelta(hours=1))
    later = START + timedelta(hours=2)
    assert shown(measured, since=later) == measured
    drained = shown(measured, drain=drain, since=later)
    assert (drained.state, drained.reason) == (State.DRAINING, "moving house")
    assert drained.since == drain.since
    lacking = shown(measured, "X is not set", drain, since=later)
    assert (lacking.state, lacking.reason) == (State.UNCONFIGURED, "X is not set")
    assert lacking.since == later
    assert lacking.facts == measured.facts


histories = st.text(alphabet=".-x", max_size=60)
policies = st.builds(
    HealthPolicy, fall=st.integers(min_value=1, max_value=5), rise=st.integers(1, 5)
)
RANK = {State.UP: 0, State.DEGRADED: 1, State.DOWN: 2}


@given(histories, policies)
def test_it_never_changes_faster_than_fall_and_rise(history: str, policy: HealthPolicy) -> None:
    states = [track.health.state for track in tracks(history, policy)]
    last_change = 0
    for number in range(1, len(states)):
        before, now = states[number - 1], states[number]
        if now is before:
            continue
        if before is not State.UNKNOWN:
            needed = policy.fall if RANK[now] > RANK[before] else policy.rise
            assert number - last_change >= needed
        last_change = number


@given(histories, policies)
def test_a_change_is_borne_out_by_every_probe_that_led_to_it(
    history: str, policy: HealthPolicy
) -> None:
    found = list(tracks(history, policy))
    for number in range(1, len(found)):
        before, now = found[number - 1].health.state, found[number].health.state
        if now is before or before is State.UNKNOWN:
            continue
        worse = RANK[now] > RANK[before]
        led = history[number - (policy.fall if worse else policy.rise) : number]
        levels = [".-x".index(each) for each in led]
        assert all((each > RANK[before]) if worse else (each < RANK[before]) for each in levels)
        assert RANK[now] == (min(levels) if worse else max(levels))


@given(histories, policies)
def test_enough_like_probes_settle_the_state_whatever_went_before(
    history: str, policy: HealthPolicy
) -> None:
    enough = max(policy.fall, policy.rise) * 2
    for each, state in ((".", State.UP), ("-", State.DEGRADED), ("x", State.DOWN)):
        health = after(history + each * enough, policy).health
        assert health.state is state
        assert not suspect(health)


@given(histories, policies)
def test_what_is_kept_of_a_history_is_bounded(history: str, policy: HealthPolicy) -> None:
    assert len(after(history, policy).recent) <= max(policy.fall, policy.rise)
