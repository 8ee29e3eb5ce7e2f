from datetime import UTC, date, datetime, timedelta

import pytest

from kit.contract import people, tasks
from kit.errors import Conflict, Invalid, NotFound
from tests.support.linear import RunningLinear, Workspace
from tests.support.sandbox import RunningSandbox

ME = "avery.stone@example.com"


async def test_words_find_tasks_and_say_how_many_there_are(server: RunningLinear) -> None:
    page = tasks.TaskPage.model_validate(
        await server.call("tasks_search", query="billing", limit=3)
    )

    assert len(page.items) == 3
    assert page.total is not None
    assert page.total > 3
    assert all(each.provider == "linear" for each in page.items)


@pytest.mark.parametrize("query", [None, "billing"])
async def test_pages_go_on_to_the_end_without_repeating(
    server: RunningLinear, box: RunningSandbox, query: str | None
) -> None:
    wanted = {} if query is None else {"query": query}

    found = await server.all("tasks_search", "items", limit=10, **wanted)

    refs = [each["ref"] for each in found]
    assert len(refs) == len(set(refs))
    if query is None:
        assert len(refs) == box.state("linear")["objects"]["Issue"]


async def test_conditions_hold_together(server: RunningLinear) -> None:
    found = await server.all(
        "tasks_search", "items", assignee="ME", status="open", labels=["billing"], limit=50
    )

    assert found
    for each in found:
        assert each["assignee"]["email"] == ME
        assert each["status"]["category"] in {"backlog", "todo", "in_progress"}
        assert "Billing" in each["labels"]


async def test_dates_and_projects_narrow_a_search(server: RunningLinear) -> None:
    first = (await server.call("tasks_search", query="billing", limit=1))["items"][0]
    today = datetime.now(UTC)

    of_project = await server.all(
        "tasks_search", "items", project_ref=first["project"]["ref"], limit=50
    )
    due = await server.all(
        "tasks_search", "items", due_before=(today + timedelta(days=7)).date().isoformat()
    )
    fresh = await server.all(
        "tasks_search", "items", updated_after=(today - timedelta(days=7)).isoformat()
    )

    assert {each["project"]["name"] for each in of_project} == {first["project"]["name"]}
    assert due
    assert all(
        date.fromisoformat(each["due_on"]) < (today + timedelta(days=7)).date() for each in due
    )
    assert fresh
    assert all(
        datetime.fromisoformat(each["updated_at"]) > today - timedelta(days=7) for each in fresh
    )


@pytest.mark.parametrize(
    "condition",
    [
        {"assignee": "nobody@elsewhere.example"},
        {"labels": ["only asana has this"]},
        {"query": "qzx"},
    ],
    ids=["person", "label", "words"],
)
async def test_what_linear_does_not_know_finds_nothing_in_a_search_of_the_contract(
    server: RunningLinear, condition: dict[str, object]
) -> None:
    page = await server.call("tasks_search", **condition)

    assert page["items"] == []
    assert page["complete"] is True


async def test_a_cursor_that_is_none_is_refused(server: RunningLinear) -> None:
    assert isinstance(await server.refused("tasks_search", cursor="made up"), Invalid)


async def test_a_task_is_read_whole(server: RunningLinear, workspace: Workspace) -> None:
    parent = workspace.create("Parent", description="Why")
    child = workspace.create("Child", parentId=parent)
    await server.call("tasks_comment", ref=f"task:linear:{parent}", body_md="First")
    await server.call("tasks_comment", ref=f"task:linear:{parent}", body_md="Second")

    found = tasks.TaskDetail.model_validate(
        await server.call(
            "tasks_get", ref=f"task:linear:{parent}", include=["comments", "subtasks", "relations"]
        )
    )
    of_child = tasks.TaskDetail.model_validate(
        await server.call("tasks_get", ref=f"task:linear:{child}", include=["relations"])
    )

    assert found.description_md == "Why"
    assert [each.body_md for each in found.comments or ()] == ["First", "Second"]
    assert [each.key for each in found.subtasks or ()] == [child]
    assert found.relations == ()
    assert [(each.key, each.relation) for each in of_child.relations or ()] == [(parent, "parent")]


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("tasks_get", {}),
        ("tasks_update", {"set": {"title": "x"}}),
        ("tasks_comment", {"body_md": "x"}),
    ],
)
async def test_a_task_that_is_not_there_is_not_found(
    server: RunningLinear, tool: str, arguments: dict[str, object]
) -> None:
    error = await server.refused(tool, ref="task:linear:ENG-99999", **arguments)

    assert isinstance(error, NotFound)
    assert "ENG-99999" in error.message


async def test_a_created_task_has_all_that_was_given(
    server: RunningLinear, workspace: Workspace
) -> None:
    parent = workspace.create("Parent")

    made = tasks.TaskWritten.model_validate(
        await server.call(
            "tasks_create",
            title="Made",
            description_md="**why**",
            container_ref="team:linear:eng",
            assignee="me",
            due_on="2026-12-24",
            priority=1,
            labels=["bug", "Billing"],
            parent_ref=f"task:linear:{parent}",
            idempotency_key="k",
        )
    )

    (issue,) = workspace.titled("Made")
    assert made.outcome == "created"
    assert made.ref == f"task:linear:{issue['identifier']}"
    assert made.idempotency_key == "k"
    assert issue["description"] == "**why**"
    assert (issue["team"]["key"], issue["priority"], issue["dueDate"]) == ("ENG", 1, "2026-12-24")
    assert issue["assignee"]["email"] == ME
    assert {each["name"] for each in issue["labels"]["nodes"]} == {"Bug", "Billing"}
    assert issue["parent"]["identifier"] == parent


async def test_the_same_key_creates_once(server: RunningLinear, workspace: Workspace) -> None:
    given = {"title": "Once", "container_ref": "team:linear:ENG", "idempotency_key": "k"}

    outcomes = [(await server.call("tasks_create", **given))["outcome"] for _ in range(3)]

    assert outcomes == ["created", "existing", "existing"]
    assert len(workspace.titled("Once")) == 1


async def test_a_task_is_created_in_a_project_and_its_team(
    server: RunningLinear, workspace: Workspace
) -> None:
    first = (await server.call("tasks_search", query="billing", limit=1))["items"][0]

    await server.call("tasks_create", title="There", container_ref=first["project"]["ref"])

    (issue,) = workspace.titled("There")
    assert issue["project"]["name"] == first["project"]["name"]
    assert issue["team"]["key"] == first["key"].split("-")[0]


async def test_without_a_place_the_choices_are_named(server: RunningLinear) -> None:
    error = await server.refused("tasks_create", title="Where")

    assert isinstance(error, Invalid)
    assert error.field == "container_ref"
    assert "DAT, " in error.message
    assert "LINEAR_DEFAULT_TEAM" in error.message


@pytest.mark.parametrize(
    ("given", "field", "choice"),
    [
        ({"container_ref": "team:linear:NOPE"}, "container_ref", "ENG (Engineering)"),
        ({"container_ref": "project:linear:nope"}, "project", "Billing 2.0"),
        ({"container_ref": "team:asana:ENG"}, "container_ref", "not at Linear"),
        ({"container_ref": "team:linear:ENG", "labels": ["nope"]}, "labels", "Billing, Bug"),
        ({"container_ref": "team:linear:ENG", "assignee": "x@y.z"}, "assignee", "x@y.z"),
    ],
    ids=["team", "project", "vendor", "label", "person"],
)
async def test_a_wrong_name_in_a_create_is_told_and_nothing_is_created(
    server: RunningLinear, box: RunningSandbox, given: dict[str, object], field: str, choice: str
) -> None:
    error = await server.refused("tasks_create", title="No", **given)

    assert isinstance(error, Invalid)
    assert error.field == field
    assert choice in error.message
    assert box.writes("linear", "issueCreate") == 0


async def test_an_update_changes_what_is_given_and_no_more(
    server: RunningLinear, workspace: Workspace
) -> None:
    ref = (
        await server.call(
            "tasks_create",
            title="Before",
            container_ref="team:linear:ENG",
            labels=["Bug", "Billing"],
            assignee="me",
            due_on="2026-12-24",
        )
    )["ref"]

    changed = await server.call(
        "tasks_update",
        ref=ref,
        set={"title": "After", "status": "in_progress", "assignee": None, "priority": 3},
        add_labels=["security"],
        remove_labels=["bug"],
    )

    (issue,) = workspace.titled("After")
    assert changed["outcome"] == "updated"
    assert changed["task"]["status"] == {"name": "In Progress", "category": "in_progress"}
    assert issue["assignee"] is None
    assert issue["priority"] == 3
    assert issue["dueDate"] == "2026-12-24"
    assert {each["name"] for each in issue["labels"]["nodes"]} == {"Billing", "Security"}


async def test_labels_that_another_added_meanwhile_stay(
    server: RunningLinear, workspace: Workspace
) -> None:
    key = workspace.create("Shared")
    await server.call("tasks_update", ref=f"task:linear:{key}", add_labels=["Bug"])

    await server.call("tasks_update", ref=f"task:linear:{key}", add_labels=["Security"])

    (issue,) = workspace.titled("Shared")
    assert {each["name"] for each in issue["labels"]["nodes"]} == {"Bug", "Security"}


async def test_a_status_goes_by_its_name_too(server: RunningLinear, workspace: Workspace) -> None:
    key = workspace.create("Reviewed")

    await server.call("tasks_update", ref=f"task:linear:{key}", set={"status": "in review"})
    error = await server.refused("tasks_update", ref=f"task:linear:{key}", set={"status": "Nope"})

    assert workspace.titled("Reviewed")[0]["state"]["name"] == "In Review"
    assert isinstance(error, Invalid)
    assert error.field == "set.status"
    assert "In Review" in error.message


async def test_a_change_by_another_stops_an_update(
    server: RunningLinear, workspace: Workspace, box: RunningSandbox
) -> None:
    key = workspace.create("Raced")
    seen = (await server.call("tasks_get", ref=f"task:linear:{key}"))["updated_at"]
    await server.call("tasks_update", ref=f"task:linear:{key}", set={"priority": 1})
    before = box.writes("linear", "issueUpdate")

    error = await server.refused(
        "tasks_update", ref=f"task:linear:{key}", set={"priority": 2}, if_updated_at=seen
    )

    assert isinstance(error, Conflict)
    assert error.existing_ref == f"task:linear:{key}"
    assert box.writes("linear", "issueUpdate") == before


async def test_an_update_of_nothing_is_a_mistake(
    server: RunningLinear, workspace: Workspace
) -> None:
    key = workspace.create("Same")

    error = await server.refused("tasks_update", ref=f"task:linear:{key}")

    assert isinstance(error, Invalid)
    assert "nothing" in error.message


async def test_the_same_key_comments_once(server: RunningLinear, workspace: Workspace) -> None:
    key = workspace.create("Talked about")
    given = {"ref": f"task:linear:{key}", "body_md": "Hear", "idempotency_key": "k"}

    outcomes = [(await server.call("tasks_comment", **given))["outcome"] for _ in range(2)]

    assert outcomes == ["created", "existing"]
    assert workspace.titled("Talked about")[0]["comments"]["nodes"] == [{"body": "Hear"}]


@pytest.mark.parametrize("given", [{"email": ME.upper()}, {"name": "avery"}], ids=["mail", "name"])
async def test_a_person_is_found(server: RunningLinear, given: dict[str, str]) -> None:
    page = people.PeoplePage.model_validate(await server.call("people_resolve", **given))

    (found,) = page.items
    assert found.email == ME
    assert found.accounts[0].provider == "linear"


async def test_somebody_who_left_is_found_and_said_to_have_left(
    server: RunningLinear, workspace: Workspace
) -> None:
    everybody = workspace.ask(
        "{ users(first: 250, includeDisabled: true) { nodes { email active } } }"
    )["users"]["nodes"]
    left = next(each["email"] for each in everybody if not each["active"])

    (found,) = (await server.call("people_resolve", email=left))["items"]

    assert found["accounts"][0]["active"] is False


async def test_nobody_of_that_name_is_an_empty_answer(server: RunningLinear) -> None:
    assert (await server.call("people_resolve", name="zz zz"))["items"] == []
