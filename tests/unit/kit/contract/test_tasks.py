"""The models of TASKS: what a caller may say, and what is made of it."""

from datetime import date
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from kit.contract import tasks

REF = "task:linear:ENG-12"


def refusal(model: type[BaseModel], arguments: dict[str, Any]) -> str:
    """Return the place of the one mistake in *arguments*."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate(arguments)
    (mistake,) = refused.value.errors()
    return ".".join(str(part) for part in mistake["loc"])


@pytest.mark.parametrize(
    ("model", "arguments", "place"),
    [
        (tasks.Search, {"limit": 0}, "limit"),
        (tasks.Search, {"limit": 51}, "limit"),
        (tasks.Search, {"query": ""}, "query"),
        (tasks.Search, {"status": "closed"}, "status"),
        (tasks.Search, {"updated_after": "2026-01-05T09:00:00"}, "updated_after"),
        (tasks.Search, {"project_ref": "billing"}, "project_ref"),
        (tasks.Search, {"cursor": "x" * 8193}, "cursor"),
        (tasks.Get, {"ref": "ENG-12"}, "ref"),
        (tasks.Get, {"ref": REF, "include": ["everything"]}, "include.0"),
        (tasks.Create, {"title": ""}, "title"),
        (tasks.Create, {"title": "x", "priority": 5}, "priority"),
        (tasks.Create, {"title": "x", "idempotency_key": "a b"}, "idempotency_key"),
        (tasks.Create, {"title": "x", "fallback": ["a"] * 6}, "fallback"),
        (tasks.Update, {"ref": REF, "set": {"labels": ["x"]}}, "set.labels"),
        (tasks.Comment, {"ref": REF, "body_md": ""}, "body_md"),
    ],
)
def test_a_wrong_argument_is_refused_at_its_place(
    model: type[BaseModel], arguments: dict[str, Any], place: str
) -> None:
    assert refusal(model, arguments) == place


def test_a_search_for_anything_is_allowed() -> None:
    search = tasks.Search()
    assert (search.status, search.limit, search.cursor) == ("any", 20, None)


def test_a_write_without_a_key_gets_one_of_its_own() -> None:
    one, other = (tasks.Create.model_validate({"title": "x"}) for _ in range(2))
    assert one.idempotency_key
    assert one.idempotency_key != other.idempotency_key
    assert tasks.Create(title="x", idempotency_key="mine").idempotency_key == "mine"


def test_a_change_to_null_is_told_from_no_change() -> None:
    update = tasks.Update.model_validate({"ref": REF, "set": {"assignee": None, "priority": 2}})
    assert update.set.model_fields_set == {"assignee", "priority"}
    assert update.set.assignee is None


def test_an_answer_keeps_what_kind_of_status_it_is() -> None:
    task = tasks.Task.model_validate(
        {
            "ref": REF,
            "title": "Fix the invoice",
            "provider": "linear",
            "status": {"name": "In Review", "category": "in_progress"},
            "due_on": "2026-02-01",
            "url": "https://linear.app/x",
            "created_at": "2026-01-05T09:00:00Z",
            "updated_at": "2026-01-05T09:00:00+01:00",
        }
    )
    assert task.status.category == "in_progress"
    assert task.due_on == date(2026, 2, 1)
    assert tasks.Task.model_validate_json(task.model_dump_json()) == task
