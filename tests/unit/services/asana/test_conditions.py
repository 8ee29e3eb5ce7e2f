from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.asana.conditions import Conditions, matches, parameters
from services.asana.models import Task

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
TASK = Task.model_validate(
    {
        "gid": "1",
        "name": "Billing retries",
        "notes": "for failed Cards",
        "completed": False,
        "created_at": AT,
        "modified_at": AT,
        "due_on": "2026-02-01",
        "assignee": {"gid": "20", "name": "Ann"},
        "projects": [{"gid": "30"}],
        "memberships": [{"project": {"gid": "30"}, "section": {"gid": "40", "name": "Doing"}}],
        "tags": [{"gid": "50"}, {"gid": "51"}],
    }
)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({}, True),
        ({"text": "cards billing"}, True),
        ({"text": "cards invoices"}, False),
        ({"assignee": "20"}, True),
        ({"assignee": "21"}, False),
        ({"project": "30", "section": "40"}, True),
        ({"project": "31"}, False),
        ({"section": "41"}, False),
        ({"tags": ("50", "51")}, True),
        ({"tags": ("50", "52")}, False),
        ({"state": "open"}, True),
        ({"state": "done"}, False),
        ({"due_before": date(2026, 2, 1)}, False),
        ({"due_before": date(2026, 2, 2)}, True),
        ({"due_after": date(2026, 2, 1)}, False),
        ({"due_after": date(2026, 1, 31)}, True),
        ({"updated_after": AT}, False),
        ({"updated_after": datetime(2026, 1, 5, 8, 59, tzinfo=UTC)}, True),
        ({"assignee": "20", "tags": ("52",)}, False),
    ],
)
def test_every_condition_holds(wanted: dict[str, Any], *, fits: bool) -> None:
    assert matches(Conditions(**wanted), TASK) is fits


def test_a_task_without_a_due_date_is_due_neither_before_nor_after() -> None:
    task = TASK.model_copy(update={"due_on": None})
    assert not matches(Conditions(due_before=date(2099, 1, 1)), task)
    assert not matches(Conditions(due_after=date(1999, 1, 1)), task)


@pytest.mark.parametrize(
    ("section", "completed", "state", "fits"),
    [
        ("Canceled", True, "done", False),
        ("Canceled", False, "open", False),
        ("Canceled", True, "any", True),
        ("Done", True, "done", True),
        ("Done", False, "open", True),
    ],
)
def test_canceled_is_neither_open_nor_done(
    section: str, *, completed: bool, state: Any, fits: bool
) -> None:
    place = {"project": {"gid": "30"}, "section": {"gid": "40", "name": section}}
    raw = {**TASK.model_dump(), "completed": completed, "memberships": [place]}
    assert matches(Conditions(state=state), Task.model_validate(raw)) is fits


def test_the_parameters_ask_for_no_less_than_what_matches() -> None:
    wanted = Conditions(
        text="billing",
        assignee="20",
        project="30",
        tags=("50", "51"),
        state="open",
        due_before=date(2026, 2, 1),
        due_after=date(2026, 1, 1),
        updated_after=AT,
    )
    asked = {name: value for name, value in parameters(wanted).items() if value is not None}
    assert asked == {
        "text": "billing",
        "assignee.any": "20",
        "projects.any": "30",
        "tags.all": "50,51",
        "completed": "false",
        "due_on.before": "2026-02-02",
        "due_on.after": "2025-12-31",
        "modified_at.after": "2026-01-05T09:00:00.000Z",
    }


def test_a_section_is_asked_for_without_its_project_since_asana_would_take_either() -> None:
    asked = parameters(Conditions(project="30", section="40"))
    assert (asked["projects.any"], asked["sections.any"]) == (None, "40")
