"""Linear's own tools on issues."""

from typing import Any

import pytest

from kit.errors import Conflict, Invalid, NotFound, RateLimited
from tests.support.linear import RunningLinear, Workspace, linear
from tests.support.sandbox import RunningSandbox, sandbox

ME = "avery.stone@example.com"


@pytest.mark.parametrize(
    ("given", "agrees"),
    [
        ({"team": "engineering"}, lambda each: each["team"] == "ENG"),
        ({"state": "in progress"}, lambda each: each["state"] == "In Progress"),
        ({"state": "done"}, lambda each: each["state"] == "Done"),
        ({"state": "completed"}, lambda each: each["state"] == "Done"),
        ({"state": "started", "team": "ENG"}, lambda each: each["team"] == "ENG"),
        ({"state": "open"}, lambda each: each["state"] not in {"Done", "Canceled", "Duplicate"}),
        ({"assignee": "me"}, lambda each: each["assignee"] == ME),
        ({"assignee": "Avery Stone"}, lambda each: each["assignee"] == ME),
        ({"assignee": "none"}, lambda each: "assignee" not in each),
        ({"labels": ["bug", "billing"]}, lambda each: {"Bug", "Billing"} <= set(each["labels"])),
        ({"project": "billing 2.0"}, lambda each: each["project"] == "Billing 2.0"),
        ({"cycle": "current"}, lambda each: each["cycle"] == 40),
        ({"cycle": "40", "team": "ENG"}, lambda each: each["cycle"] == 40),
        ({"priority": 1}, lambda each: each["priority"] == 1),
        ({"query": "billing", "team": "DAT"}, lambda each: each["team"] == "DAT"),
        ({"due_before": "2999-01-01"}, lambda each: "due_date" in each),
        ({"created_after": "2020-01-01T00:00:00Z", "priority": 2}, lambda e: e["priority"] == 2),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
async def test_each_condition_narrows_a_search(
    server: RunningLinear, given: dict[str, Any], agrees: Any
) -> None:
    found = await server.all("linear_search_issues", "issues", limit=50, **given)

    assert found
    assert all(agrees(each) for each in found)


@pytest.mark.parametrize(
    ("tool", "items"), [("tasks_search", "items"), ("linear_search_issues", "issues")]
)
async def test_more_searches_than_linear_takes_become_a_filter(tool: str, items: str) -> None:
    with sandbox(linear_searches_per_minute=1) as box:
        async with linear(box) as server:
            by_search = await server.call(tool, query="billing", limit=50)
            by_filter = await server.all(tool, items, query="BILLING", limit=10)
            again = await server.all(tool, items, query="BILLING", limit=50)

            asked = box.state("linear")["calls"]["searchIssues"]

    name = "id" if items == "issues" else "key"
    assert {each[name] for each in by_filter} == {each[name] for each in by_search[items]}
    assert again == by_filter
    assert asked == 1  # its headers had said that nothing was left


async def test_a_search_that_has_begun_goes_on_as_a_search_or_says_why_not(
    server: RunningLinear, box: RunningSandbox
) -> None:
    begun = await server.call("tasks_search", query="billing", limit=2)
    box.fault("linear", "rate_limited", times=None, operation="searchIssues", seconds=60)

    error = await server.refused(
        "tasks_search", query="billing", limit=2, cursor=begun["next_cursor"]
    )

    assert isinstance(error, RateLimited)


async def test_a_search_goes_by_parent(server: RunningLinear, workspace: Workspace) -> None:
    parent = workspace.create("Parent")
    child = workspace.create("Child", parentId=parent)

    found = await server.all("linear_search_issues", "issues", parent=parent)

    assert [each["id"] for each in found] == [child]


@pytest.mark.parametrize("order", ["createdAt", "updatedAt"])
@pytest.mark.parametrize("query", [None, "billing"])
async def test_a_search_is_ordered_as_asked(
    server: RunningLinear, order: str, query: str | None
) -> None:
    wanted = {} if query is None else {"query": query}
    found = await server.all("linear_search_issues", "issues", limit=50, order_by=order, **wanted)

    times = [each["created_at" if order == "createdAt" else "updated_at"] for each in found]
    assert times == sorted(times, reverse=True)


async def test_archived_issues_are_found_on_request(
    server: RunningLinear, workspace: Workspace
) -> None:
    key = workspace.create("Old zebra")
    workspace.ask("mutation A($id: String!) { issueArchive(id: $id) { success } }", id=key)

    without = await server.all("linear_search_issues", "issues", query="zebra")
    found = await server.all("linear_search_issues", "issues", query="zebra", include_archived=True)

    assert without == []
    assert [each["id"] for each in found] == [key]


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        ({"team": "Nope"}, "ENG (Engineering)"),
        ({"state": "Nope"}, "In Review"),
        ({"labels": ["Nope"]}, "Tech debt"),
        ({"project": "Nope"}, "Billing 2.0"),
        ({"assignee": "nobody@elsewhere.example"}, "linear_list_users"),
        ({"assignee": "example"}, "linear_list_users"),
    ],
    ids=str,
)
async def test_an_unknown_name_is_a_mistake_that_names_the_choices(
    server: RunningLinear, given: dict[str, Any], choice: str
) -> None:
    error = await server.refused("linear_search_issues", **given)

    assert isinstance(error, Invalid)
    assert error.field in given
    assert choice in error.message


async def test_an_issue_comes_with_what_was_asked_for(
    server: RunningLinear, workspace: Workspace
) -> None:
    key, other = workspace.create("One"), workspace.create("Other")
    workspace.create("Child", parentId=key)
    await server.call("linear_save_issue", issue=key, blocks=[other])

    bare = await server.call("linear_get_issue", issue=key)
    whole = await server.call(
        "linear_get_issue",
        issue=key.lower(),
        include=["comments", "children", "relations", "attachments"],
    )

    assert not {"comments", "children", "relations", "attachments"} & set(bare)
    assert whole["comments"] == []
    assert [each["title"] for each in whole["children"]] == ["Child"]
    assert whole["relations"] == [{"relation": "blocks", "id": other, "title": "Other"}]
    assert whole["truncated"] == []


async def test_many_comments_are_read_to_the_end(
    server: RunningLinear, workspace: Workspace
) -> None:
    key = workspace.create("Chatty")
    document = (
        "mutation C($input: CommentCreateInput!) { commentCreate(input: $input) { success } }"
    )
    for number in range(55):
        workspace.ask(document, input={"issueId": key, "body": str(number)})

    first = await server.call("linear_get_issue", issue=key, include=["comments"])
    rest = await server.call(
        "linear_get_issue",
        issue=key,
        include=["comments"],
        comments_cursor=first["comments_cursor"],
    )

    assert first["truncated"] == ["comments"]
    assert rest["truncated"] == []
    assert "comments_cursor" not in rest
    bodies = [each["body"] for each in (*first["comments"], *rest["comments"])]
    assert sorted(bodies, key=int) == [str(number) for number in range(55)]


async def test_a_new_issue_has_all_that_was_given(
    server: RunningLinear, workspace: Workspace
) -> None:
    parent, other = workspace.create("Parent"), workspace.create("Other")

    made = await server.call(
        "linear_save_issue",
        title="Made",
        description="why",
        team="ENG",
        state="in review",
        assignee="avery",
        priority=2,
        estimate=3,
        due_date="2026-12-24",
        project="Billing 2.0",
        milestone="beta",
        cycle="next",
        parent=parent,
        add_labels=["bug"],
        blocks=[other],
        blocked_by=[parent],
        related_to=[other],
    )

    (issue,) = workspace.titled("Made")
    whole = await server.call("linear_get_issue", issue=made["id"], include=["relations"])
    assert (made["outcome"], made["undone"]) == ("created", [])
    assert (made["state"], made["assignee"]) == ("In Review", ME)
    assert issue["description"] == "why"
    assert (issue["priority"], issue["estimate"], issue["dueDate"]) == (2, 3, "2026-12-24")
    assert issue["project"]["name"] == "Billing 2.0"
    assert issue["projectMilestone"]["name"] == "Beta"
    assert issue["cycle"]["number"] == 41
    assert issue["parent"]["identifier"] == parent
    assert [each["name"] for each in issue["labels"]["nodes"]] == ["Bug"]
    assert {(each["relation"], each["id"]) for each in whole["relations"]} == {
        ("blocks", other),
        ("blocked_by", parent),
        ("related", other),
    }


async def test_a_saved_issue_is_changed_only_where_asked(
    server: RunningLinear, workspace: Workspace
) -> None:
    made = await server.call(
        "linear_save_issue",
        title="Kept",
        description="text",
        team="ENG",
        assignee="me",
        due_date="2026-12-24",
        project="Billing 2.0",
        add_labels=["Bug", "Security"],
    )

    await server.call(
        "linear_save_issue",
        issue=made["id"],
        priority=1,
        add_labels=["Billing"],
        remove_labels=["Bug"],
        clear=["assignee", "due_date", "description"],
    )

    (issue,) = workspace.titled("Kept")
    assert issue["priority"] == 1
    assert issue["assignee"] is None
    assert issue["dueDate"] is None
    assert not issue["description"]
    assert issue["project"]["name"] == "Billing 2.0"
    assert {each["name"] for each in issue["labels"]["nodes"]} == {"Security", "Billing"}


async def test_an_issue_moves_to_another_team_with_a_state_of_that_team(
    server: RunningLinear, workspace: Workspace
) -> None:
    key = workspace.create("Wanderer")

    moved = await server.call("linear_save_issue", issue=key, team="DES", state="in progress")

    assert moved["id"].startswith("DES-")
    assert moved["state"] == "In Progress"


async def test_relations_are_made_once(server: RunningLinear, workspace: Workspace) -> None:
    key, other = workspace.create("One"), workspace.create("Other")

    for _ in range(2):
        await server.call("linear_save_issue", issue=key, blocks=[other])

    whole = await server.call("linear_get_issue", issue=key, include=["relations"])
    assert len(whole["relations"]) == 1


async def test_a_relation_to_nothing_stops_the_write(
    server: RunningLinear, box: RunningSandbox
) -> None:
    error = await server.refused("linear_save_issue", title="No", team="ENG", blocks=["ENG-99999"])

    assert isinstance(error, NotFound)
    assert box.writes("linear", "issueCreate") == 0


async def test_a_relation_that_fails_is_told_and_the_issue_stays(
    server: RunningLinear, workspace: Workspace, box: RunningSandbox
) -> None:
    other = workspace.create("Other")
    given = {"title": "Made", "team": "ENG", "blocks": [other], "idempotency_key": "k"}
    box.fault("linear", "unauthorized", times=1, operation="issueRelationCreate")

    first = await server.call("linear_save_issue", **given)
    second = await server.call("linear_save_issue", **given)

    assert first["outcome"] == "created"
    assert first["undone"][0].startswith(f"blocks {other}: unauthenticated: ")
    assert (second["outcome"], second["undone"]) == ("existing", [])
    assert len(workspace.titled("Made")) == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "title"),
        ({"title": "x", "team": "ENG", "clear": ["assignee"]}, "clear"),
        ({"title": "x", "team": "ENG", "remove_labels": ["Bug"]}, "remove_labels"),
        ({"title": "x", "team": "ENG", "milestone": "Beta"}, "milestone"),
        ({"title": "x", "team": "ENG", "cycle": "99"}, "cycle"),
        ({"title": "x", "team": "ENG", "state": "Nope"}, "state"),
        ({"issue": "ENG-1"}, None),
        ({"issue": "ENG-1", "assignee": "me", "clear": ["assignee"]}, "clear"),
        ({"issue": "ENG-1", "labels": ["Bug"]}, "labels"),
    ],
    ids=str,
)
async def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    server: RunningLinear, box: RunningSandbox, given: dict[str, Any], field: str | None
) -> None:
    error = await server.refused("linear_save_issue", **given)

    assert isinstance(error, Invalid)
    assert error.field == field
    assert sum(box.state("linear")["writes"].values()) == 0


async def test_a_change_by_another_stops_a_save(
    server: RunningLinear, workspace: Workspace
) -> None:
    key = workspace.create("Raced")
    seen = (await server.call("linear_get_issue", issue=key))["updated_at"]
    await server.call("linear_save_issue", issue=key, priority=1)

    error = await server.refused("linear_save_issue", issue=key, priority=2, if_updated_at=seen)

    assert isinstance(error, Conflict)


async def test_a_new_issue_goes_to_its_parents_team(
    server: RunningLinear, workspace: Workspace
) -> None:
    parent = workspace.create("Parent", team="DES")

    made = await server.call("linear_save_issue", title="Child", parent=parent)

    assert made["id"].startswith("DES-")


async def test_a_new_issue_goes_to_the_default_team(box: RunningSandbox) -> None:
    async with linear(box, default_team="design") as server:
        made = await server.call("linear_save_issue", title="Made")
        of_project = await server.call("linear_save_issue", title="Made", project="Billing 2.0")

    assert made["id"].startswith("DES-")
    assert of_project["id"].startswith("ENG-")


async def test_a_default_team_that_is_not_there_is_named_by_its_setting(
    box: RunningSandbox,
) -> None:
    async with linear(box, default_team="gone") as server:
        error = await server.refused("linear_save_issue", title="Made")

    assert error.message.startswith("LINEAR_DEFAULT_TEAM: Linear has no team 'gone'")
