"""The arguments of Asana's own tools that take many; people and things go by name."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, WithJsonSchema

from kit.contract.envelope import Arguments, Cursor, IdempotencyKey, Limit

Name = Annotated[str, Field(min_length=1, max_length=300)]
Names = Annotated[tuple[Name, ...], Field(max_length=20)]
Title = Annotated[str, Field(min_length=1, max_length=500)]
Text = Annotated[str, Field(max_length=100_000)]
Key = Annotated[
    IdempotencyKey, WithJsonSchema({"type": "string", "description": "the same when you repeat it"})
]
Query = Annotated[Title | None, Field(description="part of a name")]
Status = Literal["open", "done", "any"]
Fields = Annotated[
    dict[str, str | float | None],
    Field(max_length=20),
    WithJsonSchema({"type": "object", "description": "values by field name; null clears"}),
]


class SearchTasks(Arguments):
    """All conditions hold together."""

    query: Title | None = Field(default=None, description="words in name or notes")
    assignee: Name | None = Field(default=None, description='e-mail, name or "me"')
    project: Name | None = Field(default=None, description="name, gid or URL")
    section: Name | None = Field(default=None, description="of the project")
    tags: Names = Field(default=(), description="all of them")
    status: Status = Field(default="open", description="done or not")
    due_before: date | None = Field(default=None, description="that day not included")
    due_after: date | None = Field(default=None, description="that day not included")
    updated_after: AwareDatetime | None = Field(default=None, description="with a zone")
    limit: Limit = 20
    cursor: Cursor = None


class SaveTask(Arguments):
    """Without *task*, name is needed and a new task is made."""

    task: Name | None = Field(
        default=None, description="gid or URL changes it; absent makes a new one"
    )
    name: Title | None = Field(default=None, description="title")
    notes: Text | None = Field(default=None, description="Markdown; replaces")
    assignee: Name | None = Field(default=None, description='e-mail, name or "me"')
    due_on: date | None = Field(default=None, description="day")
    completed: bool | None = Field(default=None, description="tick or untick")
    project: Name | None = Field(default=None, description="to be in")
    section: Name | None = Field(default=None, description="to be in, of the project")
    remove_project: Name | None = Field(default=None, description="to leave")
    parent: Name | None = Field(default=None, description="task that it is a subtask of")
    add_tags: Names = Field(default=(), description="names")
    remove_tags: Names = Field(default=(), description="names")
    followers: Names = Field(default=(), description="to add")
    blocked_by: Names = Field(default=(), description="tasks to wait for")
    custom_fields: Fields = Field(default_factory=dict)
    clear: tuple[Literal["notes", "assignee", "due_on", "parent"], ...] = Field(
        default=(), description="to empty"
    )
    idempotency_key: Key


class CommentOn(Arguments):
    """A comment to add."""

    task: Name = Field(description="gid or URL")
    text: Annotated[Text, Field(min_length=1)] = Field(description="Markdown")
    idempotency_key: Key


class SaveProject(Arguments):
    """Without *project*, name is needed and a new project is made."""

    project: Name | None = Field(
        default=None, description="name or gid changes it; absent makes a new one"
    )
    name: Name | None = Field(default=None, description="new name")
    notes: Text | None = Field(default=None, description="Markdown; replaces")
    team: Name | None = Field(default=None, description="for a new one")
    owner: Name | None = Field(default=None, description='e-mail, name or "me"')
    start_on: date | None = Field(default=None, description="day")
    due_on: date | None = Field(default=None, description="day")
    archived: bool | None = Field(default=None, description="put away or back")
    clear: tuple[Literal["notes", "owner", "start_on", "due_on"], ...] = Field(
        default=(), description="to empty"
    )
    idempotency_key: Key
