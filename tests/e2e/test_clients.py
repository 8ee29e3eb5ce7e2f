"""Real MCP clients against a whole fleet: the SDK's in both eras, and the Inspector."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from mcp import Client

from tests.support.fleet import Fleet
from tests.support.inspector import inspect

pytestmark = pytest.mark.timeout(120)
ERAS = ("auto", "legacy", "2026-07-28")


def client(fleet: Fleet, mode: str, path: str = "/mcp") -> Client:
    return Client(fleet.url("gateway") + path, mode=mode)


async def call(fleet: Fleet, mode: str, tool: str, arguments: dict[str, Any]) -> dict[str, Any]:
    async with asyncio.timeout(20), client(fleet, mode) as connected:
        result = await connected.call_tool(tool, arguments)
    assert not result.is_error, result.content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


@pytest.mark.parametrize("mode", ERAS)
async def test_billing_is_found_in_linear_and_asana_in_one_typed_answer(
    fleet: Fleet, mode: str
) -> None:
    found = await call(fleet, mode, "tasks_search", {"query": "billing", "limit": 10})
    assert found["complete"] is True
    assert {item["provider"] for item in found["items"]} == {"linear", "asana"}
    assert [(p["provider"], p["status"]) for p in found["providers"]] == [
        ("linear", "ok"),
        ("asana", "ok"),
    ]
    assert all(p["latency_ms"] > 0 for p in found["providers"])


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("provider", ["linear", "asana"])
async def test_a_task_is_created_read_changed_and_commented_once(
    fleet: Fleet, mode: str, provider: str
) -> None:
    title = f"Written by a test {uuid4().hex}"
    found = await call(fleet, mode, "tasks_search", {"query": "billing", "limit": 10})
    project = next(
        item["project"]["ref"]
        for item in found["items"]
        if item["provider"] == provider and item.get("project")
    )
    key = uuid4().hex
    ask = {"title": title, "container_ref": project, "idempotency_key": key}
    if provider == "linear":
        ask["container_ref"] = "team:linear:ENG"
    written = await call(fleet, mode, "tasks_create", ask)
    assert (written["outcome"], written["provider"]) == ("created", provider)
    again = await call(fleet, mode, "tasks_create", ask)
    assert (again["outcome"], again["ref"]) == ("existing", written["ref"])
    ref = written["ref"]
    changes = {"ref": ref, "set": {"priority": 2, "due_on": "2027-03-01"}}
    if provider == "asana":
        changes["set"] = {"due_on": "2027-03-01"}
    await call(fleet, mode, "tasks_update", changes)
    await call(fleet, mode, "tasks_comment", {"ref": ref, "body_md": "A **comment**."})
    read = await call(fleet, mode, "tasks_get", {"ref": ref, "include": ["comments"]})
    assert (read["title"], read["due_on"]) == (title, "2027-03-01")
    assert [comment["body_md"] for comment in read["comments"]] == ["A **comment**."]


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_person_is_resolved_to_the_accounts_of_both(fleet: Fleet, mode: str) -> None:
    found = await call(fleet, mode, "tasks_search", {"query": "billing", "limit": 50})
    email = next(item["assignee"]["email"] for item in found["items"] if item.get("assignee"))
    people = await call(fleet, mode, "people_resolve", {"email": email})
    assert len(people["items"]) == 1
    assert {a["provider"] for a in people["items"][0]["accounts"]} == {"linear", "asana"}


async def test_the_servers_own_tools_are_reached_by_every_way(fleet: Fleet) -> None:
    async with client(fleet, "auto", "/mcp/servers/linear") as one:
        names = [tool.name for tool in (await one.list_tools()).tools]
        teams = await one.call_tool("linear_list_teams", {})
    async with client(fleet, "auto", "/mcp/all") as every:
        listed = [tool.name for tool in (await every.list_tools()).tools]
        same = await every.call_tool("linear_list_teams", {})
    assert teams.structured_content == same.structured_content
    assert set(names) - set(listed) == {name for name in names if not name.startswith("linear_")}
    assert {name for name in listed if name.startswith("asana_")}


@pytest.mark.parametrize("era", ["legacy", "auto", "modern"])
async def test_the_inspector_lists_and_calls(fleet: Fleet, era: str) -> None:
    url = fleet.url("gateway") + "/mcp"
    code, listed = await inspect(url, era, "tools/list")
    assert code == 0, listed
    text = str(listed)
    assert "tasks_search" in text
    assert "find_tools" in text
    argv = ("--tool-name", "tasks_search", "--tool-arg", "query=billing")
    code, called = await inspect(url, era, "tools/call", *argv)
    assert code == 0, called
    assert "task:linear:" in str(called)
    assert "task:asana:" in str(called)
    argv = ("--tool-name", "tasks_get", "--tool-arg", "ref=nope")
    code, failed = await inspect(url, era, "tools/call", *argv)
    assert code == 5, failed


async def test_the_inspector_finds_the_schemas_portable(fleet: Fleet) -> None:
    url = fleet.url("gateway") + "/mcp"
    code, told = await inspect(url, "modern", "tools/list", "--strict")
    assert code == 0, told


async def test_the_same_answers_come_over_http(fleet: Fleet) -> None:
    async with httpx2.AsyncClient(base_url=fleet.url("gateway")) as http:
        body = {"query": "billing", "updated_after": datetime(2020, 1, 1, tzinfo=UTC).isoformat()}
        found = (await http.post("/api/v1/operations/tasks.search", json=body)).json()
        assert {item["provider"] for item in found["items"]} == {"linear", "asana"}
        metrics = (await http.get("/metrics")).text
    assert "mcp_server_operation_duration_seconds_bucket" in metrics
