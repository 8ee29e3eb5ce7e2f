"""Task search and typeahead, each parameter beside the plain Python that says the same."""

from collections.abc import Callable
from typing import Any

import pytest

from services.sandbox.app import build
from services.sandbox.settings import SandboxSettings
from tests.support.clock import FakeClock
from tests.support.vendors import Caller

FIELDS = (
    "name,notes,completed,completed_at,created_at,modified_at,due_on,assignee.email,parent,"
    "projects.name,memberships.section.name,tags.name,followers.email,created_by.email,"
    "dependencies,dependents,custom_fields.display_value"
)
Task = dict[str, Any]


async def gids(vendors: Caller) -> dict[str, str]:
    """Return the gids of the workspace, and of projects, sections, tags and people by name."""
    (workspace,) = await vendors.ok("GET", "/workspaces")
    found = {"workspace": workspace["gid"]}
    for project in await vendors.ok("GET", "/projects"):
        found[project["name"]] = project["gid"]
        for section in await vendors.ok("GET", f"/projects/{project['gid']}/sections"):
            found[f"{project['name']}/{section['name']}"] = section["gid"]
    for path in ("/tags", f"/workspaces/{workspace['gid']}/teams"):
        found |= {each["name"]: each["gid"] for each in await vendors.ok("GET", path)}
    settings = await vendors.ok(
        "GET", f"/projects/{found['Billing Migration']}/custom_field_settings"
    )
    field = settings[0]["custom_field"]
    found |= {option["name"]: option["gid"] for option in field["enum_options"]}
    return found | {"Priority": field["gid"]}


async def search(vendors: Caller, workspace: str, **query: str) -> list[Task]:
    path = f"/workspaces/{workspace}/tasks/search"
    asked = {"limit": "100", "opt_fields": FIELDS, **query}
    found: list[Task] = await vendors.ok("GET", path, None, **asked)
    return found


async def everything(vendors: Caller, workspace: str) -> list[Task]:
    first = await search(vendors, workspace, sort_by="created_at")
    before = first[-1]["created_at"]
    return first + await search(vendors, workspace, sort_by="created_at", created_at__before=before)


def names(task: Task, field: str) -> set[str]:
    return {each["name"] for each in task[field]}


CASES: dict[str, tuple[dict[str, str], Callable[[Task], bool]]] = {
    "assignee": (
        {"assignee__any": "oscar.delgado@example.com"},
        lambda t: (t["assignee"] or {}).get("email") == "oscar.delgado@example.com",
    ),
    "nobody's": ({"assignee__any": "null"}, lambda t: t["assignee"] is None),
    "not mine": (
        {"assignee__not": "me", "completed": "true"},
        lambda t: (
            t["completed"] and (t["assignee"] or {}).get("email") != "avery.stone@example.com"
        ),
    ),
    "project": (
        {"projects__any": "{Renewals Q4}"},
        lambda t: "Renewals Q4" in names(t, "projects"),
    ),
    "not in a project": (
        {"projects__not": "{Renewals Q4},{Hiring Plan},{Spring Launch}"},
        lambda t: not names(t, "projects") & {"Renewals Q4", "Hiring Plan", "Spring Launch"},
    ),
    "section": (
        {"sections__any": "{Spring Launch/To do}"},
        lambda t: (
            "Spring Launch" in names(t, "projects")
            and t["memberships"][0]["section"]["name"] == "To do"
        ),
    ),
    "tag": (
        {"tags__any": "{Bug},{Security}"},
        lambda t: bool(names(t, "tags") & {"Bug", "Security"}),
    ),
    "all tags": (
        {"tags__all": "{Billing},{Customer}"},
        lambda t: {"Billing", "Customer"} <= names(t, "tags"),
    ),
    "team": ({"teams__any": "{People}"}, lambda t: "Hiring Plan" in names(t, "projects")),
    "open": ({"completed": "false"}, lambda t: not t["completed"]),
    "due before": (
        {"due_on__before": "2026-01-05"},
        lambda t: t["due_on"] is not None and t["due_on"] < "2026-01-05",
    ),
    "due between": (
        {"due_on__after": "2026-01-10", "due_on__before": "2026-02-01"},
        lambda t: t["due_on"] is not None and "2026-01-10" < t["due_on"] < "2026-02-01",
    ),
    "no date": ({"due_on": "null"}, lambda t: t["due_on"] is None),
    "modified": (
        {"modified_at__after": "2025-12-20T00:00:00Z"},
        lambda t: t["modified_at"] > "2025-12-20",
    ),
    "created on": ({"created_on__before": "2025-11-20"}, lambda t: t["created_at"] < "2025-11-20"),
    "completed": (
        {"completed_on__after": "2025-12-01"},
        lambda t: t["completed_at"] is not None and t["completed_at"] >= "2025-12-02",
    ),
    "subtask": ({"is_subtask": "true"}, lambda t: t["parent"] is not None),
    "blocking": (
        {"is_blocking": "true"},
        lambda t: bool(t["dependents"]) and not t["completed"],
    ),
    "follower": (
        {"followers__any": "theo.grant@example.com"},
        lambda t: "theo.grant@example.com" in {each["email"] for each in t["followers"]},
    ),
    "author": (
        {"created_by__any": "theo.grant@example.com"},
        lambda t: t["created_by"]["email"] == "theo.grant@example.com",
    ),
    "custom field": (
        {"custom_fields.{Priority}.value": "{Urgent}"},
        lambda t: any(each["display_value"] == "Urgent" for each in t["custom_fields"]),
    ),
    "custom field unset": (
        {"custom_fields.{Priority}.is_set": "true"},
        lambda t: any(each["display_value"] for each in t["custom_fields"]),
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_search_finds_what_it_says(name: str, vendors: Caller) -> None:
    query, keeps = CASES[name]
    known = await gids(vendors)
    asked = {key.format(**known): value.format(**known) for key, value in query.items()}
    whole = await everything(vendors, known["workspace"])
    expected = {task["gid"] for task in whole if keeps(task)}
    assert len(whole) == 105
    assert expected, "the company has no example of this"
    found = await search(vendors, known["workspace"], **asked)
    assert {task["gid"] for task in found} == expected


async def test_text_is_looked_for_in_names_notes_and_comments(vendors: Caller) -> None:
    known = await gids(vendors)
    found = await search(vendors, known["workspace"], text="BILLING terms")
    assert found
    comment = await vendors.ok("POST", f"/tasks/{found[0]['gid']}/stories", {"text": "Zanzibar"})
    assert comment["text"] == "Zanzibar"
    assert len(await search(vendors, known["workspace"], text="zanzibar")) == 1


async def test_results_are_sorted_and_never_more_than_asked_for(vendors: Caller) -> None:
    workspace = (await gids(vendors))["workspace"]
    path = f"/workspaces/{workspace}/tasks/search"
    assert len(await vendors.ok("GET", path)) == 20
    newest = await search(vendors, workspace, sort_by="created_at", limit="5")
    times = [task["created_at"] for task in newest]
    assert times == sorted(times, reverse=True)
    oldest = await search(
        vendors, workspace, sort_by="created_at", sort_ascending="true", limit="5"
    )
    assert [task["created_at"] for task in oldest] == sorted(task["created_at"] for task in oldest)
    assert oldest[0]["created_at"] < newest[-1]["created_at"]


@pytest.mark.parametrize(
    "query",
    [{"offset": "x"}, {"portfolios__any": "1"}, {"assignee__all": "me"}, {"sort_by": "size"},
     {"limit": "101"}, {"projects__any": "7"}, {"due_on": "soon"}, {"completed": "perhaps"},
     {"custom_fields.7.value": "1"}],
)  # fmt: skip
async def test_what_search_does_not_know_is_refused(query: dict[str, str], vendors: Caller) -> None:
    workspace = (await gids(vendors))["workspace"]
    answer = await vendors.asana("GET", f"/workspaces/{workspace}/tasks/search", None, **query)
    assert answer.status_code == 400
    assert next(iter(query)).split("__")[0].split(".")[0] in answer.json()["errors"][0]["message"]


async def test_a_free_plan_pays_for_search_and_has_typeahead(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(asana_plan="free"), clock=clock))
    workspace = (await gids(vendors))["workspace"]
    answer = await vendors.asana("GET", f"/workspaces/{workspace}/tasks/search", text="billing")
    assert answer.status_code == 402
    assert answer.json()["errors"][0]["message"] == "Payment Required"
    found = await vendors.ok(
        "GET",
        f"/workspaces/{workspace}/typeahead",
        resource_type="task",
        query="billing",
        count="3",
    )
    assert len(found) == 3
    assert all("billing" in each["name"].lower() for each in found)


async def test_search_sees_a_change_late_when_told_to(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(asana_search_lag_seconds=30), clock=clock))
    known = await gids(vendors)
    task = await vendors.ok(
        "POST", "/tasks", {"name": "Quagga", "projects": [known["Hiring Plan"]]}
    )
    assert await search(vendors, known["workspace"], text="quagga") == []
    assert await vendors.ok("GET", f"/tasks/{task['gid']}"), "everything else sees it at once"
    clock.advance(31)
    assert len(await search(vendors, known["workspace"], text="quagga")) == 1
    await vendors.ok("PUT", f"/tasks/{task['gid']}", {"name": "Zebra"})
    (stale,) = await search(vendors, known["workspace"], text="quagga")
    assert stale["name"] == "Zebra", "it is found as it was and shown as it is"
    clock.advance(31)
    assert await search(vendors, known["workspace"], text="quagga") == []


async def test_typeahead_finds_each_kind_by_name(vendors: Caller) -> None:
    path = f"/workspaces/{(await gids(vendors))['workspace']}/typeahead"
    asked = {"user": "grace", "project": "hiring", "tag": "bug", "team": "sales", "task": "press",
             "custom_field": "prio"}  # fmt: skip
    for kind, query in asked.items():
        found = await vendors.ok("GET", path, resource_type=kind, query=query)
        assert all(each["resource_type"] == kind for each in found)
        assert found
    refused = await vendors.asana("GET", path, query="x")
    assert refused.json()["errors"][0]["message"] == "resource_type: Missing input"
    typo = await vendors.asana("GET", path, resource_type="task", opt_fields="title")
    assert typo.status_code == 400
