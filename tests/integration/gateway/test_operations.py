"""Operations through the gateway, from real MCP clients of both eras."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from kit.errors import Invalid, PlanRequired, Unauthenticated
from tests.support.gateway import Running, entry, fleet_of
from tests.support.serving import dead_port
from tests.support.task_server import Shelf

BILLING = ["Billing export", "Fix billing", "Other"]


@pytest.fixture
def linear() -> Shelf:
    return Shelf("linear", list(BILLING))


@pytest.fixture
def asana() -> Shelf:
    return Shelf("asana", ["billing page", "Plan"])


@pytest.fixture
async def fleet(tmp_path: Path, linear: Shelf, asana: Shelf) -> AsyncGenerator[Running]:
    async with fleet_of(tmp_path, linear, asana) as running:
        yield running


async def call(running: Running, tool: str, arguments: dict[str, Any], mode: str = "auto") -> Any:
    async with asyncio.timeout(10), Client(running.mcp, mode=mode) as client:
        return await client.call_tool(tool, arguments)


def error_of(result: Any) -> dict[str, Any]:
    assert result.is_error, result
    wire: dict[str, Any] = result.meta["fleet/error"]
    return wire


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
async def test_a_search_answers_with_tasks_of_both_and_says_so(fleet: Running, mode: str) -> None:
    result = await call(fleet, "tasks_search", {"query": "billing"}, mode)
    found = result.structured_content
    assert [item["ref"] for item in found["items"]] == [
        "task:linear:0",
        "task:asana:0",
        "task:linear:1",
    ]
    assert found["complete"] is True
    assert [(p["provider"], p["status"]) for p in found["providers"]] == [
        ("linear", "ok"),
        ("asana", "ok"),
    ]
    assert all(p["latency_ms"] > 0 for p in found["providers"])
    assert found["total"] == 3
    assert result.meta["fleet/served_by"] == ["linear", "asana"]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_about_a_dozen_tools_are_listed(fleet: Running, mode: str) -> None:
    async with Client(fleet.mcp, mode=mode) as client:
        names = [tool.name for tool in (await client.list_tools()).tools]
    assert names[:6] == [
        "tasks_search",
        "tasks_get",
        "tasks_create",
        "tasks_update",
        "tasks_comment",
        "people_resolve",
    ]
    assert set(names[6:]) == {"find_tools", "call_tool", "fleet_status", "fleet_explain"}


async def test_paging_gives_every_item_once_whatever_the_page_size(tmp_path: Path) -> None:
    left = Shelf("left", [f"task {n}" for n in range(23)])
    right = Shelf("right", [f"task {n}" for n in range(5)])
    async with fleet_of(tmp_path, left, right) as running:
        for limit in (1, 4, 50):
            refs: list[str] = []
            cursor: str | None = None
            while True:
                more = {} if cursor is None else {"cursor": cursor}
                page = (
                    await call(running, "tasks_search", {"limit": limit, **more})
                ).structured_content
                assert len(page["items"]) <= limit
                refs += [item["ref"] for item in page["items"]]
                cursor = page.get("next_cursor")
                if cursor is None:
                    break
            expected = {f"task:left:{n}" for n in range(23)} | {f"task:right:{n}" for n in range(5)}
            assert (len(refs), set(refs)) == (28, expected)


async def test_a_failing_provider_makes_the_answer_partial_and_is_named(
    fleet: Running, asana: Shelf
) -> None:
    asana.failure = PlanRequired("search needs a paid plan", provider="asana")
    found = (await call(fleet, "tasks_search", {"query": "billing"})).structured_content
    assert found["complete"] is False
    assert [item["provider"] for item in found["items"]] == ["linear", "linear"]
    failed = found["providers"][1]
    assert (failed["status"], failed["error"]["code"]) == ("error", "plan_required")
    assert "paid plan" in failed["error"]["message"]


async def test_when_all_fail_alike_the_failure_is_theirs(
    fleet: Running, linear: Shelf, asana: Shelf
) -> None:
    linear.failure = asana.failure = Invalid("no such label", field="labels")
    wire = error_of(await call(fleet, "tasks_search", {"query": "x"}))
    assert (wire["code"], wire["field"]) == ("invalid", "labels")


async def test_when_all_fail_differently_each_is_named(
    fleet: Running, linear: Shelf, asana: Shelf
) -> None:
    linear.failure = Unauthenticated("token expired")
    asana.failure = PlanRequired("paid plan")
    wire = error_of(await call(fleet, "tasks_search", {"query": "x"}))
    assert wire["code"] == "unavailable"
    assert "linear: token expired" in wire["message"]
    assert "asana: paid plan" in wire["message"]


async def test_nothing_found_is_an_empty_answer_not_a_failure(fleet: Running) -> None:
    result = await call(fleet, "tasks_search", {"query": "nowhere"})
    found = result.structured_content
    assert (found["items"], found["complete"]) == ([], True)
    assert {p["status"] for p in found["providers"]} == {"empty"}


async def test_a_provider_that_hangs_is_waited_for_only_so_long(
    fleet: Running, asana: Shelf
) -> None:
    asana.held = asyncio.Event()
    found = (await call(fleet, "tasks_search", {"query": "billing"})).structured_content
    assert found["complete"] is False
    assert found["providers"][1]["error"]["code"] == "timeout"
    assert len(found["items"]) == 2
    asana.held.set()


async def test_a_ref_names_its_provider(fleet: Running, linear: Shelf, asana: Shelf) -> None:
    result = await call(fleet, "tasks_get", {"ref": "task:asana:0"})
    assert result.structured_content["title"] == "billing page"
    assert (linear.calls.get("tasks_get"), asana.calls["tasks_get"]) == (None, 1)
    wire = error_of(await call(fleet, "tasks_get", {"ref": "task:asana:99"}))
    assert wire["code"] == "not_found"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "ref"),
        ({"ref": "ENG-12"}, "ref"),
        ({"ref": "task:jira:1"}, "ref"),
        ({"ref": "task:linear:0", "included": ["comments"]}, "included"),
    ],
)
async def test_a_wrong_argument_is_named(
    fleet: Running, arguments: dict[str, Any], field: str
) -> None:
    wire = error_of(await call(fleet, "tasks_get", arguments))
    assert (wire["code"], wire["field"]) == ("invalid", field)


@pytest.mark.parametrize("cursor", ["x", "AAAA", "🦊"])
async def test_a_foreign_cursor_is_refused(fleet: Running, cursor: str) -> None:
    wire = error_of(await call(fleet, "tasks_search", {"cursor": cursor}))
    assert (wire["code"], wire["field"]) == ("invalid", "cursor")


async def test_a_create_goes_where_it_was_placed(
    fleet: Running, linear: Shelf, asana: Shelf
) -> None:
    written = (
        await call(fleet, "tasks_create", {"title": "New", "container_ref": "project:asana:1"})
    ).structured_content
    assert (written["outcome"], written["provider"]) == ("created", "asana")
    assert asana.titles[-1] == "New"
    assert len(linear.titles) == 3
    first = (await call(fleet, "tasks_create", {"title": "Default"})).structured_content
    assert first["provider"] == "linear"


async def test_a_create_goes_elsewhere_only_if_a_fallback_was_listed(
    fleet: Running, linear: Shelf, asana: Shelf
) -> None:
    linear.failure = Unauthenticated("token expired")
    ask = {"title": "New", "container_ref": "team:linear:ENG", "idempotency_key": "k1"}
    wire = error_of(await call(fleet, "tasks_create", ask))
    assert (wire["code"], asana.created) == ("unauthenticated", [])
    result = await call(fleet, "tasks_create", {**ask, "fallback": ["asana"]})
    assert result.structured_content["degraded"] is True
    assert result.structured_content["provider"] == "asana"
    assert result.meta["fleet/degraded"] is True
    assert asana.created == ["k1"]


async def test_people_are_joined_by_e_mail(fleet: Running) -> None:
    found = (await call(fleet, "people_resolve", {"email": "ann@example.com"})).structured_content
    assert len(found["items"]) == 1
    assert [a["provider"] for a in found["items"][0]["accounts"]] == ["linear", "asana"]


async def test_a_server_that_never_was_there_is_skipped_and_named(
    tmp_path: Path, linear: Shelf
) -> None:
    dead = entry("ghost", f"http://127.0.0.1:{dead_port()}/mcp", tier="TERTIARY")
    async with fleet_of(tmp_path, linear, more=[dead]) as running:
        await running.until("ghost", "DOWN")
        found = (await call(running, "tasks_search", {"query": "billing"})).structured_content
        assert found["complete"] is False
        assert found["providers"][1]["status"] == "skipped"
        assert "connection refused" in found["providers"][1]["error"]["message"]
        wire = error_of(await call(running, "tasks_get", {"ref": "task:ghost:1"}))
        assert wire["code"] == "unavailable"
