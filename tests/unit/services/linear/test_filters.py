from datetime import UTC, date, datetime

import pytest

from kit.contract import tasks
from kit.errors import Invalid
from services.linear.filters import task_filter, with_words


def test_a_search_for_nothing_in_particular_has_no_condition() -> None:
    assert task_filter(tasks.Search()) == {}


def test_every_condition_of_the_contract_is_told_to_linear() -> None:
    given = tasks.Search(
        query="lamp",
        assignee="ada@example.com",
        status="open",
        project_ref="project:linear:p1",
        updated_after=datetime(2026, 11, 1, tzinfo=UTC),
        due_before=date(2026, 12, 24),
        labels=("Bug", "Light"),
    )

    assert task_filter(given) == {
        "and": [
            {"labels": {"some": {"name": {"eqIgnoreCase": "Bug"}}}},
            {"labels": {"some": {"name": {"eqIgnoreCase": "Light"}}}},
            {"assignee": {"email": {"eqIgnoreCase": "ada@example.com"}}},
            {"state": {"type": {"in": ["triage", "backlog", "unstarted", "started"]}}},
            {"project": {"id": {"eq": "p1"}}},
            {"dueDate": {"lt": "2026-12-24"}},
            {"updatedAt": {"gt": "2026-11-01T00:00:00+00:00"}},
        ]
    }


def test_me_is_left_to_linear_to_know() -> None:
    found = task_filter(tasks.Search(assignee="me", status="done"))

    assert found == {
        "and": [{"assignee": {"isMe": {"eq": True}}}, {"state": {"type": {"in": ["completed"]}}}]
    }


def test_a_project_of_another_vendor_is_refused() -> None:
    with pytest.raises(Invalid, match="is not at Linear") as caught:
        task_filter(tasks.Search(project_ref="project:asana:1"))

    assert caught.value.field == "project_ref"


def test_words_must_each_be_in_title_or_text() -> None:
    def has(word: str) -> dict[str, object]:
        fields = ("title", "description")
        return {"or": [{name: {"containsIgnoreCase": word}} for name in fields]}

    assert with_words({}, "old lamp") == {"and": [has("old"), has("lamp")]}
    assert with_words({"priority": {"eq": 1}}, "lamp") == {
        "and": [{"priority": {"eq": 1}}, has("lamp")]
    }
