"""Servers that go and come back while the gateway works."""

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from mcp import Client

from gateway.settings import GatewaySettings
from tests.support.faulty import faulty
from tests.support.gateway import Running, entry, fleet_of, gateway
from tests.support.serving import hanging, serving
from tests.support.task_server import Shelf, task_app


async def search(running: Running) -> dict[str, Any]:
    answer = await running.http.post("/api/v1/operations/tasks.search", json={"query": "billing"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def statuses(found: dict[str, Any]) -> dict[str, str]:
    return {each["provider"]: each["status"] for each in found["providers"]}


async def test_a_server_that_goes_is_missed_but_no_call_fails_and_it_is_taken_back(
    tmp_path: Path,
) -> None:
    linear, asana = Shelf("linear", ["billing a"]), Shelf("asana", ["billing b"])
    async with contextlib.AsyncExitStack() as stack:
        other = await stack.enter_async_context(serving(task_app(asana)))
        async with contextlib.AsyncExitStack() as first:
            url = await first.enter_async_context(serving(task_app(linear)))
            servers = [entry("linear", f"{url}/mcp"), entry("asana", f"{other}/mcp")]
            running = await stack.enter_async_context(gateway(tmp_path, servers))
            await running.until("linear", "UP")
            assert (await search(running))["complete"] is True
        answers = await asyncio.gather(*(search(running) for _ in range(20)))
        for found in answers:
            assert [item["provider"] for item in found["items"]] == ["asana"]
            assert found["complete"] is False
            assert statuses(found)["linear"] in {"error", "skipped"}
        await running.until("linear", "DOWN")
        row = (await running.http.get("/api/v1/servers/linear")).json()
        assert "connection refused" in row["reason"]
        tools = row["tools"]
        assert tools > 0  # the last good list is kept
        async with Client(f"{running.mcp}/servers/linear") as client:
            assert len((await client.list_tools()).tools) == tools
        port = urlsplit(url).port
        assert port is not None
        await stack.enter_async_context(serving(task_app(linear), port=port))
        await running.until("linear", "UP")
        assert (await search(running))["complete"] is True


async def test_a_hanging_server_costs_the_others_nothing_once_its_breaker_is_open(
    tmp_path: Path,
) -> None:
    settings = GatewaySettings(patience_seconds=0.2, breaker_failures=2, breaker_seconds=60)
    async with hanging() as url:
        hung = entry("hung", f"{url}/mcp", health={"interval_seconds": 60})
        shelf = Shelf("linear", ["billing"])
        async with fleet_of(tmp_path, shelf, settings=settings, more=[hung]) as running:
            found = await search(running)
            assert statuses(found)["linear"] == "ok"
            assert found["complete"] is False


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 Oops\r\ncontent-length: 4\r\n\r\noops",
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{]",
        b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 40\r\n\r\n{"jso',
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>",
        b"",
    ],
)
async def test_a_server_that_answers_nonsense_is_named_and_the_rest_answers(
    tmp_path: Path, answer: bytes
) -> None:
    """Its tools are known: it goes wrong only in calls."""
    good, bad = Shelf("good", ["billing"]), Shelf("bad", ["billing"])
    async with (
        serving(task_app(bad)) as backend,
        faulty(backend, answer) as url,
        fleet_of(tmp_path, good, more=[entry("bad", f"{url}/mcp")]) as running,
    ):
        for _ in range(6):
            found = await search(running)
            assert [item["provider"] for item in found["items"]] == ["good"]
            assert statuses(found)["bad"] in {"error", "skipped"}
        assert bad.calls == {}
