"""What shall become of a task.

People, projects, tags and tasks are gids by now; sections and custom fields are names, since
they depend on the project that the task is in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from kit.errors import Invalid
from services.asana.errors import PROVIDER

Value = str | float | None


class Keep:
    """The mark of a field that stays as it is, since None clears."""


KEEP: Final = Keep()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A task to create.

    Attributes:
        name: Its title.
        notes: Markdown.
        project: Where it goes; none: only its parent or its assignee knows it.
        section: Of the project.
        assignee: Who does it.
        due_on: By when.
        tags: What it is about.
        followers: Who hears of it.
        parent: The task that it is a part of.
        blocked_by: Tasks that it waits for.
        priority: 0 none, 1 urgent to 4 low; None: not said.
        custom_fields: Values by the field's name.
    """

    name: str
    notes: str = ""
    project: str | None = None
    section: str | None = None
    assignee: str | None = None
    due_on: date | None = None
    tags: tuple[str, ...] = ()
    followers: tuple[str, ...] = ()
    parent: str | None = None
    blocked_by: tuple[str, ...] = ()
    priority: int | None = None
    custom_fields: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What shall be true of a task afterwards; ``KEEP`` leaves a field as it is.

    Attributes:
        values: Asana's plain fields: name, assignee, due_on.
        notes: Markdown.
        status: A section's name or a family (``status.move``).
        within: What stands before an argument's name in errors, ``set.``.
        into: A project to be in.
        out_of: A project to be in no more.
        leave: To be no more in the project that it is shown in, unless that is *into*.
        section: Of *into*, or of the project that it is in.
        parent: The task that it is a part of; None: of none.
        add_tags: Tags to have.
        remove_tags: Tags to have no more.
        followers: People to be told of changes.
        blocked_by: Tasks that it waits for.
        priority: 0 none, 1 urgent to 4 low; None: not said.
        custom_fields: Values by the field's name.
        unchanged_since: Refuse when it changed later than that.
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    notes: str | Keep = KEEP
    status: str | None = None
    within: str = ""
    into: str | None = None
    out_of: str | None = None
    leave: bool = False
    section: str | None = None
    parent: str | Keep | None = KEEP
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    followers: tuple[str, ...] = ()
    blocked_by: tuple[str, ...] = ()
    priority: int | None = None
    custom_fields: Mapping[str, Value] = field(default_factory=dict)
    unchanged_since: datetime | None = None


def need_place(draft: Draft, field: str) -> None:
    """Refuse a task that nobody would find.

    Raises:
        Invalid: no project, parent or assignee.
    """
    if not (draft.project or draft.parent or draft.assignee):
        raise Invalid(
            f"{field}: say which project (or set ASANA_DEFAULT_PROJECT), parent or assignee; "
            "a task with none of them is in no list",
            provider=PROVIDER,
            field=field,
        )
