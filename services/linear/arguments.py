"""The arguments of Linear's own tools that take many; people and things go by name."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal
from uuid import uuid4

from pydantic import AwareDatetime, Field, WithJsonSchema

from kit.contract.envelope import Arguments, Cursor, Limit

_STRING = WithJsonSchema({"type": "string"})  # bounds are checked, and not worth a model's tokens
_SEVERAL = WithJsonSchema({"type": "array", "items": {"type": "string"}})
Name = Annotated[str, Field(min_length=1, max_length=200), _STRING]
Names = Annotated[tuple[Name, ...], Field(max_length=20), _SEVERAL]
Title = Annotated[str, Field(min_length=1, max_length=500), _STRING]
Text = Annotated[str, Field(max_length=100_000), _STRING]
Key = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        default_factory=lambda: uuid4().hex,
        description="the same one when you repeat the call",
    ),
]
Query = Annotated[Title | None, Field(description="words")]
Relations = Sequence[tuple[Literal["blocks", "blocked_by", "related_to"], str]]
Priority = Annotated[
    int, Field(ge=0, le=4, description="0 none, 1 urgent, 2 high, 3 medium, 4 low")
]


class SearchIssues(Arguments):
    """All conditions hold together."""

    query: Query = None
    team: Name | None = Field(default=None, description="key or name")
    state: Name | None = Field(
        default=None, description="name, or backlog, todo, in_progress, done, canceled, open"
    )
    assignee: Name | None = Field(default=None, description='e-mail, name, "me" or "none"')
    labels: Names = Field(default=(), description="all of them")
    project: Name | None = Field(default=None, description="name or id")
    cycle: Name | None = Field(default=None, description="number, name, current, next, previous")
    parent: Name | None = Field(default=None, description="ENG-12")
    priority: Priority | None = None
    created_after: AwareDatetime | None = Field(default=None, description="with zone")
    updated_after: AwareDatetime | None = Field(default=None, description="with zone")
    due_before: date | None = Field(default=None, description="not on it")
    order_by: Literal["updatedAt", "createdAt"] | None = Field(
        default=None, description="default: relevance with query, else updatedAt"
    )
    include_archived: bool = Field(default=False, description="too")
    limit: Limit = 20
    cursor: Cursor = None


class SaveIssue(Arguments):
    """Without *issue*, title is needed and a new issue is made."""

    issue: Name | None = Field(
        default=None, description="ENG-12 changes it; absent makes a new one"
    )
    title: Title | None = Field(default=None, description="needed for a new one")
    description: Text | None = Field(default=None, description="Markdown")
    team: Name | None = Field(default=None, description="key or name")
    state: Name | None = Field(default=None, description="name or category")
    assignee: Name | None = Field(default=None, description='e-mail, name or "me"')
    priority: Priority | None = None
    estimate: Annotated[int, Field(ge=0, le=100, description="points")] | None = None
    due_date: date | None = Field(default=None, description="YYYY-MM-DD")
    project: Name | None = Field(default=None, description="name or id")
    milestone: Name | None = Field(default=None, description="of the project")
    cycle: Name | None = Field(default=None, description="number, name, current, next")
    parent: Name | None = Field(default=None, description="ENG-12")
    add_labels: Names = Field(default=(), description="names")
    remove_labels: Names = Field(default=(), description="names")
    blocks: Names = Field(default=(), description="ENG-12")
    blocked_by: Names = Field(default=(), description="ENG-12")
    related_to: Names = Field(default=(), description="ENG-12")
    clear: tuple[
        Literal[
            "description",
            "assignee",
            "estimate",
            "due_date",
            "project",
            "milestone",
            "cycle",
            "parent",
        ],
        ...,
    ] = Field(default=(), description="fields to empty")
    if_updated_at: AwareDatetime | None = Field(
        default=None, description="refuse if it changed since"
    )
    idempotency_key: Key

    @property
    def relations(self) -> Relations:
        """Return the other issues, and what they are to this one."""
        return (
            *(("blocks", each) for each in self.blocks),
            *(("blocked_by", each) for each in self.blocked_by),
            *(("related_to", each) for each in self.related_to),
        )


class CommentOn(Arguments):
    """Which of the three is done follows from what is given."""

    issue: Name | None = Field(default=None, description="ENG-12 to add a comment to")
    comment: Name | None = Field(default=None, description="id of a comment to change or delete")
    body: Text | None = Field(default=None, description="Markdown")
    reply_to: Name | None = Field(default=None, description="id of the comment that is answered")
    delete: bool = Field(default=False, description="the comment")
    idempotency_key: Key


class SaveProject(Arguments):
    """Without *project*, name and teams are needed and a new project is made."""

    project: Name | None = Field(default=None, description="id or name; absent makes a new one")
    name: Name | None = Field(default=None, description="needed for a new one")
    teams: Names = Field(default=(), description="keys; needed for a new one")
    description: Text | None = Field(default=None, description="one line")
    content: Text | None = Field(default=None, description="Markdown")
    lead: Name | None = Field(default=None, description='e-mail, name or "me"')
    status: Name | None = Field(default=None, description="name or type")
    priority: Priority | None = None
    start_date: date | None = Field(default=None, description="YYYY-MM-DD")
    target_date: date | None = Field(default=None, description="YYYY-MM-DD")
    clear: tuple[Literal["content", "lead", "start_date", "target_date"], ...] = Field(
        default=(), description="fields to empty"
    )
    idempotency_key: Key
