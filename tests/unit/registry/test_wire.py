from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry import wire
from registry.model import (
    Fact,
    FactName,
    FactStatus,
    LoadError,
    Server,
    ServerHealth,
    Snapshot,
    State,
)
from registry.store import Store
from tests.support.registry import server

NOW = datetime(2026, 1, 5, 9, 30, 1, 250_000, tzinfo=UTC)
WHOLE = server(
    "hosted",
    description="all keys",
    tier="SECONDARY",
    limits={"max_concurrency": 7, "timeout_seconds": 1.5},
    health={
        "interval_seconds": 9,
        "timeout_seconds": 2,
        "fall": 4,
        "rise": 5,
        "quick_interval_seconds": 0.5,
    },
    secret="env:TOKEN",
    requires=["env:TOKEN", "env:TEAM"],
    equivalence={"to": "linear", "class": "snapshot", "max_age_seconds": 60},
    bindings={
        "tasks.search": {"tool": "a", "arguments": {"query": "q"}, "result": "issues"},
        "tasks.get": {"tool": "b", "arguments": {}},
        "tasks.create": {"tool": "c"},
    },
)

times = st.integers(0, 10**9).map(lambda seconds: NOW + timedelta(seconds=seconds))
facts = st.dictionaries(
    st.sampled_from(FactName), st.builds(Fact, st.sampled_from(FactStatus), st.text(), times)
)
healths = st.builds(ServerHealth, st.sampled_from(State), times, st.text(), facts)


def test_a_server_comes_over_whole() -> None:
    for each in (Server.model_validate(WHOLE), Server.model_validate(server("bare"))):
        assert wire.server_in(wire.server_out(each)) == each


def test_every_key_of_a_server_is_in_the_specimen() -> None:
    whole = Server.model_validate(WHOLE)
    assert whole.model_fields_set == set(Server.model_fields) - {"enabled"}


def test_what_a_registration_leaves_out_stays_left_out() -> None:
    sent = wire.server_out(Server.model_validate(server("a")))
    sent.ClearField("limits")
    sent.ClearField("health")
    assert wire.declaration(sent) == server("a")
    sent.health.fall = 9
    assert wire.declaration(sent)["health"] == {"fall": 9}


@given(healths)
def test_health_comes_over_whole(health: ServerHealth) -> None:
    assert wire.health_in([wire.health_out("a", health)]) == {"a": health}


def test_a_snapshot_comes_over_whole() -> None:
    store = Store("file registry.yaml")
    store.swap([Server.model_validate(WHOLE)], {"hosted": ServerHealth(State.UP, NOW)})
    found = wire.snapshot_in(wire.snapshot_out(store.snapshot), "grpc://x:1")
    assert found.source == "file registry.yaml by grpc://x:1"
    assert (found.revision, found.servers, found.health, found.servers_digest) == (
        store.snapshot.revision,
        store.snapshot.servers,
        store.snapshot.health,
        store.snapshot.servers_digest,
    )


def test_only_what_changed_is_sent_again() -> None:
    same = ServerHealth(State.UP, NOW)
    before = {"a": same, "b": same}
    now = {**before, "b": ServerHealth(State.DOWN, NOW + timedelta(seconds=1))}
    assert [each.server for each in wire.changed(before, now).health] == ["b"]


def test_a_load_error_comes_over_whole() -> None:
    error = LoadError("registry.yaml:1: wrong", NOW)
    sent = wire.load_error_out(error)
    assert sent is not None
    assert wire.load_error_in(sent) == error
    assert wire.load_error_out(None) is None


def test_what_a_newer_registry_says_does_not_stop_an_older_gateway() -> None:
    sent = wire.server_out(Server.model_validate(server("a")))
    sent.capabilities.append("TELEPATHY")
    assert [each.value for each in wire.server_in(sent).capabilities] == ["TASKS"]
    health = wire.health_out("a", ServerHealth(State.UP, NOW))
    health.MergeFromString(b"\x10\x63")  # state: 99
    health.facts.add(name="mood", status=1)
    health.facts.add(name="reachable").MergeFromString(b"\x10\x63")  # status: 99
    found = wire.health_in([health])["a"]
    assert found.state is State.UNKNOWN
    assert {name: fact.status for name, fact in found.facts.items()} == {
        FactName.REACHABLE: FactStatus.UNKNOWN
    }


def test_an_empty_snapshot_is_one_that_was_never_heard() -> None:
    assert Snapshot.empty("x").revision == 0
