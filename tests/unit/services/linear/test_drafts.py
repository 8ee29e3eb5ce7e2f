from datetime import date
from typing import Any

import pytest

from kit.contract import tasks
from kit.errors import Invalid
from services.linear.arguments import SaveIssue
from services.linear.drafts import Draft


def test_an_update_sets_what_is_given_and_clears_what_is_null() -> None:
    given = tasks.Update.model_validate(
        {
            "ref": "task:linear:ENG-1",
            "set": {"title": "New", "assignee": None, "due_on": None, "priority": None},
            "add_labels": ["Bug"],
        }
    )

    draft = Draft.updated(given)

    assert (draft.title, draft.priority, draft.add_labels) == ("New", 0, ("Bug",))
    assert draft.clear == ("assignee", "due_date")


@pytest.mark.parametrize("field", ["title", "status"])
def test_what_cannot_be_empty_is_not_cleared(field: str) -> None:
    given = tasks.Update.model_validate({"ref": "task:linear:ENG-1", "set": {field: None}})

    with pytest.raises(Invalid) as caught:
        Draft.updated(given)

    assert caught.value.field == f"set.{field}"


def test_refs_of_an_update_become_ids_and_keep_their_argument_in_messages() -> None:
    given = tasks.Update.model_validate(
        {
            "ref": "task:linear:ENG-1",
            "set": {"project_ref": "project:linear:p1", "parent_ref": "task:linear:ENG-2"},
        }
    )

    draft = Draft.updated(given)

    assert (draft.project, draft.parent) == ("p1", "ENG-2")
    assert draft.field("state") == "set.status"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"project_ref": "project:asana:1"}, "set.project_ref"),
        ({"parent_ref": "project:linear:1"}, "set.parent_ref"),
    ],
)
def test_a_ref_that_does_not_fit_is_named(changes: dict[str, Any], field: str) -> None:
    given = tasks.Update.model_validate({"ref": "task:linear:ENG-1", "set": changes})

    with pytest.raises(Invalid) as caught:
        Draft.updated(given)

    assert caught.value.field == field


def test_a_create_keeps_all_it_was_given() -> None:
    given = tasks.Create(
        title="New",
        description_md="text",
        assignee="me",
        due_on=date(2026, 12, 24),
        priority=1,
        labels=("Bug",),
        parent_ref="task:linear:ENG-2",
        idempotency_key="k",
    )

    draft = Draft.created(given, "p1")

    assert draft == Draft(
        title="New",
        description="text",
        assignee="me",
        due_date=date(2026, 12, 24),
        priority=1,
        add_labels=("Bug",),
        parent="ENG-2",
        project="p1",
        called={"add_labels": "labels"},
    )


def test_a_field_cannot_be_set_and_cleared() -> None:
    with pytest.raises(Invalid, match="assignee is both set and cleared"):
        Draft.saved(SaveIssue(assignee="me", clear=("assignee",), idempotency_key="k"))
