"""What the native tools answer: small, people by e-mail, all else by name, ids where needed."""

from datetime import date, datetime
from typing import Literal

from services.asana.models import Named, Record, User

Outcome = Literal["created", "existing", "updated"]


class TaskLine(Record):
    """A task in a list."""

    gid: str
    name: str
    status: str
    assignee: str | None = None
    due_on: date | None = None
    project: str | None = None
    tags: tuple[str, ...] = ()
    url: str


class TaskPage(Record):
    """Tasks found; ``note`` says what limits the answer."""

    items: tuple[TaskLine, ...]
    next_cursor: str | None = None
    note: str | None = None


class Place(Record):
    """A project that a task is in, and its section there."""

    gid: str
    project: str
    section: str | None = None


class Remark(Record):
    """A comment."""

    author: str | None = None
    text: str
    at: datetime


class Part(Named):
    """A subtask."""

    status: str


class TaskDetail(TaskLine):
    """A task whole; ``truncated`` names included lists that go on."""

    notes: str
    places: tuple[Place, ...] = ()
    parent: Named | None = None
    followers: tuple[str, ...] = ()
    custom_fields: dict[str, str] | None = None
    created_at: datetime
    modified_at: datetime
    comments: tuple[Remark, ...] | None = None
    subtasks: tuple[Part, ...] | None = None
    blocked_by: tuple[Named, ...] | None = None
    blocks: tuple[Named, ...] | None = None
    truncated: tuple[str, ...] = ()


class Saved(Record):
    """What became of a write."""

    outcome: Outcome
    gid: str
    name: str | None = None
    status: str | None = None
    url: str | None = None
    idempotency_key: str | None = None


class ProjectLine(Record):
    """A project in a list."""

    gid: str
    name: str
    team: str | None = None
    owner: str | None = None
    due_on: date | None = None
    archived: bool = False


class ProjectPage(Record):
    """Projects found."""

    items: tuple[ProjectLine, ...]
    next_cursor: str | None = None


class ProjectDetail(ProjectLine):
    """A project whole."""

    notes: str
    start_on: date | None = None
    url: str
    sections: tuple[Named, ...]
    tasks_open: int
    tasks_done: int


class NamedPage(Record):
    """Sections, tags or teams."""

    items: tuple[Named, ...]
    next_cursor: str | None = None


class UserPage(Record):
    """People found."""

    items: tuple[User, ...]
    next_cursor: str | None = None
