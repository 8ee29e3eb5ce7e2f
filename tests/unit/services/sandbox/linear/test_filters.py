"""Filters, each beside the plain Python that says the same."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.clock import FakeClock
from tests.support.vendors import Caller

Issue = dict[str, Any]

ISSUES = """query($filter: IssueFilter, $after: String) {
  issues(filter: $filter, first: 250, after: $after) { nodes {
    id identifier number title description priority estimate dueDate createdAt updatedAt
    completedAt state { name type } team { key } assignee { email isMe } creator { email }
    project { name } projectMilestone { name } cycle { isActive } parent { identifier }
    labels(first: 5) { nodes { name } }
    children(first: 1) { nodes { id } } comments(first: 3) { nodes { body } }
    inverseRelations(first: 2) { nodes { type } }
  } }
}"""


def day(clock: FakeClock) -> str:
    return clock.utc().date().isoformat()


def labels(issue: Issue) -> set[str]:
    return {label["name"] for label in issue["labels"]["nodes"]}


CASES: dict[str, tuple[dict[str, Any], Callable[[Issue], bool]]] = {
    "state type in": (
        {"state": {"type": {"in": ["started", "unstarted"]}}},
        lambda i: i["state"]["type"] in {"started", "unstarted"},
    ),
    "state type nin": (
        {"state": {"type": {"nin": ["completed", "canceled"]}}},
        lambda i: i["state"]["type"] not in {"completed", "canceled"},
    ),
    "state name": (
        {"state": {"name": {"eqIgnoreCase": "done"}}},
        lambda i: i["state"]["name"] == "Done",
    ),
    "assignee": (
        {"assignee": {"email": {"eq": "mei.tanaka@example.com"}}},
        lambda i: (i["assignee"] or {}).get("email") == "mei.tanaka@example.com",
    ),
    "nobody": ({"assignee": {"null": True}}, lambda i: i["assignee"] is None),
    "somebody": ({"assignee": {"null": False}}, lambda i: i["assignee"] is not None),
    "me": ({"assignee": {"isMe": {"eq": True}}}, lambda i: bool((i["assignee"] or {}).get("isMe"))),
    "team key": ({"team": {"key": {"in": ["PLT"]}}}, lambda i: i["team"]["key"] == "PLT"),
    "label by some": (
        {"labels": {"some": {"name": {"eq": "Billing"}}}},
        lambda i: "Billing" in labels(i),
    ),
    "label directly": ({"labels": {"name": {"eq": "Bug"}}}, lambda i: "Bug" in labels(i)),
    "labels without": (
        {"labels": {"every": {"name": {"neq": "Bug"}}}},
        lambda i: "Bug" not in labels(i),
    ),
    "two labels": (
        {"labels": {"and": [{"name": {"eq": "Bug"}}, {"name": {"eq": "Billing"}}]}},
        lambda i: {"Bug", "Billing"} <= labels(i),
    ),
    "number of labels": ({"labels": {"length": {"gte": 2}}}, lambda i: len(labels(i)) >= 2),
    "no labels": ({"labels": {"null": True}}, lambda i: not labels(i)),
    "project": (
        {"project": {"name": {"startsWith": "Billing"}}},
        lambda i: (i["project"] or {"name": ""})["name"].startswith("Billing"),
    ),
    "no project": ({"project": {"null": True}}, lambda i: i["project"] is None),
    "milestone": (
        {"projectMilestone": {"name": {"eq": "Launch"}}},
        lambda i: (i["projectMilestone"] or {}).get("name") == "Launch",
    ),
    "active cycle": (
        {"cycle": {"isActive": {"eq": True}}},
        lambda i: bool((i["cycle"] or {}).get("isActive")),
    ),
    "parent": ({"parent": {"null": False}}, lambda i: i["parent"] is not None),
    "children": ({"children": {"length": {"gt": 0}}}, lambda i: bool(i["children"]["nodes"])),
    "comments": (
        {"comments": {"some": {"body": {"contains": "review"}}}},
        lambda i: any("review" in c["body"] for c in i["comments"]["nodes"]),
    ),
    "blocked": (
        {"hasBlockedByRelations": {"eq": True}},
        lambda i: bool(i["inverseRelations"]["nodes"]),
    ),
    "priority": ({"priority": {"gte": 1, "lte": 2}}, lambda i: 1 <= i["priority"] <= 2),
    "estimate": ({"estimate": {"null": True}}, lambda i: i["estimate"] is None),
    "estimate or": (
        {"estimate": {"or": [{"eq": 8}, {"null": True}]}},
        lambda i: i["estimate"] in {8, None},
    ),
    "title": ({"title": {"contains": "billing"}}, lambda i: "billing" in i["title"]),
    "title in any case": (
        {"title": {"containsIgnoreCase": "BILLING"}},
        lambda i: "billing" in i["title"].lower(),
    ),
    "title not": (
        {"title": {"notContainsIgnoreCase": "BILLING", "notStartsWith": "Fix"}},
        lambda i: "billing" not in i["title"].lower() and not i["title"].startswith("Fix"),
    ),
    "content": (
        {"searchableContent": {"contains": "release"}},
        lambda i: "release" in i["title"] + (i["description"] or ""),
    ),
    "number": ({"number": {"in": [1, 2]}}, lambda i: i["number"] in {1, 2}),
    "completed": ({"completedAt": {"null": False}}, lambda i: i["completedAt"] is not None),
    "or": (
        {"or": [{"priority": {"eq": 1}}, {"team": {"key": {"eq": "DES"}}}]},
        lambda i: i["priority"] == 1 or i["team"]["key"] == "DES",
    ),
    "and of both": (
        {"and": [{"priority": {"eq": 3}}, {"assignee": {"null": True}}], "dueDate": {"null": True}},
        lambda i: i["priority"] == 3 and i["assignee"] is None and i["dueDate"] is None,
    ),
    "nothing asked": ({}, lambda _: True),
    "null asks nothing": ({"title": None, "labels": {"some": None}}, lambda _: True),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_filter_keeps_what_it_says(name: str, vendors: Caller) -> None:
    wanted, keeps = CASES[name]
    everything = (await vendors.data(ISSUES))["issues"]["nodes"]
    expected = {issue["identifier"] for issue in everything if keeps(issue)}
    assert expected, "the company has no example of this"
    found = await vendors.data(ISSUES, filter=wanted)
    assert {issue["identifier"] for issue in found["issues"]["nodes"]} == expected


async def test_a_date_may_be_a_duration_from_now(vendors: Caller, clock: FakeClock) -> None:
    everything = (await vendors.data(ISSUES))["issues"]["nodes"]
    month = await vendors.data(ISSUES, filter={"createdAt": {"gt": "-P4W"}})
    found = {issue["identifier"] for issue in month["issues"]["nodes"]}
    assert 0 < len(found) < len(everything)
    clock.advance(28 * 86400)
    later = await vendors.data(ISSUES, filter={"createdAt": {"gt": "-P4W"}})
    assert later["issues"]["nodes"] == []


async def test_what_is_due_is_compared_by_day(vendors: Caller, clock: FakeClock) -> None:
    overdue = await vendors.data(ISSUES, filter={"dueDate": {"lt": day(clock)}})
    assert overdue["issues"]["nodes"]
    assert all(issue["dueDate"] < day(clock) for issue in overdue["issues"]["nodes"])
    coming = await vendors.data(ISSUES, filter={"dueDate": {"gte": "P0D", "lte": "P2W"}})
    assert all(issue["dueDate"] >= day(clock) for issue in coming["issues"]["nodes"])


async def test_a_filter_that_is_not_there_is_refused(vendors: Caller) -> None:
    refused = await vendors.linear(
        "{ issues(filter: {slaStatus: {eq: Breached}}) { nodes { id } } }"
    )
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_other_lists_are_filtered_too(vendors: Caller) -> None:
    found = await vendors.data(
        """{
          users(filter: {email: {startsWith: "avery"}}) { nodes { email } }
          projects(filter: {lead: {email: {contains: "raman"}}, status: {type: {eq: "started"}}}) {
            nodes { name } }
          cycles(filter: {team: {key: {eq: "ENG"}}, isActive: {eq: true}}) { nodes { number } }
          workflowStates(filter: {team: {key: {eq: "ENG"}}, type: {eq: "canceled"}}) {
            nodes { name } }
          issueLabels(filter: {name: {eqIgnoreCase: "bug"}, team: {null: true}}) { nodes { name } }
          teams(filter: {members: {some: {email: {eq: "priya.raman@example.com"}}}}) {
            nodes { key } }
          comments(filter: {issue: {id: {neq: "x"}}, user: {isMe: {eq: true}}}) { nodes { body } }
        }"""
    )
    assert found["users"]["nodes"] == [{"email": "avery.stone@example.com"}]
    assert found["projects"]["nodes"] == [{"name": "Billing 2.0"}]
    assert len(found["cycles"]["nodes"]) == 1
    assert {state["name"] for state in found["workflowStates"]["nodes"]} == {
        "Canceled",
        "Duplicate",
    }
    assert found["issueLabels"]["nodes"] == [{"name": "Bug"}]
    assert found["teams"]["nodes"] == [{"key": "ENG"}]
    assert found["comments"]["nodes"]


async def test_those_who_left_are_listed_only_on_request(vendors: Caller) -> None:
    query = "query($all: Boolean) { users(first: 250, includeDisabled: $all) { nodes { active } } }"
    here = (await vendors.data(query))["users"]["nodes"]
    everybody = (await vendors.data(query, all=True))["users"]["nodes"]
    assert all(user["active"] for user in here)
    assert len(everybody) == len(here) + 1
