"""Every setting of the gateway does something: a key without a test here fails."""

import asyncio
import hashlib
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client

from gateway.app import build
from gateway.settings import GatewaySettings
from registry.local import FileSource
from tests.support.gateway import Running, entry, fleet_of, gateway
from tests.support.serving import hanging, serving
from tests.support.task_server import Shelf, task_app

ELSEWHERE = {
    "ask_seconds": "tests/integration/gateway/edge/test_asking.py",
    "host": "tests/unit/gateway/test_settings.py: where it may listen without keys",
    "port": "tests/e2e: every fleet listens where it was told",
    "registry": "tests/e2e: grpc://; tests here: a file",
    "drain_seconds": "tests/integration/kit: a running call is finished, a longer one is not",
}
HERE = {
    "keys": "test_keys_and_hosts_and_origins_decide_who_may_call",
    "hosts": "test_keys_and_hosts_and_origins_decide_who_may_call",
    "origins": "test_keys_and_hosts_and_origins_decide_who_may_call",
    "call_seconds": "test_a_call_ends_with_its_deadline",
    "patience_seconds": "test_patience_bounds_the_wait_for_the_others",
    "queue_seconds": "test_a_full_server_refuses_after_the_queue_time",
    "breaker_failures": "test_a_breaker_opens_after_so_many_failures_and_for_so_long",
    "breaker_seconds": "test_a_breaker_opens_after_so_many_failures_and_for_so_long",
    "refresh_seconds": "test_tool_lists_are_read_again",
    "max_body_bytes": "test_a_longer_request_is_refused",
    "max_answer_bytes": "test_a_longer_answer_is_not_taken",
}
SEARCH = "/api/v1/operations/tasks.search"


def test_every_setting_has_its_test() -> None:
    assert set(GatewaySettings.model_fields) == ELSEWHERE.keys() | HERE.keys()
    assert set(HERE.values()) <= globals().keys()


async def search(running: Running, **headers: str) -> httpx2.Response:
    return await running.http.post(SEARCH, json={}, headers=headers)


def error(found: dict[str, Any], provider: str) -> dict[str, Any]:
    report = next(each for each in found["providers"] if each["provider"] == provider)
    told: dict[str, Any] = report["error"]
    return told


async def test_keys_and_hosts_and_origins_decide_who_may_call(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"secret").hexdigest()
    settings = GatewaySettings(
        keys=(f"ann:{digest}",), hosts=("mcp.example.com",), origins=("https://app.example.com",)
    )
    app = build(settings, FileSource(registry_of(tmp_path)))
    ours = {"host": "mcp.example.com", "origin": "https://app.example.com"}
    keyed = {**ours, "authorization": "Bearer secret"}
    async with serving(app, http=app.protocol) as url, httpx2.AsyncClient(base_url=url) as http:
        for path in ("/mcp", "/api/v1/servers"):
            ask = http.post if path == "/mcp" else http.get
            assert (await ask(path, headers=ours)).status_code == 401
            assert (await ask(path, headers=keyed)).status_code in {200, 415}
            other = {**keyed, "origin": "https://other.example.com"}
            assert (await ask(path, headers=other)).status_code == 403
            other = {**keyed, "host": "other.example.com"}
            assert (await ask(path, headers=other)).status_code == 403


def registry_of(folder: Path) -> Path:
    file = folder / "registry.yaml"
    file.write_text("version: 2\nservers: []\n", encoding="utf-8")
    return file


async def test_a_call_ends_with_its_deadline(tmp_path: Path) -> None:
    shelf = Shelf("linear", ["one"], held=asyncio.Event())
    async with fleet_of(tmp_path, shelf, settings=GatewaySettings(call_seconds=0.3)) as running:
        answer = await search(running)
        assert (answer.status_code, answer.json()["code"]) == (504, "timeout")
        await asyncio.wait_for(shelf.cancelled.wait(), 5)


async def test_a_callers_own_budget_comes_before_the_setting(tmp_path: Path) -> None:
    shelf = Shelf("linear", ["one"], held=asyncio.Event())
    async with fleet_of(tmp_path, shelf, settings=GatewaySettings(call_seconds=60)) as running:
        answer = await search(running, **{"fleet-budget-ms": "200"})
        assert answer.json()["code"] == "timeout"


async def test_patience_bounds_the_wait_for_the_others(tmp_path: Path) -> None:
    settings = GatewaySettings(patience_seconds=0.2, call_seconds=60)
    slow = Shelf("slow", ["one"], held=asyncio.Event())
    async with fleet_of(tmp_path, Shelf("fast", ["one"]), slow, settings=settings) as running:
        found = (await search(running)).json()
    assert "within 0.2 s of the others" in error(found, "slow")["message"]


async def test_a_full_server_refuses_after_the_queue_time(tmp_path: Path) -> None:
    shelf = Shelf("linear", ["one"], held=asyncio.Event())
    settings = GatewaySettings(queue_seconds=0.1, call_seconds=30)
    async with serving(task_app(shelf)) as url:
        one = entry("linear", f"{url}/mcp", limits={"max_concurrency": 1})
        async with gateway(tmp_path, [one], settings) as running:
            first = asyncio.create_task(search(running))
            await asyncio.wait_for(shelf.began.wait(), 5)
            refused = await search(running)
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            assert refused.json()["scope"] == "concurrency"
            assert shelf.held is not None
            shelf.held.set()
            assert (await first).status_code == 200


async def test_a_server_has_its_own_time_limit(tmp_path: Path) -> None:
    shelf = Shelf("linear", ["one"], held=asyncio.Event())
    async with serving(task_app(shelf)) as url:
        one = entry("linear", f"{url}/mcp", limits={"timeout_seconds": 0.2})
        async with gateway(tmp_path, [one], GatewaySettings(call_seconds=60)) as running:
            answer = await search(running)
            assert answer.json()["code"] == "timeout"
            assert "0.2 s" in answer.json()["detail"]


async def test_a_breaker_opens_after_so_many_failures_and_for_so_long(tmp_path: Path) -> None:
    settings = GatewaySettings(call_seconds=0.2, breaker_failures=2, breaker_seconds=0.5)
    shelf = Shelf("linear", ["one"], held=asyncio.Event())
    async with fleet_of(tmp_path, shelf, settings=settings) as running:
        for _ in range(2):
            assert (await search(running)).json()["code"] == "timeout"
        refused = (await search(running)).json()
        assert "breaker is open after 2 failures" in refused["detail"]
        row = (await running.http.get("/api/v1/servers/linear")).json()
        assert row["breakers_open"] == ["tasks.search"]
        assert shelf.held is not None
        shelf.held.set()
        async with asyncio.timeout(5):
            while (await search(running)).status_code != 200:
                pass


async def test_tool_lists_are_read_again(tmp_path: Path) -> None:
    shelf = Shelf("linear", ["one"])
    app = task_app(shelf)
    async with fleet_of(
        tmp_path, shelf, settings=GatewaySettings(refresh_seconds=0.1), wrap={"linear": app}
    ) as running:
        async with Client(f"{running.mcp}/servers/linear") as client:
            before = len((await client.list_tools()).tools)
        other = task_app(Shelf("other", []))
        app.router.routes[:] = other.router.routes  # a new version of the server, same address
        names: set[str] = set()
        async with other.router.lifespan_context(other), asyncio.timeout(8):
            while "other_echo" not in names:
                async with Client(f"{running.mcp}/servers/linear", mode="legacy") as client:
                    names = {tool.name for tool in (await client.list_tools()).tools}
        assert len(names) == before


async def test_a_longer_request_is_refused(tmp_path: Path) -> None:
    settings = GatewaySettings(max_body_bytes=1024)
    async with fleet_of(tmp_path, Shelf("linear", ["one"]), settings=settings) as running:
        headers = {"content-type": "application/json"}
        answer = await running.http.post("/mcp", content=b" " * 1025, headers=headers)
        assert answer.status_code == 413
        answer = await running.http.post("/mcp", content=b" " * 1024, headers=headers)
        assert answer.status_code == 400


@pytest.mark.parametrize(("size", "status"), [(40_000, 200), (200_000, 500)])
async def test_a_longer_answer_is_not_taken(tmp_path: Path, size: int, status: int) -> None:
    settings = GatewaySettings(max_answer_bytes=120_000)
    shelf = Shelf("linear", ["x" * size])
    async with fleet_of(tmp_path, shelf, settings=settings) as running:
        answer = await search(running)
        assert answer.status_code == status
        if status != 200:
            assert "more than 120000 bytes" in answer.json()["detail"]


async def test_a_server_that_is_not_probed_yet_is_tried(tmp_path: Path) -> None:
    async with hanging() as url:
        never = entry("never", f"{url}/mcp", health={"timeout_seconds": 0.3, "fall": 1})
        shelf = Shelf("linear", ["one"])
        async with fleet_of(tmp_path, shelf, more=[never]) as running:
            await running.until("never", "DOWN")
            found = (await search(running)).json()
            assert "DOWN" in error(found, "never")["message"]
