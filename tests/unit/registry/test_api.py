from datetime import UTC, datetime
from pathlib import Path

import pytest

from kit.errors import Invalid, Unavailable
from registry.api import FRESH_SECONDS, Registry, get_registry
from registry.load import loads
from registry.mistakes import RegistryInvalid
from registry.model import ServerHealth, Snapshot, State
from registry.store import Store
from tests.support.clock import FakeClock
from tests.support.registry import server, text, write
from tests.support.serving import dead_port

NOW = datetime(2026, 1, 5, tzinfo=UTC)
TEXT = text(
    server("spare", tier="TERTIARY"),
    server("second", tier="SECONDARY"),
    server("first"),
    server("people", capabilities=["PEOPLE"]),
)


def snapshot(**states: State) -> Snapshot:
    store = Store("test")
    servers = loads(TEXT, "text", {}).resolved()
    health = {each.name: ServerHealth(states.get(each.name, State.UP), NOW) for each in servers}
    store.swap(servers, health)
    return store.snapshot


def registry(**states: State) -> Registry:
    return Registry(lambda: snapshot(**states))


def test_servers_of_a_capability_come_in_order_of_preference() -> None:
    found = registry(first=State.DOWN).get_servers_for_capability("TASKS")
    assert [each.name for each in found] == ["first", "second", "spare"]
    assert registry().get_servers_for_capability("CRM") == []


@pytest.mark.parametrize(
    ("states", "name"),
    [
        ({}, "first"),
        ({"first": State.DEGRADED}, "first"),
        ({"first": State.DOWN}, "second"),
        ({"first": State.DRAINING, "second": State.UNCONFIGURED}, "spare"),
    ],
)
def test_the_primary_server_is_the_most_preferred_that_can_be_called(
    states: dict[str, State], name: str
) -> None:
    found = registry(**states).get_primary_server_for_capability("TASKS")
    assert found is not None
    assert found.name == name


def test_where_nothing_can_be_called_there_is_no_primary_server() -> None:
    found = registry(people=State.DOWN)
    assert found.get_primary_server_for_capability("PEOPLE") is None
    assert found.get_primary_server_for_capability("CRM") is None


def test_a_capability_that_does_not_exist_is_a_mistake_and_no_empty_answer() -> None:
    with pytest.raises(Invalid, match="'TASK' is no capability; known are TASKS"):
        registry().get_primary_server_for_capability("TASK")
    with pytest.raises(Invalid):
        registry().get_servers_for_capability("tasks")


def test_only_servers_that_are_up_are_healthy() -> None:
    found = registry(first=State.DOWN, second=State.DEGRADED, spare=State.UNKNOWN)
    assert [each.name for each in found.get_healthy_servers()] == ["people"]


def test_a_server_and_its_health_are_found_by_name() -> None:
    found = registry(first=State.DOWN)
    server_found = found.get_server("first")
    assert server_found is not None
    assert server_found.transport.url == "http://first.test/mcp"
    assert found.get_server("nobody") is None
    assert found.get_health("first").state is State.DOWN


def test_an_answer_is_reused_while_it_is_fresh() -> None:
    clock, asked = FakeClock(), []

    def ask() -> Snapshot:
        asked.append(clock.now())
        return snapshot()

    found = Registry(ask, clock)
    found.get_healthy_servers()
    clock.advance(FRESH_SECONDS)
    found.get_healthy_servers()
    assert len(asked) == 1
    clock.advance(0.1)
    found.get_healthy_servers()
    assert len(asked) == 2


def test_a_file_is_read_and_its_servers_are_probed(tmp_path: Path) -> None:
    transport = {"kind": "http", "url": f"http://127.0.0.1:{dead_port()}/mcp"}
    path = write(
        tmp_path / "registry.yaml", server("a", transport=transport), quick_interval_seconds=0.01
    )
    found = get_registry(path)
    assert found.get_healthy_servers() == []
    assert found.get_health("a").reason.startswith("connection refused on 127.0.0.1:")


def test_a_file_with_mistakes_names_them(tmp_path: Path) -> None:
    path = write(tmp_path / "registry.yaml", server("a", tier="FIRST"))
    with pytest.raises(RegistryInvalid, match=r"servers\.a\.tier"):
        get_registry(path).get_healthy_servers()


def test_a_registry_that_is_away_is_an_error_and_no_empty_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("registry.api.HEARD_SECONDS", 0.3)
    with pytest.raises(Unavailable, match=r"is not heard: .*Connection refused"):
        get_registry(f"grpc://127.0.0.1:{dead_port()}").get_healthy_servers()


async def test_it_works_where_a_loop_runs_already(tmp_path: Path) -> None:
    path = write(tmp_path / "registry.yaml", server("a", requires=["env:NOT_SET_ANYWHERE"]))
    assert get_registry(path).get_health("a").state is State.UNCONFIGURED
