from typing import Any

import pytest

from kit.errors import Invalid
from services.linear.mapping import category, native_id, record, task, task_detail
from services.linear.models.issues import Issue, IssueDetail
from services.linear.models.wire import User

PERSON = {"name": "Ada Byron", "email": "ada@example.com"}


def wire(**fields: Any) -> dict[str, Any]:
    """Return an issue as Linear's GraphQL answers it."""
    return {
        "id": "0a9c3d8e-0000-4000-8000-000000000001",
        "identifier": "ENG-12",
        "title": "Mend the lamp",
        "priority": 2,
        "estimate": None,
        "dueDate": "2026-12-24",
        "url": "https://linear.app/x/issue/ENG-12",
        "createdAt": "2026-11-01T08:00:00.000Z",
        "updatedAt": "2026-11-02T08:00:00.123Z",
        "state": {"name": "In Review", "type": "started"},
        "team": {"id": "t1", "key": "ENG"},
        "assignee": PERSON,
        "project": {"id": "p1", "name": "Lamps"},
        "projectMilestone": None,
        "cycle": {"number": 40, "name": None},
        "parent": {"identifier": "ENG-3", "title": "All lamps"},
        "labels": {"nodes": [{"name": "Bug"}, {"name": "Light"}]},
        **fields,
    }


def test_an_issue_becomes_a_task() -> None:
    found = task(Issue.model_validate(wire())).model_dump(mode="json")

    assert found == {
        "ref": "task:linear:ENG-12",
        "key": "ENG-12",
        "title": "Mend the lamp",
        "provider": "linear",
        "status": {"name": "In Review", "category": "in_progress"},
        "assignee": PERSON,
        "priority": 2,
        "due_on": "2026-12-24",
        "project": {"ref": "project:linear:p1", "name": "Lamps"},
        "labels": ["Bug", "Light"],
        "url": "https://linear.app/x/issue/ENG-12",
        "created_at": "2026-11-01T08:00:00Z",
        "updated_at": "2026-11-02T08:00:00.123000Z",
    }


def test_an_issue_with_nothing_optional_becomes_a_task() -> None:
    bare = dict.fromkeys(("assignee", "project", "cycle", "parent", "dueDate"))

    found = task(Issue.model_validate(wire(**bare, labels={"nodes": []})))

    assert (found.assignee, found.project, found.due_on, found.labels) == (None, None, None, ())


@pytest.mark.parametrize(
    ("state_type", "expected"),
    [
        ("triage", "backlog"),
        ("backlog", "backlog"),
        ("unstarted", "todo"),
        ("started", "in_progress"),
        ("completed", "done"),
        ("canceled", "canceled"),
        ("duplicate", "canceled"),
        ("not yet known", "todo"),
    ],
)
def test_a_state_type_has_one_category(state_type: str, expected: str) -> None:
    assert category(state_type) == expected


def page(*nodes: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": more, "endCursor": "c"}}


def detail() -> IssueDetail:
    comment = {"body": "b", "url": "u", "updatedAt": "2026-11-01T08:00:00Z", "parent": None}
    other = {"identifier": "ENG-9", "title": "Other"}
    return IssueDetail.model_validate(
        wire(
            description="Long **text**",
            branchName="x",
            creator=None,
            comments=page(
                {"id": "c2", "createdAt": "2026-11-03T08:00:00Z", "user": None, **comment},
                {"id": "c1", "createdAt": "2026-11-02T08:00:00Z", "user": PERSON, **comment},
                more=True,
            ),
            children=page(
                {"identifier": "ENG-13", "title": "Bulb", "state": {"name": "Done", "type": "x"}}
            ),
            relations=page({"type": "blocks", "relatedIssue": other}),
            inverseRelations=page(
                {"type": "blocks", "issue": other}, {"type": "similar", "issue": other}
            ),
        )
    )


def test_a_task_comes_with_what_was_asked_for() -> None:
    found = task_detail(detail(), ("comments", "subtasks", "relations"))

    assert found.description_md == "Long **text**"
    assert [each.ref for each in found.comments or ()] == ["comment:linear:c1", "comment:linear:c2"]
    assert [(each.key, each.relation) for each in found.subtasks or ()] == [("ENG-13", "subtask")]
    assert [(each.key, each.relation) for each in found.relations or ()] == [
        ("ENG-3", "parent"),
        ("ENG-9", "blocks"),
        ("ENG-9", "blocked_by"),
        ("ENG-9", "related"),
    ]
    assert found.truncated == ("comments",)


def test_what_was_not_asked_for_is_absent_and_not_empty() -> None:
    found = task_detail(detail(), ())

    assert (found.comments, found.subtasks, found.relations) == (None, None, None)


def test_an_issue_is_read_flat_and_keeps_our_ids_to_itself() -> None:
    told = detail().model_dump(mode="json", exclude_none=True)

    assert told["assignee"] == "ada@example.com"
    assert (told["state"], told["team"], told["project"]) == ("In Review", "ENG", "Lamps")
    assert told["comments_cursor"] == "c"
    assert not {"uuid", "team_id", "project_link", "assigned", "state_type"} & set(told)


def test_a_member_is_one_account_under_a_lower_case_address() -> None:
    user = User(
        id="u1", name="Ada Byron", display_name="ada", email="Ada@Example.com", active=False
    )

    found = record(user)

    assert found.email == "ada@example.com"
    assert [(each.native_id, each.active) for each in found.accounts] == [("u1", False)]


@pytest.mark.parametrize(
    "text", ["task:asana:12", "comment:linear:12", "ENG-12", "task:linear:"], ids=str
)
def test_a_ref_that_is_not_ours_is_refused_by_its_argument(text: str) -> None:
    with pytest.raises(Invalid) as caught:
        native_id(text, "task", field="parent_ref")

    assert caught.value.field == "parent_ref"
