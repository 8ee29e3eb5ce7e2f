"""Asana's resources, read from the wire and answered by tools: one frozen model a thing.

Fields that Asana leaves out of a compact record have a default; what was not asked for by
``opt_fields`` is not there.
"""

from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict

RecordT = TypeVar("RecordT", bound="Record")


class Record(BaseModel):
    """Base: frozen, and what Asana adds over time is ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Named(Record):
    """A resource by its gid and name: workspace, project, section, tag, team."""

    gid: str
    name: str = ""


class User(Named):
    """A person."""

    email: str | None = None


class Membership(Record):
    """A task's place: a project and its section."""

    project: Named | None = None
    section: Named | None = None


class CustomField(Named):
    """A custom field as it stands on a task."""

    display_value: str | None = None
    representation_type: str | None = None


class EnumOption(Named):
    """A choice of an enum field."""

    enabled: bool = True


class FieldDefinition(Named):
    """A custom field as a project offers it."""

    resource_subtype: str = "text"
    enum_options: tuple[EnumOption, ...] = ()


class FieldSetting(Record):
    """That a project uses a custom field."""

    custom_field: FieldDefinition


class Task(Named):
    """A task as Asana tells it."""

    completed: bool = False
    created_at: AwareDatetime
    modified_at: AwareDatetime
    due_on: date | None = None
    assignee: User | None = None
    memberships: tuple[Membership, ...] = ()
    projects: tuple[Named, ...] = ()
    tags: tuple[Named, ...] = ()
    followers: tuple[User, ...] = ()
    custom_fields: tuple[CustomField, ...] = ()
    parent: Named | None = None
    permalink_url: str = ""
    html_notes: str | None = None
    notes: str = ""


class Noted(Record):
    """A task or project, to find our marker in."""

    gid: str
    notes: str = ""


class Story(Record):
    """A comment on a task, or a line of its history."""

    gid: str
    type: str = "comment"
    created_at: AwareDatetime
    created_by: User | None = None
    text: str = ""
    html_text: str | None = None


class Project(Named):
    """A project as Asana tells it."""

    archived: bool = False
    owner: User | None = None
    team: Named | None = None
    start_on: date | None = None
    due_on: date | None = None
    permalink_url: str = ""
    created_at: AwareDatetime | None = None
    modified_at: AwareDatetime | None = None
    html_notes: str | None = None
    notes: str = ""


class TaskCounts(Record):
    """How many tasks a project holds."""

    num_incomplete_tasks: int = 0
    num_completed_tasks: int = 0


class TaskList(Record):
    """A person's "My tasks"."""

    gid: str


@dataclass(frozen=True, slots=True)
class Slice(Generic[RecordT]):
    """One page of a list.

    Attributes:
        items: The records.
        offset: Where the next page starts; none: this is the last one.
    """

    items: tuple[RecordT, ...]
    offset: str | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A task; what was not asked for, or cannot be had, is None.

    Attributes:
        task: The task itself.
        comments: Its last comments, oldest first.
        subtasks: Its parts.
        blocked_by: What it waits for.
        blocks: What waits for it.
        truncated: Which of the lists have more than is here.
    """

    task: Task
    comments: tuple[Story, ...] | None = None
    subtasks: tuple[Task, ...] | None = None
    blocked_by: tuple[Named, ...] | None = None
    blocks: tuple[Named, ...] | None = None
    truncated: tuple[str, ...] = ()
