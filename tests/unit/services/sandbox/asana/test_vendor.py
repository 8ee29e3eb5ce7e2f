"""Asana's end of HTTP, and what is no task."""

from typing import Any

import pytest

from services.sandbox.app import build
from services.sandbox.settings import SandboxSettings
from tests.support.clock import FakeClock
from tests.support.vendors import ASANA_TOKEN, Caller


@pytest.mark.parametrize("token", ["wrong", "", "lin_api_sandbox-linear-token"])
async def test_a_wrong_token_is_not_let_in(token: str, vendors: Caller) -> None:
    answer = await vendors.asana("GET", "/users/me", token=token)
    assert answer.status_code == 401
    (error,) = answer.json()["errors"]
    assert error["message"] == "Not Authorized"
    assert "developers.asana.com/docs/errors" in error["help"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("PATCH", "/tasks/1"), ("POST", "/users"), ("GET", "/tasks/1/2/3")],
)
async def test_a_path_that_is_not_there_is_not_found(
    method: str, path: str, vendors: Caller
) -> None:
    answer = await vendors.asana(method, path)
    assert answer.status_code == 404
    assert answer.json()["errors"][0]["message"] == "No matching route for request"


@pytest.mark.parametrize("path", ["/projects/1", "/sections/1", "/tags/1", "/users/1", "/teams/1"])
async def test_what_does_not_exist_is_named(path: str, vendors: Caller) -> None:
    answer = await vendors.asana("GET", path)
    assert answer.status_code == 404
    kind = path.split("/")[1].removesuffix("s")
    assert answer.json()["errors"][0]["message"] == f"{kind}: Unknown object: 1"


async def test_a_person_is_found_by_gid_by_address_and_as_me(vendors: Caller) -> None:
    me = await vendors.ok("GET", "/users/me")
    assert me["email"] == "avery.stone@example.com"
    assert await vendors.ok("GET", f"/users/{me['gid']}") == me
    assert await vendors.ok("GET", "/users/Avery.Stone@example.com") == me


async def test_linear_and_asana_know_the_same_people(vendors: Caller) -> None:
    asana = await vendors.ok("GET", "/users", opt_fields="email,name")
    linear = (await vendors.data("{ users(first: 250) { nodes { email name } } }"))["users"]
    assert {(each["email"], each["name"]) for each in asana} == {
        (each["email"], each["name"]) for each in linear["nodes"]
    }


async def test_requests_are_limited_by_the_minute_and_come_back(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(asana_requests_per_minute=2), clock=clock))
    for _ in range(2):
        await vendors.ok("GET", "/users/me")
    refused = await vendors.asana("GET", "/users/me")
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "30"
    clock.advance(30)
    await vendors.ok("GET", "/users/me")


@pytest.mark.parametrize(("plan", "allowed"), [("free", 150), ("paid", 1500)])
async def test_the_plan_decides_how_many_requests_a_minute(
    plan: Any, allowed: int, clock: FakeClock
) -> None:
    vendors = Caller(build(SandboxSettings(asana_plan=plan), clock=clock))
    for _ in range(allowed):
        assert (await vendors.asana("GET", "/users/me")).status_code == 200
    assert (await vendors.asana("GET", "/users/me")).status_code == 429


async def test_searches_have_a_limit_of_their_own(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(asana_search_per_minute=1), clock=clock))
    (workspace,) = await vendors.ok("GET", "/workspaces")
    path = f"/workspaces/{workspace['gid']}/tasks/search"
    await vendors.ok("GET", path)
    assert (await vendors.asana("GET", path)).status_code == 429
    await vendors.ok("GET", "/users/me")


async def test_generous_limits_are_a_thousand_times_the_vendors(clock: FakeClock) -> None:
    settings = SandboxSettings(
        limits="generous", asana_search_per_minute=1, linear_requests_per_hour=5
    )
    vendors = Caller(build(settings, clock=clock))
    (workspace,) = await vendors.ok("GET", "/workspaces")
    for _ in range(5):
        await vendors.ok("GET", f"/workspaces/{workspace['gid']}/tasks/search", limit="1")
    answer = await vendors.linear("{ viewer { id } }")
    assert answer.headers["x-ratelimit-requests-limit"] == "5000"


async def test_several_actions_go_in_one_batch(vendors: Caller) -> None:
    (workspace,) = await vendors.ok("GET", "/workspaces")
    actions = [
        {"method": "get", "relative_path": "/users/me", "options": {"fields": ["email"]}},
        {
            "method": "post",
            "relative_path": "/tasks",
            "data": {"name": "Batched", "workspace": workspace["gid"]},
        },
        {"method": "get", "relative_path": "/tasks/1"},
        {"relative_path": "/tasks/1"},
        {"method": "get", "relative_path": "/tasks/1", "data": []},
        {"method": "get", "relative_path": "/users", "data": {"limit": 1}},
    ]
    done = await vendors.ok("POST", "/batch", {"actions": actions})
    assert [each["status_code"] for each in done] == [200, 201, 404, 400, 400, 200]
    assert done[0]["body"]["data"]["email"] == "avery.stone@example.com"
    assert done[1]["body"]["data"]["name"] == "Batched"
    too_many = await vendors.asana("POST", "/batch", {"actions": actions * 2})
    assert too_many.status_code == 400


async def test_projects_sections_and_tags_are_made_changed_and_removed(vendors: Caller) -> None:
    (workspace,) = await vendors.ok("GET", "/workspaces")
    (team, *_) = await vendors.ok("GET", f"/workspaces/{workspace['gid']}/teams")
    project = await vendors.ok("POST", f"/teams/{team['gid']}/projects", {"name": "P"})
    path = f"/projects/{project['gid']}"
    changed = await vendors.ok("PUT", path, {"html_notes": "<body>Why</body>", "public": False})
    assert (changed["notes"], changed["privacy_setting"]) == ("Why", "private")
    (untitled,) = await vendors.ok("GET", f"{path}/sections")
    assert untitled["name"] == "Untitled section"
    section = await vendors.ok(
        "POST", f"{path}/sections", {"name": "S", "insert_before": untitled["gid"]}
    )
    names = [each["name"] for each in await vendors.ok("GET", f"{path}/sections")]
    assert names == ["S", "Untitled section"]
    renamed = await vendors.ok("PUT", f"/sections/{section['gid']}", {"name": "R"})
    assert renamed["name"] == "R"
    tag = await vendors.ok("POST", f"/workspaces/{workspace['gid']}/tags", {"name": "T"})
    data = {"name": "x", "projects": [project["gid"]], "tags": [tag["gid"]]}
    task = await vendors.ok("POST", "/tasks", data)
    assert [each["gid"] for each in await vendors.ok("GET", f"/tags/{tag['gid']}/tasks")] == [
        task["gid"]
    ]
    counts = await vendors.ok(
        "GET", f"{path}/task_counts", opt_fields="num_tasks,num_incomplete_tasks"
    )
    assert counts == {"num_tasks": 1, "num_incomplete_tasks": 1}
    assert await vendors.ok("GET", f"{path}/task_counts") == {}
    await vendors.ok("DELETE", f"/tags/{tag['gid']}")
    await vendors.ok("DELETE", path)
    left = await vendors.ok("GET", f"/tasks/{task['gid']}")
    assert (left["projects"], left["tags"]) == ([], [])


@pytest.mark.parametrize(
    "body",
    [b"{", b"[]", b'{"data": []}', b'{"data": {}, "options": []}', b'{"options": {"fields": 1}}',
     b'{"data": {"name": 7, "projects": ["1"]}}', b'{"data": {"memberships": 1}}',
     b'{"data": {"memberships": ["1"]}}', b'{"data": {"projects": {}}}'],
)  # fmt: skip
async def test_a_body_that_is_no_request_is_refused(body: bytes, vendors: Caller) -> None:
    answer = await vendors.raw("/asana/api/1.0/tasks", body, f"Bearer {ASANA_TOKEN}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["message"]


async def test_calls_writes_and_answers_are_counted(vendors: Caller) -> None:
    (workspace,) = await vendors.ok("GET", "/workspaces")
    await vendors.ok("POST", "/tasks", {"name": "x", "workspace": workspace["gid"]})
    await vendors.asana("POST", "/tasks", {"name": "x"})
    state = (await vendors.get("/_sandbox/state"))["vendors"]["asana"]
    assert state["calls"] == {"GET /workspaces": 1, "POST /tasks": 2}
    assert state["writes"] == {"POST /tasks": 1}
    assert state["answers"] == {"200": 1, "201": 1, "400": 1}
    assert state["objects"]["Task"] == 106
