from datetime import UTC, datetime
from typing import Any

import pytest

from kit.contract.envelope import Person
from services.asana import keys, mapping
from services.asana.models import Named, Story, Task, User, Whole

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
RAW: dict[str, Any] = {
    "gid": "1",
    "resource_type": "task",
    "name": "Billing retries",
    "completed": False,
    "created_at": "2026-01-05T09:00:00.000Z",
    "modified_at": "2026-01-06T09:00:00.000Z",
    "due_on": "2026-02-01",
    "assignee": {"gid": "20", "name": "Ann", "email": "ann@example.com"},
    "projects": [{"gid": "30", "name": "Billing"}, {"gid": "31", "name": "Launch"}],
    "memberships": [
        {"project": {"gid": "30", "name": "Billing"}, "section": {"gid": "40", "name": "Doing"}},
        {"project": {"gid": "31", "name": "Launch"}, "section": {"gid": "41", "name": "To do"}},
    ],
    "tags": [{"gid": "50", "name": "Bug"}],
    "permalink_url": "https://app.asana.com/0/30/1",
    "custom_fields": [
        {"gid": "60", "name": "Priority", "display_value": "High"},
        {
            "gid": "61",
            "name": "ID",
            "display_value": "FIN-12",
            "representation_type": "custom_id",
        },
        {"gid": "62", "name": "Points", "display_value": None},
    ],
    "a_field_of_next_year": {"x": 1},
}


def test_a_task_becomes_the_contracts_task() -> None:
    assert mapping.task(Task.model_validate(RAW)).model_dump(mode="json") == {
        "ref": "task:asana:1",
        "key": "FIN-12",
        "title": "Billing retries",
        "provider": "asana",
        "status": {"name": "Doing", "category": "in_progress"},
        "assignee": {"name": "Ann", "email": "ann@example.com"},
        "priority": 2,
        "due_on": "2026-02-01",
        "project": {"ref": "project:asana:30", "name": "Billing"},
        "labels": ["Bug"],
        "url": "https://app.asana.com/0/30/1",
        "created_at": "2026-01-05T09:00:00Z",
        "updated_at": "2026-01-06T09:00:00Z",
    }


def test_a_bare_task_has_no_project_no_key_and_no_priority() -> None:
    bare = {name: RAW[name] for name in ("gid", "name", "created_at", "modified_at")}
    task = mapping.task(Task.model_validate(bare))
    assert (task.project, task.key, task.priority, task.assignee) == (None, None, 0, None)
    assert task.status.name == "Incomplete"


@pytest.mark.parametrize(
    ("name", "level"),
    [("Urgent", 1), ("P1", 2), ("medium ", 3), ("LOW", 4), ("Some day", 0), (None, 0)],
)
def test_a_priority_is_known_by_its_name(name: str | None, level: int) -> None:
    assert mapping.priority_of(name) == level


def test_a_person_whose_address_is_hidden_goes_by_name() -> None:
    guest = User(gid="21", name="Guest")
    assert mapping.called(guest) == "Guest"
    assert mapping.person(guest) == Person(name="Guest", email=None)
    assert mapping.called(None) is None
    (record,) = mapping.persons([User(gid="20", name="Ann", email="Ann@Example.com")])
    assert record.email == "ann@example.com"
    assert record.accounts[0].native_id == "20"


def test_our_marker_is_not_part_of_the_text() -> None:
    mark = keys.marker("task", "k")
    assert mapping.text(None, keys.marked("plain", mark)) == "plain"
    html = f"<body><strong>bold</strong>\n\nsophia-key: {mark}</body>"
    assert mapping.text(html, "bold ...") == "**bold**"


def test_included_lists_that_were_not_asked_for_are_absent_and_not_empty() -> None:
    record = Task.model_validate({**RAW, "html_notes": "<body>N</body>"})
    detail = mapping.detail(Whole(record))
    assert (detail.comments, detail.subtasks, detail.relations) == (None, None, None)
    assert detail.description_md == "N"
    full = mapping.detail(Whole(record, comments=(), subtasks=(), blocked_by=(), blocks=()))
    assert (full.comments, full.subtasks, full.relations) == ((), (), ())


def test_relations_are_named_from_this_end() -> None:
    record = Task.model_validate({**RAW, "parent": {"gid": "2", "name": "Whole"}})
    detail = mapping.detail(
        Whole(
            record,
            blocked_by=(Named(gid="3", name="Before"),),
            blocks=(Named(gid="4", name="After"),),
        )
    )
    assert [(each.relation, each.ref) for each in detail.relations or ()] == [
        ("parent", "task:asana:2"),
        ("blocked_by", "task:asana:3"),
        ("blocks", "task:asana:4"),
    ]


def test_the_native_detail_tells_every_place_and_only_fields_with_a_value() -> None:
    comment = Story(gid="70", created_at=AT, created_by=None, html_text="<body><em>x</em></body>")
    detail = mapping.task_detail(Whole(Task.model_validate(RAW), comments=(comment,)))
    assert [(each.project, each.section) for each in detail.places] == [
        ("Billing", "Doing"),
        ("Launch", "To do"),
    ]
    assert detail.custom_fields == {"Priority": "High", "ID": "FIN-12"}
    assert detail.comments is not None
    assert detail.comments[0].text == "*x*"
