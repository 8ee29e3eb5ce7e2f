"""Tasks as a client sees them: read, made, changed, tied to others, commented on."""

from typing import Any

import pytest

from tests.support.clock import FakeClock
from tests.support.vendors import Caller

OAUTH = "sandbox-asana-oauth-token"
ONE_OF = (
    "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"
)


@pytest.fixture
async def workspace(vendors: Caller) -> str:
    (only,) = await vendors.ok("GET", "/workspaces")
    gid: str = only["gid"]
    return gid


@pytest.fixture
async def project(vendors: Caller, workspace: str) -> str:
    listed = await vendors.ok("GET", "/projects", workspace=workspace)
    gid: str = next(each["gid"] for each in listed if each["name"] == "Billing Migration")
    return gid


@pytest.fixture
async def sections(vendors: Caller, project: str) -> dict[str, str]:
    listed = await vendors.ok("GET", f"/projects/{project}/sections")
    return {section["name"]: section["gid"] for section in listed}


async def new_task(vendors: Caller, project: str, **data: Any) -> Any:
    return await vendors.ok("POST", "/tasks", {"name": "T", "projects": [project], **data})


async def message(vendors: Caller, method: str, path: str, data: Any = None, **query: str) -> str:
    """Return what Asana says to a request that it refuses with 400."""
    answer = await vendors.asana(method, path, data, **query)
    assert answer.status_code == 400, answer.text
    (error,) = answer.json()["errors"]
    assert error["help"].startswith("For more information")
    said: str = error["message"]
    return said


async def test_a_list_holds_compact_records(vendors: Caller, project: str) -> None:
    listed = await vendors.ok("GET", "/tasks", project=project)
    assert len(listed) == 20
    assert all(
        each.keys() == {"gid", "resource_type", "name", "resource_subtype"} for each in listed
    )


async def test_fields_are_chosen_by_path(vendors: Caller, project: str) -> None:
    fields = "name,assignee.email,memberships.section.name,projects"
    listed = await vendors.ok("GET", "/tasks", project=project, opt_fields=fields)
    task = next(each for each in listed if each["assignee"])
    assert task.keys() == {"gid", "name", "assignee", "memberships", "projects"}
    assert task["assignee"].keys() == {"gid", "email"}
    assert task["memberships"][0].keys() == {"section"}
    assert task["memberships"][0]["section"].keys() == {"gid", "name"}
    assert task["projects"] == [{"gid": project, "resource_type": "project"}]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ("title", "title"),
        ("assignee.mail", "assignee.mail"),
        ("name.first", "name"),
        ("stories", "stories"),
    ],
)
async def test_a_field_that_the_sandbox_lacks_is_named(
    fields: str, named: str, vendors: Caller, project: str
) -> None:
    assert named in await message(vendors, "GET", "/tasks", project=project, opt_fields=fields)


async def test_a_write_with_a_wrong_field_writes_nothing(vendors: Caller, project: str) -> None:
    await message(
        vendors, "POST", "/tasks", {"name": "x", "projects": [project]}, opt_fields="title"
    )
    assert (await vendors.get("/_sandbox/state"))["vendors"]["asana"]["writes"] == {}


async def test_pages_join_to_the_whole_list(vendors: Caller, project: str) -> None:
    whole = [each["gid"] for each in await vendors.ok("GET", "/tasks", project=project)]
    joined: list[str] = []
    offset: dict[str, str] = {}
    while True:
        answer = (
            await vendors.asana("GET", "/tasks", None, project=project, limit="7", **offset)
        ).json()
        joined += [each["gid"] for each in answer["data"]]
        if answer["next_page"] is None:
            break
        assert answer["next_page"]["uri"].endswith(answer["next_page"]["path"])
        offset = {"offset": answer["next_page"]["offset"]}
    assert joined == whole


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"limit": "0"}, "limit: Must be between 1 and 100, inclusive: 0"),
        ({"limit": "101"}, "limit: Must be between 1 and 100, inclusive: 101"),
        ({"limit": "5", "offset": "x"}, "offset: Your pagination token is invalid or has expired"),
        ({"colour": "red"}, "colour: Unknown query parameter"),
        ({"modified_since": "soon"}, "modified_since: Not a valid date-time: soon"),
    ],
)
async def test_a_query_that_cannot_be_is_refused(
    query: dict[str, str], said: str, vendors: Caller, project: str
) -> None:
    assert await message(vendors, "GET", "/tasks", None, project=project, **query) == said


@pytest.mark.parametrize("query", [{}, {"assignee": "me"}, {"assignee": "me", "project": "P"}])
async def test_tasks_are_listed_of_one_thing_only(
    query: dict[str, str], vendors: Caller, project: str, workspace: str
) -> None:
    named = {name: project if value == "P" else value for name, value in query.items()}
    if "project" in named:
        named["workspace"] = workspace
    assert await message(vendors, "GET", "/tasks", None, **named) == ONE_OF


async def test_my_tasks_are_listed_by_assignee_and_by_list(vendors: Caller, workspace: str) -> None:
    who = "grace.whitfield@example.com"
    by_assignee = await vendors.ok("GET", "/tasks", assignee=who, workspace=workspace)
    (user,) = [each for each in await vendors.ok("GET", "/users", opt_fields="email")
               if each["email"] == who]  # fmt: skip
    mine = await vendors.ok("GET", f"/users/{user['gid']}/user_task_list", workspace=workspace)
    assert by_assignee
    assert await vendors.ok("GET", f"/user_task_lists/{mine['gid']}/tasks") == by_assignee


async def test_only_what_is_open_or_was_completed_since_is_listed(
    vendors: Caller, project: str
) -> None:
    listed = await vendors.ok(
        "GET", "/tasks", project=project, opt_fields="completed_at", completed_since="now"
    )
    assert 0 < len(listed) < 20
    assert all(each["completed_at"] is None for each in listed)
    since = "2025-12-01T00:00:00Z"
    some = await vendors.ok(
        "GET", f"/projects/{project}/tasks", opt_fields="completed_at", completed_since=since
    )
    assert len(listed) < len(some) <= 20
    assert all(each["completed_at"] is None or each["completed_at"] >= since for each in some)


async def test_a_change_is_found_at_once_by_when_it_was_made(
    vendors: Caller, project: str, clock: FakeClock
) -> None:
    clock.advance(3600)
    task = await new_task(vendors, project)
    since = clock.utc().isoformat()
    found = await vendors.ok("GET", "/tasks", project=project, modified_since=since)
    assert [each["gid"] for each in found] == [task["gid"]]


async def test_a_new_task_has_what_was_sent(
    vendors: Caller, project: str, sections: dict[str, str]
) -> None:
    settings = await vendors.ok("GET", f"/projects/{project}/custom_field_settings")
    field = settings[0]["custom_field"]
    high = next(each["gid"] for each in field["enum_options"] if each["name"] == "High")
    task = await vendors.ok(
        "POST",
        "/tasks",
        {
            "name": "Everything",
            "notes": "a < b",
            "assignee": "rita.carvalho@example.com",
            "due_on": "2026-02-03",
            "memberships": [{"project": project, "section": sections["In progress"]}],
            "custom_fields": {field["gid"]: high},
            "followers": ["grace.whitfield@example.com"],
        },
        opt_fields="name,html_notes,assignee.name,due_on,memberships.section.name,"
        "custom_fields.display_value,followers.name,completed,created_by.name",
    )
    assert {name: task[name] for name in ("name", "html_notes", "due_on", "completed")} == {
        "name": "Everything",
        "html_notes": "<body>a &lt; b</body>",
        "due_on": "2026-02-03",
        "completed": False,
    }
    assert task["assignee"]["name"] == "Rita Carvalho"
    assert task["memberships"][0]["section"]["name"] == "In progress"
    assert task["custom_fields"][0]["display_value"] == "High"
    names = [each["name"] for each in task["followers"]]
    assert names == ["Avery Stone", "Grace Whitfield", "Rita Carvalho"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"name": "x"}, "You should specify one of workspace, parent, projects"),
        ({"projects": ["7"]}, "projects: Not a recognized ID: 7"),
        ({"projects": ["P"], "assignee": "nobody@example.com"}, "assignee: Not a recognized ID"),
        ({"projects": ["P"], "due_on": "soon"}, "due_on: Not a valid date: soon"),
        (
            {"projects": ["P"], "due_on": "2026-02-01", "due_at": "2026-02-01T10:00:00Z"},
            "You may only provide one of due_on or due_at",
        ),
        ({"projects": ["P"], "completed": "maybe"}, "completed: Not a boolean: maybe"),
        ({"projects": ["P"], "html_notes": "hm"}, "html_notes: XML is invalid"),
        ({"projects": ["P"], "custom_fields": {"1": "2"}}, "custom_fields: Not a recognized ID: 1"),
        ({"projects": ["P"], "colour": "red"}, "colour: Unknown field"),
        ({"projects": ["P"], "created_at": "now"}, "created_at: Cannot write this property"),
        ({"projects": ["P"], "parent": "7"}, "parent: Not a recognized ID: 7"),
    ],
)
async def test_a_task_that_cannot_be_is_refused_and_not_made(
    data: dict[str, Any], said: str, vendors: Caller, project: str
) -> None:
    if data.get("projects") == ["P"]:
        data = {**data, "projects": [project]}
    assert (await message(vendors, "POST", "/tasks", data)).startswith(said)
    assert len(await vendors.ok("GET", "/tasks", project=project)) == 20


async def test_an_update_changes_what_it_names_and_nothing_else(
    vendors: Caller, project: str, clock: FakeClock
) -> None:
    task = await new_task(vendors, project, notes="before", due_on="2026-02-01", assignee="me")
    clock.advance(60)
    changed = await vendors.ok("PUT", f"/tasks/{task['gid']}", {"completed": True, "due_on": None})
    stamps = {"modified_at", "completed_at", "completed", "due_on"}
    assert changed["completed_at"] == changed["modified_at"] == "2026-01-05T09:01:00.000Z"
    assert changed["due_on"] is None
    assert {name: value for name, value in changed.items() if name not in stamps} == {
        name: value for name, value in task.items() if name not in stamps
    }
    again = await vendors.ok("PUT", f"/tasks/{task['gid']}", {"completed": False})
    assert again["completed_at"] is None


async def test_what_cannot_be_put_is_refused(vendors: Caller, project: str) -> None:
    task = await new_task(vendors, project)
    said = await message(vendors, "PUT", f"/tasks/{task['gid']}", {"projects": [project]})
    assert said == "projects: Cannot write this property"


async def test_a_deleted_task_is_gone_everywhere(vendors: Caller, project: str) -> None:
    task = await new_task(vendors, project)
    assert await vendors.ok("DELETE", f"/tasks/{task['gid']}") == {}
    for method in ("GET", "DELETE"):
        answer = await vendors.asana(method, f"/tasks/{task['gid']}")
        assert answer.status_code == 404
        assert answer.json()["errors"][0]["message"] == f"task: Unknown object: {task['gid']}"
    assert len(await vendors.ok("GET", "/tasks", project=project)) == 20


async def test_an_oauth_application_finds_a_task_by_its_own_key(
    vendors: Caller, project: str
) -> None:
    data = {"name": "Keyed", "projects": [project], "external": {"gid": "key-1", "data": "x"}}
    made = await vendors.asana("POST", "/tasks", data, token=OAUTH)
    assert made.status_code == 201
    found = (await vendors.asana("GET", "/tasks/external:key-1", token=OAUTH)).json()["data"]
    assert found["name"] == "Keyed"
    assert found["external"] == {"gid": "key-1", "data": "x"}
    twice = await vendors.asana("POST", "/tasks", data, token=OAUTH)
    assert twice.status_code == 400
    assert twice.json()["errors"][0]["message"] == "external.gid: Already in use: key-1"


async def test_a_personal_token_neither_sees_nor_writes_external(
    vendors: Caller, project: str
) -> None:
    refused = await vendors.asana(
        "POST", "/tasks", {"name": "x", "projects": [project], "external": {"gid": "k"}}
    )
    assert refused.status_code == 403
    data = {"name": "Keyed", "projects": [project], "external": {"gid": "key-1"}}
    gid = (await vendors.asana("POST", "/tasks", data, token=OAUTH)).json()["data"]["gid"]
    assert "external" not in await vendors.ok("GET", f"/tasks/{gid}")
    assert await vendors.ok("GET", f"/tasks/{gid}", opt_fields="external") == {"gid": gid}
    assert (await vendors.asana("GET", "/tasks/external:key-1")).status_code == 404


async def test_a_task_moves_between_sections_and_projects(
    vendors: Caller, project: str, workspace: str, sections: dict[str, str]
) -> None:
    task = await new_task(vendors, project)
    path = f"/tasks/{task['gid']}"
    first = (await vendors.ok("GET", f"/sections/{sections['Done']}/tasks"))[0]["gid"]
    move = {"project": project, "section": sections["Done"], "insert_before": first}
    await vendors.ok("POST", f"{path}/addProject", move)
    listed = await vendors.ok("GET", f"/sections/{sections['Done']}/tasks")
    assert [each["gid"] for each in listed[:2]] == [task["gid"], first]
    await vendors.ok("POST", f"/sections/{sections['To do']}/addTask", {"task": task["gid"]})
    listed = await vendors.ok("GET", f"/sections/{sections['To do']}/tasks")
    assert listed[-1]["gid"] == task["gid"]
    projects = await vendors.ok("GET", "/projects", workspace=workspace)
    other = next(each["gid"] for each in projects if each["gid"] != project)
    await vendors.ok("POST", f"{path}/addProject", {"project": other})
    await vendors.ok("POST", f"{path}/removeProject", {"project": project})
    assert [each["gid"] for each in await vendors.ok("GET", f"{path}/projects")] == [other]


async def test_tags_followers_and_parents_are_changed_one_by_one(
    vendors: Caller, project: str, workspace: str
) -> None:
    task = await new_task(vendors, project)
    path = f"/tasks/{task['gid']}"
    tags = await vendors.ok("GET", f"/workspaces/{workspace}/tags")
    await vendors.ok("POST", f"{path}/addTag", {"tag": tags[0]["gid"]})
    await vendors.ok("POST", f"{path}/addTag", {"tag": tags[0]["gid"]})
    assert [each["name"] for each in await vendors.ok("GET", f"{path}/tags")] == [tags[0]["name"]]
    await vendors.ok("POST", f"{path}/removeTag", {"tag": tags[0]["gid"]})
    assert await vendors.ok("GET", f"{path}/tags") == []
    child = await vendors.ok("POST", f"{path}/subtasks", {"name": "Child"})
    assert child["parent"]["gid"] == task["gid"]
    said = await message(vendors, "POST", f"{path}/setParent", {"parent": child["gid"]})
    assert said == "parent: A task cannot be its own parent or ancestor"
    freed = await vendors.ok("POST", f"/tasks/{child['gid']}/setParent", {"parent": None})
    assert freed["parent"] is None
    assert await vendors.ok("GET", f"{path}/subtasks") == []


async def test_dependencies_show_at_both_ends(vendors: Caller, project: str) -> None:
    one, two = [await new_task(vendors, project) for _ in range(2)]
    path = f"/tasks/{one['gid']}"
    await vendors.ok("POST", f"{path}/addDependencies", {"dependencies": [two["gid"]]})
    assert (await vendors.ok("GET", f"{path}/dependencies"))[0]["gid"] == two["gid"]
    assert (await vendors.ok("GET", f"/tasks/{two['gid']}/dependents"))[0]["gid"] == one["gid"]
    await vendors.ok("POST", f"/tasks/{two['gid']}/removeDependents", {"dependents": [one["gid"]]})
    assert await vendors.ok("GET", f"{path}/dependencies") == []


async def test_comments_stand_among_the_lines_of_what_happened(
    vendors: Caller, project: str, clock: FakeClock
) -> None:
    task = await new_task(vendors, project, assignee="me")
    path = f"/tasks/{task['gid']}/stories"
    clock.advance(1)
    story = await vendors.ok("POST", path, {"html_text": "<body>Well <b>done</b></body>"})
    assert (story["text"], story["type"]) == ("Well done", "comment")
    clock.advance(1)
    await vendors.ok("PUT", f"/tasks/{task['gid']}", {"completed": True})
    kinds = [each["resource_subtype"] for each in await vendors.ok("GET", path)]
    assert kinds == ["assigned", "comment_added", "marked_complete"]
    changed = await vendors.ok("PUT", f"/stories/{story['gid']}", {"text": "Thanks"})
    assert (changed["text"], changed["is_edited"]) == ("Thanks", True)
    await vendors.ok("DELETE", f"/stories/{story['gid']}")
    assert len(await vendors.ok("GET", path)) == 2
    said = await message(vendors, "POST", path, {"text": "a", "html_text": "<body>a</body>"})
    assert said == "You must specify exactly one of text or html_text"
