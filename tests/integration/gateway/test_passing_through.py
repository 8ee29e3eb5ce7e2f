"""Servers' own tools through the gateway: /mcp/servers/{name}, /mcp/all, find_tools, call_tool."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from tests.support.gateway import Running, fleet_of
from tests.support.serving import serving
from tests.support.task_server import Shelf, task_app

MODES = ("auto", "legacy")


@pytest.fixture
def linear() -> Shelf:
    return Shelf("linear", ["one"])


@pytest.fixture
async def fleet(tmp_path: Path, linear: Shelf) -> AsyncGenerator[Running]:
    async with fleet_of(tmp_path, linear, Shelf("asana", ["two"])) as running:
        yield running


def client(url: str, mode: str) -> Client:
    return Client(url, mode=mode)


@pytest.mark.parametrize("mode", MODES)
async def test_one_server_is_listed_and_called_as_it_is(
    fleet: Running, linear: Shelf, mode: str
) -> None:
    async with serving(task_app(linear)) as direct, client(f"{direct}/mcp", mode) as straight:
        expected = (await straight.list_tools()).tools
    async with client(f"{fleet.mcp}/servers/linear", mode) as through:
        assert (await through.list_tools()).tools == expected
        result = await through.call_tool("linear_echo", {"words": "hé 🦊"})
    assert result.structured_content == {"words": "hé 🦊", "count": 0}
    assert result.meta is not None
    assert result.meta["fleet/served_by"] == ["linear"]


@pytest.mark.parametrize("mode", MODES)
async def test_all_tools_are_listed_under_their_servers_name_never_doubled(
    fleet: Running, mode: str
) -> None:
    async with client(f"{fleet.mcp}/all", mode) as through:
        names = {tool.name for tool in (await through.list_tools()).tools}
        assert {"linear_echo", "asana_echo", "linear_tasks_search", "asana_tasks_search"} <= names
        result = await through.call_tool("asana_tasks_search", {})
        assert result.structured_content is not None
        assert result.structured_content["items"][0]["provider"] == "asana"


@pytest.mark.parametrize("mode", MODES)
async def test_progress_reaches_the_caller_with_its_own_token(fleet: Running, mode: str) -> None:
    seen: list[tuple[float, float | None, str | None]] = []

    async def progress(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, total, message))

    async with asyncio.timeout(10), client(f"{fleet.mcp}/servers/linear", mode) as through:
        result = await through.call_tool(
            "linear_echo", {"words": "x", "count": 3}, progress_callback=progress
        )
    assert result.structured_content == {"words": "x", "count": 3}
    assert seen == [(1, 3, "step 1"), (2, 3, "step 2"), (3, 3, "step 3")]


@pytest.mark.parametrize("mode", MODES)
async def test_a_caller_that_gives_up_cancels_the_servers_work(
    fleet: Running, linear: Shelf, mode: str
) -> None:
    linear.held = asyncio.Event()
    async with asyncio.timeout(10), client(f"{fleet.mcp}/servers/linear", mode) as through:
        call = asyncio.create_task(through.call_tool("linear_echo", {"words": "x"}))
        await linear.began.wait()
        call.cancel()
        await linear.cancelled.wait()


async def test_tools_are_found_by_words_and_called(fleet: Running) -> None:
    async with client(fleet.mcp, "auto") as through:
        found = await through.call_tool("find_tools", {"query": "say words back", "limit": 2})
        assert found.structured_content is not None
        first = found.structured_content["tools"][0]
        assert first["tool"].endswith("_echo")
        assert first["input_schema"]["required"] == ["words"]
        only = await through.call_tool("find_tools", {"query": "echo", "server": "asana"})
        assert only.structured_content is not None
        assert {each["server"] for each in only.structured_content["tools"]} == {"asana"}
        arguments = {"server": "asana", "tool": "asana_echo", "arguments": {"words": "hi"}}
        called = await through.call_tool("call_tool", arguments)
    assert called.structured_content == {"words": "hi", "count": 0}


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("find_tools", {}, "invalid"),
        ("find_tools", {"query": "x", "limit": 0}, "invalid"),
        ("find_tools", {"query": "x", "server": "nope"}, "not_found"),
        ("call_tool", {"server": "nope", "tool": "x"}, "not_found"),
        ("call_tool", {"server": "linear", "tool": "nope"}, "not_found"),
        ("call_tool", {"server": "linear", "tool": "linear_echo", "arguments": 1}, "invalid"),
        ("fleet_explain", {"operation": "nope"}, "not_found"),
        ("fleet_status", {"extra": 1}, "invalid"),
    ],
)
async def test_what_cannot_be_called_is_said_clearly(
    fleet: Running, tool: str, arguments: dict[str, Any], code: str
) -> None:
    async with client(fleet.mcp, "auto") as through:
        result = await through.call_tool(tool, arguments)
    assert result.is_error
    assert result.meta is not None
    assert result.meta["fleet/error"]["code"] == code


async def test_a_servers_refusal_of_arguments_is_relayed(fleet: Running) -> None:
    async with client(f"{fleet.mcp}/servers/linear", "auto") as through:
        result = await through.call_tool("linear_echo", {"wrds": "x"})
    assert result.is_error
    assert result.meta is not None
    assert result.meta["fleet/error"]["field"] == "words"


async def test_status_and_explanation_are_tools_too(fleet: Running) -> None:
    async with client(fleet.mcp, "auto") as through:
        status = await through.call_tool("fleet_status", {})
        assert status.structured_content is not None
        assert [row["name"] for row in status.structured_content["servers"]] == ["linear", "asana"]
        plan = await through.call_tool("fleet_explain", {"operation": "tasks.search"})
    assert plan.structured_content is not None
    assert plan.structured_content["outcome"] == "complete: linear, asana"
