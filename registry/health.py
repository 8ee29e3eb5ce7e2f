"""From what probes find to one state: pure functions on frozen values.

A probe's findings have a level: good, impaired (it answers, and something of it will fail)
or bad (it does not answer). A server gets worse after ``fall`` worse probes in a row and
better after ``rise`` better ones; only the very first good answer counts at once. So the
state is a function of the history, and never changes faster than ``fall`` and ``rise``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum
from typing import Final

from registry.model import (
    NOT_PROBED,
    Fact,
    FactName,
    FactStatus,
    HealthPolicy,
    ServerHealth,
    State,
)

JITTER: Final = 0.1
"""How far an interval is spread to either side, so that probes do not march in step."""


class Level(IntEnum):
    """How one probe went; a greater one is worse."""

    GOOD = 0
    IMPAIRED = 1
    BAD = 2


_STATE: Final = {Level.GOOD: State.UP, Level.IMPAIRED: State.DEGRADED, Level.BAD: State.DOWN}
_LEVEL: Final = {state: level for level, state in _STATE.items()}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a probe found about one fact; *detail* stands by itself as a reason."""

    status: FactStatus
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """What one probe found.

    Attributes:
        findings: By fact; one that is not there was not looked into.
        tools: The names of its tools; none: they could not be listed.
    """

    findings: Mapping[FactName, Finding]
    tools: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Track:
    """What is kept of a server's history.

    Attributes:
        health: As measured; an operator's drain is not in it.
        recent: Levels of the probes since the last change of state, oldest first, no more
            than a decision can need.
        had_tools: It has listed tools before.
    """

    health: ServerHealth
    recent: tuple[Level, ...] = ()
    had_tools: bool = False


@dataclass(frozen=True, slots=True)
class Drain:
    """An operator's order to send a server no more calls."""

    reason: str
    since: datetime


def begin(now: datetime) -> Track:
    """Return the track of a server that was never probed."""
    return Track(ServerHealth(State.UNKNOWN, now, NOT_PROBED))


def level(facts: Mapping[FactName, Finding | Fact]) -> Level:
    """Return how well a server with these *facts* is."""
    status = {name: fact.status for name, fact in facts.items()}
    if status.get(FactName.REACHABLE) is not FactStatus.OK:
        return Level.BAD
    throttled = status.get(FactName.QUOTA) is FactStatus.FAILED
    spoken = status.get(FactName.PROTOCOL, FactStatus.UNKNOWN)
    if spoken is FactStatus.FAILED or (spoken is FactStatus.UNKNOWN and not throttled):
        return Level.BAD
    if any(fact.status is FactStatus.FAILED for fact in facts.values()):
        return Level.IMPAIRED
    return Level.GOOD


def observe(track: Track, seen: Observation, policy: HealthPolicy, now: datetime) -> Track:
    """Return the track after one more probe."""
    findings = dict(seen.findings)
    if track.had_tools and seen.tools is not None and not seen.tools:
        gone = Finding(FactStatus.FAILED, "lists no tools although it had some")
        findings[FactName.CONTRACT] = gone
    before = track.health
    recent = (*track.recent, level(findings))[-max(policy.fall, policy.rise) :]
    state = _decided(before.state, recent, policy)
    if state is not before.state:
        recent = ()
    return Track(
        health=ServerHealth(
            state=state,
            since=now if state is not before.state else before.since,
            reason=_reason(state, findings, recent, policy),
            facts=_facts(before.facts, findings, now),
        ),
        recent=recent,
        had_tools=track.had_tools or bool(seen.tools),
    )


def suspect(health: ServerHealth) -> bool:
    """Whether the last probe speaks against the state."""
    return health.state is State.UNKNOWN or level(health.facts) is not _LEVEL[health.state]


def next_probe_seconds(health: ServerHealth, policy: HealthPolicy, spread: float) -> float:
    """Return how long to wait before the next probe; *spread* is random, from -1 to 1."""
    quick = health.state is State.DOWN or suspect(health)
    usual = policy.quick_interval_seconds if quick else policy.interval_seconds
    return min(usual, policy.interval_seconds) * (1 + JITTER * spread)


def shown(
    measured: ServerHealth, missing: str = "", drain: Drain | None = None, *, since: datetime
) -> ServerHealth:
    """Return the health that callers see: settings that lack and drains go before probes.

    Args:
        measured: What the probes found.
        missing: What must be set first, for people; empty when nothing lacks.
        drain: The operator's order, if there is one.
        since: Since when *missing* is so.
    """
    if missing:
        return replace(measured, state=State.UNCONFIGURED, since=since, reason=missing)
    if drain is not None:
        reason = drain.reason or "drained by an operator"
        return replace(measured, state=State.DRAINING, since=drain.since, reason=reason)
    return measured


def _decided(state: State, recent: tuple[Level, ...], policy: HealthPolicy) -> State:
    newest, falling, rising = recent[-1], recent[-policy.fall :], recent[-policy.rise :]
    fell, rose = len(falling) == policy.fall, len(rising) == policy.rise
    if state is State.UNKNOWN:
        if newest is not Level.BAD:
            return _STATE[newest]
        return State.DOWN if fell and min(falling) is Level.BAD else State.UNKNOWN
    here = _LEVEL[state]
    if fell and min(falling) > here:
        return _STATE[min(falling)]
    if rose and max(rising) < here:
        return _STATE[max(rising)]
    return state


def _reason(
    state: State,
    findings: Mapping[FactName, Finding],
    recent: tuple[Level, ...],
    policy: HealthPolicy,
) -> str:
    wrong = [
        findings[name].detail or f"{name} failed"
        for name in FactName
        if name in findings and findings[name].status is FactStatus.FAILED
    ]
    why = "; ".join(wrong)
    newest = level(findings)
    here = _LEVEL.get(state, Level.GOOD)
    if newest > here and recent:
        streak = _streak([each > here for each in recent])
        return f"{streak} of {policy.fall} bad probes: {why}"
    if newest < here and recent:
        streak = _streak([each < here for each in recent])
        return f"better for {streak} of {policy.rise} probes{f': {why}' if why else ''}"
    return why


def _streak(recent: Sequence[bool]) -> int:
    """Return how many of the last ones are true."""
    return next((n for n, held in enumerate(reversed(recent)) if not held), len(recent))


def _facts(
    before: Mapping[FactName, Fact], findings: Mapping[FactName, Finding], now: datetime
) -> dict[FactName, Fact]:
    facts: dict[FactName, Fact] = {}
    for name in FactName:
        found = findings.get(name, Finding(FactStatus.UNKNOWN))
        known = before.get(name)
        since = known.since if known is not None and known.status is found.status else now
        facts[name] = Fact(found.status, found.detail, since)
    return facts
