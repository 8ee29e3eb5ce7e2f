"""Plans: who is asked, in which order, and why others not."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.catalogue import Catalogue
from gateway.explain import explained, simulated
from gateway.routing.plan import plan
from gateway.routing.table import Table, compile_table, exposed_name
from kit.contract.catalogue import OPERATIONS
from kit.errors import Invalid, NotFound
from registry.model import Document, Snapshot

AT = datetime(2026, 1, 5, tzinfo=UTC)
TOOLS = ("tasks_search", "tasks_get", "tasks_create", "people_resolve")
SEARCH, GET, CREATE = (OPERATIONS[f"tasks.{name}"] for name in ("search", "get", "create"))


def server(name: str, tier: str = "PRIMARY", **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {
        "name": name,
        "tier": tier,
        "capabilities": ["TASKS"],
        "transport": {"kind": "http", "url": f"http://{name}.example/mcp"},
    }
    return {**given, **more}


def table(*servers: dict[str, Any], tools: dict[str, tuple[str, ...]] | None = None) -> Table:
    """Return the table of *servers*, in order of tier; each has the contract's tools."""
    resolved = Document.model_validate({"version": 2, "servers": servers}).resolved()
    ordered = tuple(sorted(resolved, key=lambda each: each.tier.rank))
    snapshot = Snapshot(1, ordered, {}, "test", "digest")
    listed = {each.name: (tools or {}).get(each.name, TOOLS) for each in ordered}
    catalogues = {
        name: Catalogue(tuple({"name": tool} for tool in names), AT)
        for name, names in listed.items()
    }
    return compile_table(snapshot, catalogues)


def anybody(_: str, __: str) -> str:
    return ""


def without(*down: str) -> Any:
    return lambda server, _: "DOWN" if server in down else ""


def shape(found: Any) -> list[tuple[str, list[str]]]:
    return [(leg.provider, [c.server.name for c in leg.candidates]) for leg in found.legs]


STAND_IN: dict[str, Any] = {"equivalence": {"to": "linear", "class": "same_source"}}


def test_a_merge_asks_every_provider_in_order_of_tier() -> None:
    three = table(server("asana", "TERTIARY"), server("linear"), server("jira", "SECONDARY"))
    found = plan(three, SEARCH, {}, anybody)
    assert shape(found) == [("linear", ["linear"]), ("jira", ["jira"]), ("asana", ["asana"])]


def test_an_equivalent_stands_in_for_its_provider_and_is_no_provider_itself() -> None:
    two = table(server("hosted", **STAND_IN), server("linear", "TERTIARY"))
    assert shape(plan(two, SEARCH, {}, anybody)) == [("linear", ["linear", "hosted"])]
    assert shape(plan(two, SEARCH, {}, without("linear"))) == [("linear", ["hosted"])]


def test_without_a_declared_equivalence_nobody_stands_in() -> None:
    two = table(server("linear"), server("asana"))
    found = plan(two, GET, {"ref": "task:linear:1"}, without("linear"))
    assert shape(found) == [("linear", [])]
    assert found.legs[0].out[0].reason == "DOWN"


def test_a_server_without_the_tool_is_out_with_the_reason() -> None:
    two = table(server("linear"), server("asana"), tools={"asana": ("tasks_search",)})
    found = plan(two, GET, {"ref": "task:asana:1"}, anybody)
    assert found.legs[0].out[0].reason == "it has no tool tasks_get"


def test_a_create_goes_to_its_container_then_to_the_listed_fallbacks() -> None:
    two = table(server("linear"), server("asana"))
    ask = {"container_ref": "project:asana:7", "fallback": ["team:linear:ENG", "asana"]}
    found = plan(two, CREATE, ask, anybody)
    assert [(leg.provider, leg.container) for leg in found.legs] == [
        ("asana", "project:asana:7"),
        ("linear", "team:linear:ENG"),
        ("asana", None),
    ]
    assert shape(plan(two, CREATE, {}, anybody)) == [("linear", ["linear"])]


@pytest.mark.parametrize(
    ("operation", "arguments", "field"),
    [
        (GET, {}, "ref"),
        (GET, {"ref": 7}, "ref"),
        (GET, {"ref": "linear:1"}, "ref"),
        (GET, {"ref": "task:jira:1"}, "ref"),
        (CREATE, {"container_ref": "x"}, "container_ref"),
        (CREATE, {"fallback": "asana"}, "fallback"),
        (CREATE, {"fallback": ["a:b"]}, "fallback"),
        (CREATE, {"fallback": ["jira"]}, "fallback"),
    ],
)
def test_an_argument_that_names_nobody_is_named(
    operation: Any, arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as raised:
        plan(table(server("linear")), operation, arguments, anybody)
    assert raised.value.field == field


@given(st.sets(st.sampled_from(["linear", "hosted", "asana", "jira"])))
def test_simulation_is_the_live_choice(down: set[str]) -> None:
    four = table(
        server("linear"),
        server("hosted", "SECONDARY", **STAND_IN),
        server("asana", "TERTIARY"),
        server("jira", "SECONDARY"),
    )
    if not down:
        return
    told = simulated(four, frozenset(down), anybody, without(*down))
    row = next(each for each in told["operations"] if each["operation"] == "tasks.search")
    live = plan(four, SEARCH, {}, without(*down))
    assert [
        (leg["provider"], [c["server"] for c in leg["candidates"]]) for leg in row["legs"]
    ] == shape(live)
    assert row["changes"] is True


def test_a_route_by_ref_is_explained_for_every_provider() -> None:
    told = explained(table(server("linear"), server("asana")), "tasks.get", {}, without("asana"))
    assert told["outcome"] == "works for linear; fails for asana"


def test_what_does_not_exist_is_not_found() -> None:
    one = table(server("linear"))
    with pytest.raises(NotFound):
        explained(one, "tasks.nope", {}, anybody)
    with pytest.raises(NotFound):
        simulated(one, frozenset({"nope"}), anybody, anybody)


def test_nobody_serves_what_no_server_declares() -> None:
    told = explained(table(server("linear")), "people.resolve", {}, anybody)
    assert told["outcome"] == "fails: no server serves it"


@pytest.mark.parametrize(
    ("tool", "exposed"),
    [("linear_get_issue", "linear_get_issue"), ("tasks_search", "linear_tasks_search")],
)
def test_an_exposed_name_has_the_server_once(tool: str, exposed: str) -> None:
    assert exposed_name("linear", tool) == exposed


def test_names_that_collide_or_do_not_fit_are_told_and_the_first_stays() -> None:
    tools = {"a": ("b_c", "x" * 64, "bad name"), "a-b": (), "b": ("a_b_c",)}
    servers = [server(name, capabilities=[]) for name in tools]
    made = table(*servers, tools=tools)
    assert list(made.exposed) == ["a_b_c", "b_a_b_c"]
    assert len(made.collisions) == 2
    clash = table(
        server("a", capabilities=[]),
        server("b", capabilities=[]),
        tools={"a": ("t", "a_t"), "b": ()},
    )
    assert list(clash.exposed) == ["a_t"]
    assert "a has 'a_t' already" in clash.collisions[0]
