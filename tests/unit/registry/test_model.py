from datetime import UTC, datetime

import pytest

from kit.contract.operation import Capability
from registry.load import loads
from registry.model import Server, ServerHealth, Snapshot, State, Tier

TEXT = """
version: 2
defaults: {health: {interval_seconds: 7, fall: 5}}
servers:
  - {name: a, tier: TERTIARY, capabilities: [TASKS], transport: {kind: http, url: "http://a"}}
  - name: a-replica
    tier: PRIMARY
    capabilities: [TASKS]
    transport: {kind: http, url: "http://b"}
    equivalence: {to: a, class: replica}
    health: {fall: 2}
  - {name: unused, enabled: false, tier: PRIMARY, transport: {kind: http, url: "http://c"}}
  - {name: d, tier: PRIMARY, capabilities: [PEOPLE], transport: {kind: http, url: "http://d"}}
"""


def servers() -> dict[str, Server]:
    return {each.name: each for each in loads(TEXT, "text", {}).resolved()}


def snapshot() -> Snapshot:
    health = {"a": ServerHealth(State.UP, datetime(2026, 1, 5, tzinfo=UTC))}
    return Snapshot(1, tuple(servers().values()), health, "test", "digest")


def test_a_server_says_only_what_differs_from_the_defaults() -> None:
    assert servers()["a"].health.fall == 5
    replica = servers()["a-replica"].health
    assert (replica.fall, replica.interval_seconds, replica.rise) == (2, 7, 2)


def test_a_disabled_server_is_as_if_it_were_not_there() -> None:
    assert "unused" not in servers()


def test_look_ups_find_servers_by_name_capability_and_provider() -> None:
    found = snapshot()
    assert found.server("a") == servers()["a"]
    assert found.server("unused") is None
    assert [each.name for each in found.with_capability(Capability.TASKS)] == ["a", "a-replica"]
    assert found.with_capability(Capability.CRM) == ()
    assert [each.name for each in found.answering_for("a")] == ["a", "a-replica"]
    assert [each.name for each in found.answering_for("d")] == ["d"]
    assert found.answering_for("a-replica") == ()


def test_health_that_was_never_heard_is_unknown() -> None:
    found = snapshot()
    assert found.health_of("a").state is State.UP
    assert found.health_of("d").state is State.UNKNOWN


def test_tiers_sort_by_preference() -> None:
    assert sorted(Tier, key=lambda tier: tier.rank) == [
        Tier.PRIMARY,
        Tier.SECONDARY,
        Tier.TERTIARY,
    ]


@pytest.mark.parametrize(
    ("state", "takes"),
    [
        (State.UP, True),
        (State.DEGRADED, True),
        (State.UNKNOWN, True),
        (State.DOWN, False),
        (State.DRAINING, False),
        (State.UNCONFIGURED, False),
    ],
)
def test_only_a_server_that_may_answer_takes_calls(state: State, takes: bool) -> None:  # noqa: FBT001 -- a table
    assert state.takes_calls is takes
