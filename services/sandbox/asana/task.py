"""Tasks and what hangs on them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from services.sandbox.asana.records import (
    SITE,
    CustomField,
    EnumOption,
    Fields,
    Project,
    Record,
    Section,
    Tag,
    User,
    Workspace,
)
from services.sandbox.asana.texts import html_of


@dataclass(kw_only=True, eq=False)
class Membership(Record):
    """That a task is in a section of a project; it has no gid of its own."""

    COMPACT: ClassVar[Fields] = ("project", "section")
    FULL: ClassVar[Fields] = COMPACT

    project: Project
    section: Section


@dataclass(kw_only=True, eq=False)
class FieldValue(Record):
    """What a task has in a custom field; it goes by the field's gid."""

    resource_type: ClassVar[str] = "custom_field"
    COMPACT: ClassVar[Fields] = (*CustomField.COMPACT, "display_value", "enum_value")
    FULL: ClassVar[Fields] = COMPACT

    field: CustomField
    enum_value: EnumOption | None = None

    def __getattr__(self, name: str) -> Any:
        """Return what the field itself says."""
        if name in CustomField.COMPACT:
            return getattr(self.field, name)
        raise AttributeError(name)

    @property
    def display_value(self) -> str | None:
        """Return the value in words."""
        return self.enum_value.name if self.enum_value else None


@dataclass(kw_only=True, eq=False)
class Story(Record):
    """A comment, or a line of what happened to a task."""

    resource_type: ClassVar[str] = "story"
    COMPACT: ClassVar[Fields] = (
        "gid",
        "resource_type",
        "created_at",
        "created_by",
        "resource_subtype",
        "text",
    )
    FULL: ClassVar[Fields] = (
        *COMPACT,
        "hearted",
        "hearts",
        "is_edited",
        "is_pinned",
        "liked",
        "likes",
        "num_hearts",
        "num_likes",
        "previews",
        "source",
        "target",
        "type",
    )
    OPTIONAL: ClassVar[Fields] = ("html_text", "is_editable", "reaction_summary")

    created_at: datetime
    created_by: User
    text: str
    target: "Task"
    html: str | None = None  # what html_text was set to; none: made from the text
    resource_subtype: str = "comment_added"
    type: str = "comment"
    source: str = "web"
    is_edited: bool = False
    is_pinned: bool = False
    hearted: bool = False
    liked: bool = False
    num_hearts: int = 0
    num_likes: int = 0
    hearts: list[Any] = field(default_factory=list)
    likes: list[Any] = field(default_factory=list)
    previews: list[Any] = field(default_factory=list)
    reaction_summary: list[Any] = field(default_factory=list)

    @property
    def is_editable(self) -> bool:
        """Return whether its author may change it."""
        return self.type == "comment"

    @property
    def html_text(self) -> str:
        """Return the text as HTML."""
        return self.html or html_of(self.text)


@dataclass(kw_only=True, eq=False)
class Task(Record):
    """One piece of work."""

    resource_type: ClassVar[str] = "task"
    COMPACT: ClassVar[Fields] = ("gid", "resource_type", "name", "resource_subtype")
    FULL: ClassVar[Fields] = (
        *COMPACT,
        "actual_time_minutes",
        "assignee",
        "assignee_status",
        "completed",
        "completed_at",
        "created_at",
        "custom_fields",
        "due_at",
        "due_on",
        "followers",
        "hearted",
        "hearts",
        "liked",
        "likes",
        "memberships",
        "modified_at",
        "notes",
        "num_hearts",
        "num_likes",
        "parent",
        "permalink_url",
        "projects",
        "start_at",
        "start_on",
        "tags",
        "workspace",
    )
    OPTIONAL: ClassVar[Fields] = (
        "assigned_by",
        "assignee_section",
        "completed_by",
        "created_by",
        "dependencies",
        "dependents",
        "external",
        "html_notes",
        "is_rendered_as_separator",
        "num_subtasks",
    )

    name: str
    workspace: Workspace
    created_at: datetime
    modified_at: datetime
    created_by: User
    resource_subtype: str = "default_task"
    notes: str = ""
    html: str | None = None  # what html_notes was set to; none: made from the notes
    assignee: User | None = None
    assigned_by: User | None = None
    assignee_status: str = "upcoming"
    assignee_section: None = None
    completed: bool = False
    completed_at: datetime | None = None
    completed_by: User | None = None
    due_on: date | None = None
    due_at: datetime | None = None
    start_on: date | None = None
    start_at: datetime | None = None
    external: dict[str, str] | None = None
    liked: bool = False
    parent: "Task | None" = None
    actual_time_minutes: None = None
    is_rendered_as_separator: bool = False
    choices: dict[str, EnumOption] = field(default_factory=dict)  # by custom field's gid
    memberships: list[Membership] = field(default_factory=list)
    followers: list[User] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)
    subtasks: list["Task"] = field(default_factory=list)
    dependencies: list["Task"] = field(default_factory=list)
    dependents: list["Task"] = field(default_factory=list)
    stories: list[Story] = field(default_factory=list)

    @property
    def projects(self) -> list[Project]:
        """Return the projects that it is in."""
        return [membership.project for membership in self.memberships]

    @property
    def custom_fields(self) -> list[FieldValue]:
        """Return its values in its projects' custom fields."""
        fields = {
            setting.custom_field.gid: setting.custom_field
            for project in self.projects
            for setting in project.custom_field_settings
        }
        return [
            FieldValue(gid=gid, field=field, enum_value=self.choices.get(gid))
            for gid, field in fields.items()
        ]

    @property
    def html_notes(self) -> str:
        """Return the notes as HTML."""
        return self.html or html_of(self.notes)

    @property
    def num_subtasks(self) -> int:
        """Return how many tasks are below it."""
        return len(self.subtasks)

    @property
    def hearted(self) -> bool:
        """Return `liked`, by its older name."""
        return self.liked

    @property
    def likes(self) -> list[Any]:
        """Return who likes it; only one's own like is kept here, and not by whom."""
        return []

    @property
    def hearts(self) -> list[Any]:
        """Return `likes`, by their older name."""
        return self.likes

    @property
    def num_likes(self) -> int:
        """Return how many like it."""
        return int(self.liked)

    @property
    def num_hearts(self) -> int:
        """Return `num_likes`, by its older name."""
        return self.num_likes

    @property
    def permalink_url(self) -> str:
        """Return the task's page."""
        place = self.projects[0].gid if self.memberships else "0"
        return f"{SITE}/0/{place}/{self.gid}"
