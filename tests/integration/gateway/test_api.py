"""The dashboard's HTTP face."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path

import orjson
import pytest
import yaml

from kit.errors import RateLimited
from tests.support.gateway import Running, fleet_of
from tests.support.task_server import Shelf


@pytest.fixture
def linear() -> Shelf:
    return Shelf("linear", ["Fix billing", "Other"])


@pytest.fixture
async def fleet(tmp_path: Path, linear: Shelf) -> AsyncGenerator[Running]:
    async with fleet_of(tmp_path, linear, Shelf("asana", ["billing"])) as running:
        await running.until("linear", "UP")
        await running.until("asana", "UP")
        yield running


async def test_servers_are_told_with_state_since_and_why(fleet: Running) -> None:
    body = (await fleet.http.get("/api/v1/servers")).json()
    assert [row["name"] for row in body["servers"]] == ["linear", "asana"]
    first = body["servers"][0]
    assert {"name", "tier", "state", "since", "reason"} <= first.keys()
    assert first["facts"]["reachable"]["status"] == "ok"
    assert body["registry"]["connected"] is True
    one = (await fleet.http.get("/api/v1/servers/linear")).json()
    assert one["tools"] == first["tools"] > 0


async def test_capabilities_and_operations_are_told(fleet: Running) -> None:
    capabilities = (await fleet.http.get("/api/v1/capabilities")).json()["capabilities"]
    assert {"name": "PEOPLE", "operations": ["people.resolve"], "servers": ["linear", "asana"]} in (
        capabilities
    )
    operations = (await fleet.http.get("/api/v1/operations")).json()["operations"]
    search = next(each for each in operations if each["name"] == "tasks.search")
    assert (search["route"], search["safety"], search["tool"]) == ("merge", "read", "tasks_search")
    assert "query" in search["arguments"]["properties"]


async def test_an_operation_is_run_and_says_who_served_it(fleet: Running) -> None:
    answer = await fleet.http.post("/api/v1/operations/tasks.search", json={"query": "billing"})
    assert answer.headers["fleet-served-by"] == "linear,asana"
    assert len(answer.json()["items"]) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "operations/tasks.search", {"limit": 0}, 422, "invalid"),
        ("POST", "operations/tasks.search", {"words": "x"}, 422, "invalid"),
        ("POST", "operations/tasks.get", {"ref": "nope"}, 422, "invalid"),
        ("POST", "operations/tasks.get", {"ref": "task:linear:99"}, 404, "not_found"),
        ("POST", "operations/tasks.nope", {}, 404, "not_found"),
        ("GET", "servers/nope", None, 404, "not_found"),
        ("GET", "operations/nope/explain", None, 404, "not_found"),
        ("GET", "operations/tasks.get/explain?arguments=[", None, 422, "invalid"),
        ("POST", "simulate", {"down": ["nope"]}, 404, "not_found"),
        ("POST", "simulate", {"down": []}, 422, "invalid"),
        ("GET", "nowhere", None, 404, "not_found"),
        ("DELETE", "servers", None, 405, "invalid"),
    ],
)
async def test_failures_are_problems_that_say_what_is_wrong(
    fleet: Running, method: str, path: str, body: object, status: int, code: str
) -> None:
    answer = await fleet.http.request(method, f"/api/v1/{path}", json=body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["code"], told["status"]) == (code, status)
    assert told["title"]
    assert told["detail"]


async def test_a_limit_says_when_to_come_back(fleet: Running, linear: Shelf) -> None:
    linear.failure = RateLimited("slow down", retry_after_seconds=7, scope="requests")
    answer = await fleet.http.post("/api/v1/operations/tasks.get", json={"ref": "task:linear:0"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    assert answer.json()["provider"] == "linear"


async def test_a_plan_is_explained_and_an_outage_simulated(fleet: Running) -> None:
    plan = (await fleet.http.get("/api/v1/operations/tasks.search/explain")).json()
    assert plan["outcome"] == "complete: linear, asana"
    body = {"down": ["linear"]}
    simulated = (await fleet.http.post("/api/v1/simulate", json=body)).json()
    rows = {row["operation"]: row for row in simulated["operations"]}
    assert rows["tasks.search"]["after"] == "partial: asana; without linear"
    assert rows["tasks.create"]["before"] == "goes to linear"
    assert rows["tasks.create"]["after"].startswith("fails")
    out = rows["tasks.search"]["legs"][0]["out"]
    assert out == [{"server": "linear", "reason": "DOWN: simulated"}]


async def test_a_drained_server_takes_no_calls_and_is_taken_back(
    fleet: Running, linear: Shelf
) -> None:
    drained = await fleet.http.put("/api/v1/servers/linear/drain", json={"reason": "upgrade"})
    assert drained.status_code == 204
    await fleet.until("linear", "DRAINING")
    linear.calls.clear()
    answer = await fleet.http.post("/api/v1/operations/tasks.search", json={"query": "billing"})
    assert answer.json()["complete"] is False
    assert linear.calls == {}
    assert (await fleet.http.get("/api/v1/servers/linear")).json()["reason"]
    back = await fleet.http.put("/api/v1/servers/linear/drain", json={"draining": False})
    assert back.status_code == 204
    await fleet.until("linear", "UP")


async def test_events_tell_what_is_and_then_what_changes(fleet: Running) -> None:
    async with asyncio.timeout(8), fleet.http.stream("GET", "/api/v1/events") as events:
        assert events.headers["content-type"].startswith("text/event-stream")
        lines = events.aiter_lines()
        kinds: list[str] = []
        await fleet.http.put("/api/v1/servers/asana/drain", json={})
        async for line in lines:
            if line.startswith("event: "):
                kinds.append(line.removeprefix("event: "))
            if line.startswith("data: ") and kinds[-1] == "health.changed":
                data = orjson.loads(line.removeprefix("data: "))
                assert (data["server"], data["state"]) == ("asana", "DRAINING")
                break
    assert kinds[0] == "servers"


async def test_a_bad_edit_of_the_registry_is_named_and_changes_nothing(fleet: Running) -> None:
    good = fleet.file.read_text(encoding="utf-8")
    before = (await fleet.http.get("/api/v1/servers")).json()
    fleet.file.write_text(good.replace("PRIMARY", "FIRST", 1), encoding="utf-8")
    async with asyncio.timeout(8):
        while (
            "load_error"
            not in (told := (await fleet.http.get("/api/v1/servers")).json())["registry"]
        ):
            pass
    assert "FIRST" in told["registry"]["load_error"]["message"]
    assert [s["name"] for s in told["servers"]] == [s["name"] for s in before["servers"]]
    document = yaml.safe_load(good)
    document["servers"] = document["servers"][:1]
    fleet.file.write_text(yaml.safe_dump(document), encoding="utf-8")
    async with asyncio.timeout(8):
        while list(await fleet.states()) != ["linear"]:
            pass
    assert "load_error" not in (await fleet.http.get("/api/v1/servers")).json()["registry"]
    assert (await fleet.http.post("/mcp/servers/asana", json={})).status_code == 404


async def test_the_face_describes_itself_with_the_contracts_models(fleet: Running) -> None:
    schema = (await fleet.http.get("/api/v1/openapi.json")).json()
    operation = schema["paths"]["/operations/tasks.search"]["post"]
    assert operation["operationId"] == "tasks_search"
    assert "Search" in operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]


async def test_metrics_and_health_are_served(fleet: Running) -> None:
    assert (await fleet.http.get("/livez")).json() == {"status": "alive"}
    ready = (await fleet.http.get("/readyz")).json()
    assert ready["status"] == "ready"
    assert "revision" in ready["checks"]["registry"]["detail"]
