"""Linear's own tools on projects, cycles, labels, people and teams."""

from typing import Any

import pytest

from kit.errors import Invalid
from tests.support.linear import RunningLinear, Workspace
from tests.support.sandbox import RunningSandbox

LEAD = "tomas.lindqvist@example.com"


@pytest.mark.parametrize(
    ("given", "agrees"),
    [
        ({}, lambda each: each["teams"]),
        ({"query": "billing"}, lambda each: "Billing" in each["name"]),
        ({"team": "eng"}, lambda each: "ENG" in each["teams"]),
        ({"status": "in progress"}, lambda each: each["status"] == "In Progress"),
        ({"status": "started"}, lambda each: each["status"] == "In Progress"),
        ({"lead": LEAD}, lambda each: each["lead"] == LEAD),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
async def test_projects_are_found(
    server: RunningLinear, given: dict[str, Any], agrees: Any
) -> None:
    found = await server.all("linear_list_projects", "projects", limit=2, **given)

    assert found
    assert all(agrees(each) for each in found)
    assert len({each["id"] for each in found}) == len(found)


async def test_a_project_is_read_by_name_or_id(server: RunningLinear) -> None:
    by_name = await server.call("linear_get_project", project="billing 2.0")
    by_id = await server.call("linear_get_project", project=by_name["id"])

    assert by_id == by_name
    assert by_name["content"].startswith("## Goal")
    assert [each["name"] for each in by_name["milestones"]] == ["Beta", "Launch"]
    assert by_name["lead"] in by_name["members"]


async def test_a_project_is_created_once_and_changed(server: RunningLinear) -> None:
    given = {
        "name": "Night Trains",
        "teams": ["ENG", "design"],
        "description": "Sleep on the way",
        "content": "# Why",
        "lead": LEAD,
        "status": "planned",
        "priority": 1,
        "start_date": "2026-12-01",
        "target_date": "2027-03-01",
        "idempotency_key": "k",
    }

    outcomes = [(await server.call("linear_save_project", **given))["outcome"] for _ in range(2)]
    changed = await server.call(
        "linear_save_project", project="night trains", name="Day Trains", clear=["lead"]
    )
    found = await server.call("linear_get_project", project="Day Trains")

    assert outcomes == ["created", "existing"]
    assert changed["outcome"] == "updated"
    assert set(found["teams"]) == {"ENG", "DES"}
    assert (found["status"], found["priority"]) == ("Planned", 1)
    assert (found["start_date"], found["target_date"]) == ("2026-12-01", "2027-03-01")
    assert (found["description"], found["content"]) == ("Sleep on the way", "# Why")
    assert "lead" not in found


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"teams": ["ENG"]}, "name"),
        ({"name": "x"}, "teams"),
        ({"name": "x", "teams": ["nope"]}, "teams"),
        ({"name": "x", "teams": ["ENG"], "status": "nope"}, "status"),
        ({"name": "x", "teams": ["ENG"], "lead": "n@elsewhere.example"}, "lead"),
        ({"name": "x", "teams": ["ENG"], "clear": ["lead"]}, "clear"),
        ({"project": "Billing 2.0"}, None),
        ({"project": "Nope", "name": "x"}, "project"),
        ({"project": "Billing 2.0", "lead": "me", "clear": ["lead"]}, "clear"),
    ],
    ids=str,
)
async def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    server: RunningLinear, box: RunningSandbox, given: dict[str, Any], field: str | None
) -> None:
    error = await server.refused("linear_save_project", **given)

    assert isinstance(error, Invalid)
    assert error.field == field
    assert sum(box.state("linear")["writes"].values()) == 0


@pytest.mark.parametrize(
    ("given", "numbers"),
    [
        ({"team": "ENG"}, {38, 39, 40, 41, 42}),
        ({"team": "ENG", "which": "current"}, {40}),
        ({"which": "next"}, {41}),
        ({"which": "previous"}, {39}),
    ],
    ids=str,
)
async def test_cycles_are_listed_by_where_they_lie(
    server: RunningLinear, given: dict[str, Any], numbers: set[int]
) -> None:
    found = await server.all("linear_list_cycles", "cycles", limit=3, **given)

    assert {each["number"] for each in found} == numbers


async def test_people_are_listed_to_the_end(server: RunningLinear, workspace: Workspace) -> None:
    everybody = await server.all("linear_list_users", "users", limit=7)
    found = await server.all("linear_list_users", "users", query=LEAD)

    active = workspace.ask("{ users(first: 250) { nodes { email } } }")["users"]["nodes"]
    assert sorted(each["email"] for each in everybody) == sorted(each["email"] for each in active)
    assert [each["email"] for each in found] == [LEAD]


async def test_a_label_of_a_team_is_for_that_team(server: RunningLinear) -> None:
    given = {"name": "Lamp", "team": "ENG", "color": "#ff8800", "idempotency_key": "k"}

    outcomes = [(await server.call("linear_create_label", **given))["outcome"] for _ in range(2)]
    of_team = await server.all("linear_list_labels", "labels", team="ENG", query="lamp")
    of_other = await server.all("linear_list_labels", "labels", team="DES", query="lamp")
    used = await server.call("linear_save_issue", title="x", team="ENG", add_labels=["lamp"])
    refused = await server.refused("linear_save_issue", title="x", team="DES", add_labels=["lamp"])

    assert outcomes == ["created", "existing"]
    assert of_team == [{"name": "Lamp", "team": "ENG"}]
    assert of_other == []
    assert used["outcome"] == "created"
    assert isinstance(refused, Invalid)


async def test_a_new_label_is_known_at_once(server: RunningLinear) -> None:
    await server.refused("linear_save_issue", title="x", team="ENG", add_labels=["Fresh"])
    await server.call("linear_create_label", name="Fresh")

    assert await server.call("linear_save_issue", title="x", team="ENG", add_labels=["fresh"])


async def test_teams_come_with_their_states_in_order(server: RunningLinear) -> None:
    found = (await server.call("linear_list_teams"))["teams"]

    assert {each["key"] for each in found} == {"DAT", "DES", "ENG", "PLT"}
    assert [each["name"] for each in found[0]["states"]][:5] == [
        "Backlog",
        "Todo",
        "In Progress",
        "In Review",
        "Done",
    ]
