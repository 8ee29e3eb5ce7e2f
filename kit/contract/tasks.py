"""TASKS: work items of Linear, Asana and their kin, as one family.

Linear and Asana do not hold the same tasks, so a search asks both (``merge``), a ref
names its provider (``route``), and a create goes where it was placed (``place``).
"""

from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AwareDatetime, Field, JsonValue

from kit.contract.envelope import (
    Arguments,
    Cursor,
    Entity,
    IdempotencyKey,
    Limit,
    Page,
    Person,
    WriteResult,
)
from kit.contract.operation import Capability, Merge, Operation, Route, Safety
from kit.contract.refs import RefText
from kit.schema import NULL_CLEARS

Category = Literal["backlog", "todo", "in_progress", "done", "canceled"]
Priority = Annotated[
    int, Field(ge=0, le=4, description="0 none, 1 urgent, 2 high, 3 medium, 4 low")
]
Labels = Annotated[tuple[str, ...], Field(max_length=50, description="label names")]
Markdown = Annotated[str, Field(max_length=100_000)]
Title = Annotated[str, Field(min_length=1, max_length=500)]
Assignee = Annotated[str, Field(min_length=1, max_length=320, description='e-mail, or "me"')]


class Status(Entity):
    """The vendor's status and the family it belongs to."""

    name: str
    category: Category


class ProjectLink(Entity):
    """The project that a task belongs to."""

    ref: str
    name: str


class Task(Entity):
    """One work item."""

    ref: str
    key: str | None = Field(default=None, description="the short name people say, ENG-12")
    title: str
    provider: str
    status: Status
    assignee: Person | None = None
    priority: Priority = 0
    due_on: date | None = None
    project: ProjectLink | None = None
    labels: tuple[str, ...] = ()
    url: str
    created_at: AwareDatetime
    updated_at: AwareDatetime


class TaskComment(Entity):
    """A comment on a task."""

    ref: str
    author: Person | None = None
    body_md: str
    created_at: AwareDatetime


class TaskLink(Entity):
    """Another task, seen from this one."""

    ref: str
    key: str | None = None
    title: str
    relation: Literal["subtask", "parent", "blocks", "blocked_by", "related", "duplicate"]


class TaskDetail(Task):
    """One task with its text and what was asked to be included."""

    description_md: str = ""
    comments: tuple[TaskComment, ...] | None = None
    subtasks: tuple[TaskLink, ...] | None = None
    relations: tuple[TaskLink, ...] | None = None
    truncated: tuple[str, ...] = Field(
        default=(), description="names of included lists that have more than is shown"
    )


class TaskPage(Page):
    """Tasks found."""

    items: tuple[Task, ...] = ()


class TaskWritten(WriteResult):
    """What became of a task."""

    task: Task | None = None


class Search(Arguments):
    """What to search for; all conditions hold together."""

    query: str | None = Field(
        default=None, min_length=1, max_length=500, description="words in title or text"
    )
    assignee: Assignee | None = None
    status: Literal["open", "done", "any"] = Field(
        default="any", description="open: neither done nor canceled"
    )
    project_ref: RefText | None = None
    updated_after: AwareDatetime | None = Field(default=None, description="with a zone")
    due_before: date | None = Field(default=None, description="not on that day")
    labels: Labels = ()
    limit: Limit = 20
    cursor: Cursor = None


class Get(Arguments):
    """Which task, and what to include."""

    ref: RefText
    include: tuple[Literal["comments", "subtasks", "relations"], ...] = Field(
        default=(), description="lists to add"
    )


class Create(Arguments):
    """A new task and where it goes."""

    title: Annotated[Title, Field(description="one line")]
    description_md: Markdown | None = Field(default=None, description="Markdown")
    container_ref: RefText | None = Field(
        default=None,
        description="team:linear:<key> or project:<provider>:<id>; absent: the preferred "
        "provider's default",
    )
    assignee: Assignee | None = None
    due_on: date | None = Field(default=None, description="YYYY-MM-DD")
    priority: Priority | None = None
    labels: Labels = ()
    parent_ref: RefText | None = None
    fallback: tuple[str, ...] = Field(
        default=(),
        max_length=5,
        description="providers or container refs to use, in order, if the first cannot take it",
    )
    idempotency_key: IdempotencyKey


_CLEARED: Final[dict[str, JsonValue]] = {NULL_CLEARS: True}


class Changes(Arguments):
    """The fields to set; those left out stay, null clears."""

    title: Title | None = None
    description_md: Markdown | None = Field(default=None, json_schema_extra=_CLEARED)
    status: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="a status name of the provider, or backlog, todo, in_progress, done, canceled",
    )
    assignee: Assignee | None = Field(default=None, json_schema_extra=_CLEARED)
    due_on: date | None = Field(default=None, json_schema_extra=_CLEARED)
    priority: Priority | None = Field(default=None, json_schema_extra=_CLEARED)
    project_ref: RefText | None = Field(default=None, json_schema_extra=_CLEARED)
    parent_ref: RefText | None = Field(default=None, json_schema_extra=_CLEARED)


class Update(Arguments):
    """Changes to one task; labels are patched, never replaced."""

    ref: RefText
    set: Changes = Changes()
    add_labels: Labels = ()
    remove_labels: Labels = ()
    if_updated_at: AwareDatetime | None = Field(
        default=None,
        description="refuse if it changed since; checked just before the write, best effort",
    )
    idempotency_key: IdempotencyKey


class Comment(Arguments):
    """A comment to add."""

    ref: RefText
    body_md: Annotated[str, Field(min_length=1, max_length=100_000, description="Markdown")]
    idempotency_key: IdempotencyKey


SEARCH = Operation(
    name="tasks.search",
    title="Search tasks",
    description=(
        "Find work items over all task systems at once by words, assignee, status, project, "
        "labels or dates. Says which systems answered; complete=false means one did not."
    ),
    capability=Capability.TASKS,
    route=Route.MERGE,
    safety=Safety.READ,
    arguments=Search,
    result=TaskPage,
    merge=Merge(key="ref"),
)
GET = Operation(
    name="tasks.get",
    title="Get a task",
    description="Read one work item by ref: text, and on request comments, subtasks, relations.",
    capability=Capability.TASKS,
    route=Route.ROUTE,
    safety=Safety.READ,
    arguments=Get,
    result=TaskDetail,
    ref_argument="ref",
)
CREATE = Operation(
    name="tasks.create",
    title="Create a task",
    description=(
        "Create a work item in a team or project. Goes elsewhere only if you list a fallback. "
        "Repeat with the same idempotency_key and it is not created twice."
    ),
    capability=Capability.TASKS,
    route=Route.PLACE,
    safety=Safety.WRITE,
    arguments=Create,
    result=TaskWritten,
    ref_argument="container_ref",
)
UPDATE = Operation(
    name="tasks.update",
    title="Update a task",
    description="Change fields of one work item; add or remove labels without replacing others.",
    capability=Capability.TASKS,
    route=Route.ROUTE,
    safety=Safety.IDEMPOTENT,
    arguments=Update,
    result=TaskWritten,
    ref_argument="ref",
    destructive=True,
)
COMMENT = Operation(
    name="tasks.comment",
    title="Comment on a task",
    description="Add a Markdown comment to one work item.",
    capability=Capability.TASKS,
    route=Route.ROUTE,
    safety=Safety.WRITE,
    arguments=Comment,
    result=WriteResult,
    ref_argument="ref",
)
OPERATIONS = (SEARCH, GET, CREATE, UPDATE, COMMENT)
