from datetime import UTC, datetime

import pytest

from kit.errors import Invalid
from services.asana import status
from services.asana.models import Membership, Named, Task

SECTIONS = tuple(
    Named(gid=str(number), name=name)
    for number, name in enumerate(["Backlog", "To do", "Doing", "Review", "Done", "Won't do"])
)


def task(section: str | None, *, completed: bool = False) -> Task:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    here = next((each for each in SECTIONS if each.name == section), None)
    place = Membership(
        project=Named(gid="9", name="P"), section=here or Named(gid="8", name=section or "")
    )
    return Task(
        gid="1",
        name="T",
        completed=completed,
        created_at=now,
        modified_at=now,
        memberships=() if section is None else (place,),
    )


@pytest.mark.parametrize(
    ("section", "completed", "category", "name"),
    [
        (None, False, "todo", "Incomplete"),
        (None, True, "done", "Completed"),
        ("Untitled section", False, "todo", "Incomplete"),
        ("To do", False, "todo", "To do"),
        ("To do", True, "done", "Completed"),
        ("Not started", False, "todo", "Not started"),
        ("Sprint 14", False, "todo", "Sprint 14"),
        ("Backlog", False, "backlog", "Backlog"),
        ("New requests", False, "backlog", "New requests"),
        ("In progress", False, "in_progress", "In progress"),
        ("In Review", False, "in_progress", "In Review"),
        ("On hold", False, "in_progress", "On hold"),
        ("Done", True, "done", "Done"),
        ("Done", False, "in_progress", "Done"),
        ("Cancelled", True, "canceled", "Cancelled"),
        ("Won't do", False, "canceled", "Won't do"),
        ("Won\N{RIGHT SINGLE QUOTATION MARK}t fix", False, "canceled", None),
    ],
)
def test_the_tick_and_the_sections_name_tell_the_status(
    section: str | None, *, completed: bool, category: str, name: str | None
) -> None:
    told = status.of(task(section, completed=completed))
    assert told.category == category
    assert told.name == (section if name is None else name)


@pytest.mark.parametrize(
    ("section", "completed", "wanted", "move"),
    [
        ("To do", False, "Doing", ("2", False)),
        ("To do", False, "doing ", ("2", False)),
        ("To do", False, "Done", ("4", True)),
        ("To do", False, "done", ("4", True)),
        ("To do", False, "completed", (None, True)),
        ("To do", False, "in_progress", ("2", False)),
        ("Review", False, "in_progress", (None, False)),
        ("Done", True, "in_progress", ("2", False)),
        ("Done", True, "todo", ("1", False)),
        ("Doing", False, "canceled", ("5", True)),
        ("Won't do", False, "canceled", (None, True)),
        ("Doing", False, "backlog", ("0", False)),
        (None, True, "open", (None, False)),
    ],
)
def test_a_status_is_had_by_section_and_tick(
    section: str | None, *, completed: bool, wanted: str, move: tuple[str | None, bool]
) -> None:
    sections = SECTIONS if section else ()
    made = status.move(wanted, task(section, completed=completed), sections, field="set.status")
    assert tuple(made) == move


def test_after_a_move_the_task_has_the_status_that_was_asked_for() -> None:
    for wanted in ("backlog", "todo", "in_progress", "done", "canceled"):
        move = status.move(wanted, task("Review"), SECTIONS, field="status")
        moved = next((each.name for each in SECTIONS if each.gid == move.section), "Review")
        assert status.category_of(moved, completed=move.completed) == wanted


def test_a_status_that_no_section_means_is_refused_with_the_sections() -> None:
    with pytest.raises(Invalid, match=r"'Shipped' is no status.*'Doing'") as caught:
        status.move("Shipped", task("Doing"), SECTIONS, field="set.status")
    assert caught.value.field == "set.status"
    with pytest.raises(Invalid, match="none: it is in no project"):
        status.move("in_progress", task(None), (), field="status")
