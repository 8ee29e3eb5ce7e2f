"""What an Asana workspace is made of. Attributes are the API's fields.

A record says which fields it shows: `COMPACT` where another record names it or a list holds
it, `FULL` where it was asked for by itself, and `OPTIONAL` only by ``opt_fields``.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from services.sandbox.asana.task import Task

SITE = "https://app.asana.com"
_NAMED = ("gid", "resource_type", "name")
_ALL_MEMBERS, _ADMINS = "all_team_members", "only_team_admins"

Fields = tuple[str, ...]


@dataclass(kw_only=True, eq=False)
class Record:
    """What every object has; two are the same only if they are one object."""

    resource_type: ClassVar[str] = ""
    COMPACT: ClassVar[Fields] = _NAMED
    FULL: ClassVar[Fields] = _NAMED
    OPTIONAL: ClassVar[Fields] = ()

    gid: str


@dataclass(kw_only=True, eq=False)
class Workspace(Record):
    """The organisation."""

    resource_type: ClassVar[str] = "workspace"
    FULL: ClassVar[Fields] = (*_NAMED, "email_domains", "is_organization")

    name: str
    email_domains: list[str]
    is_organization: bool = True


@dataclass(kw_only=True, eq=False)
class User(Record):
    """A person."""

    resource_type: ClassVar[str] = "user"
    FULL: ClassVar[Fields] = (*_NAMED, "email", "photo", "workspaces")
    OPTIONAL: ClassVar[Fields] = ("custom_fields",)

    name: str
    email: str
    workspaces: list[Workspace]
    task_list_gid: str
    photo: None = None
    custom_fields: list[Any] = field(default_factory=list)


@dataclass(kw_only=True, eq=False)
class UserTaskList(Record):
    """Everything that is assigned to one person: "My tasks"."""

    resource_type: ClassVar[str] = "user_task_list"
    COMPACT: ClassVar[Fields] = (*_NAMED, "owner", "workspace")
    FULL: ClassVar[Fields] = COMPACT

    name: str
    owner: User
    workspace: Workspace


@dataclass(kw_only=True, eq=False)
class Team(Record):
    """A group of people."""

    resource_type: ClassVar[str] = "team"
    FULL: ClassVar[Fields] = (*_NAMED, "description", "organization", "permalink_url", "visibility")
    OPTIONAL: ClassVar[Fields] = (
        "html_description",
        "edit_team_name_or_description_access_level",
        "edit_team_visibility_or_trash_team_access_level",
        "member_invite_management_access_level",
        "guest_invite_management_access_level",
        "join_request_management_access_level",
        "team_member_removal_access_level",
    )

    name: str
    description: str
    organization: Workspace
    members: list[User] = field(default_factory=list)
    visibility: str = "public"
    edit_team_name_or_description_access_level: str = _ALL_MEMBERS
    edit_team_visibility_or_trash_team_access_level: str = _ADMINS
    member_invite_management_access_level: str = _ALL_MEMBERS
    guest_invite_management_access_level: str = _ALL_MEMBERS
    join_request_management_access_level: str = _ALL_MEMBERS
    team_member_removal_access_level: str = _ADMINS

    @property
    def html_description(self) -> str:
        """Return the description as HTML."""
        return f"<body>{self.description}</body>"

    @property
    def permalink_url(self) -> str:
        """Return the team's page."""
        return f"{SITE}/0/{self.gid}"


@dataclass(kw_only=True, eq=False)
class EnumOption(Record):
    """One choice of a custom field."""

    resource_type: ClassVar[str] = "enum_option"
    COMPACT: ClassVar[Fields] = (*_NAMED, "color", "enabled")
    FULL: ClassVar[Fields] = COMPACT

    name: str
    color: str
    enabled: bool = True


@dataclass(kw_only=True, eq=False)
class CustomField(Record):
    """A field that the organisation added to tasks; here always a choice of one."""

    resource_type: ClassVar[str] = "custom_field"
    resource_subtype: ClassVar[str] = "enum"
    COMPACT: ClassVar[Fields] = (
        *_NAMED,
        "enabled",
        "enum_options",
        "is_formula_field",
        "representation_type",
        "resource_subtype",
        "type",
    )
    FULL: ClassVar[Fields] = (*COMPACT, "description", "is_global_to_workspace")

    name: str
    enum_options: list[EnumOption]
    description: str = ""
    type: str = "enum"
    representation_type: str = "enum"
    enabled: bool = True
    is_formula_field: bool = False
    is_global_to_workspace: bool = True


@dataclass(kw_only=True, eq=False)
class FieldSetting(Record):
    """That a project's tasks have a custom field."""

    resource_type: ClassVar[str] = "custom_field_setting"
    COMPACT: ClassVar[Fields] = (
        "gid",
        "resource_type",
        "custom_field",
        "is_important",
        "parent",
        "project",
    )
    FULL: ClassVar[Fields] = COMPACT

    project: "Project"
    custom_field: CustomField
    is_important: bool = True

    @property
    def parent(self) -> "Project":
        """Return the project, by the field's newer name."""
        return self.project


@dataclass(kw_only=True, eq=False)
class Section(Record):
    """A column of a project's board."""

    resource_type: ClassVar[str] = "section"
    FULL: ClassVar[Fields] = (*_NAMED, "created_at", "project")
    OPTIONAL: ClassVar[Fields] = ("projects",)

    name: str
    created_at: datetime
    project: "Project"
    tasks: list["Task"] = field(default_factory=list)

    @property
    def projects(self) -> list["Project"]:
        """Return the project, by the field's older name."""
        return [self.project]


@dataclass(kw_only=True, eq=False)
class Project(Record):
    """Work with a goal and an end."""

    resource_type: ClassVar[str] = "project"
    FULL: ClassVar[Fields] = (
        *_NAMED,
        "archived",
        "color",
        "completed",
        "completed_at",
        "created_at",
        "current_status",
        "custom_fields",
        "default_access_level",
        "default_view",
        "due_date",
        "due_on",
        "followers",
        "members",
        "minimum_access_level_for_customization",
        "minimum_access_level_for_sharing",
        "modified_at",
        "notes",
        "owner",
        "permalink_url",
        "privacy_setting",
        "public",
        "start_on",
        "team",
        "workspace",
    )
    OPTIONAL: ClassVar[Fields] = (
        "completed_by",
        "created_from_template",
        "current_status_update",
        "custom_field_settings",
        "html_notes",
        "icon",
        "project_brief",
    )

    name: str
    workspace: Workspace
    team: Team
    created_at: datetime
    modified_at: datetime
    notes: str = ""
    html: str | None = None  # what html_notes was set to; none: made from the notes
    owner: User | None = None
    due_on: date | None = None
    start_on: date | None = None
    color: str | None = None
    icon: str | None = None
    archived: bool = False
    default_view: str = "list"
    privacy_setting: str = "public_to_workspace"
    default_access_level: str = "editor"
    minimum_access_level_for_customization: str = "editor"
    minimum_access_level_for_sharing: str = "editor"
    completed: bool = False
    completed_at: datetime | None = None
    completed_by: User | None = None
    current_status: None = None
    current_status_update: None = None
    created_from_template: None = None
    project_brief: None = None
    members: list[User] = field(default_factory=list)
    followers: list[User] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    custom_field_settings: list[FieldSetting] = field(default_factory=list)

    @property
    def custom_fields(self) -> list[Any]:
        """Return the values that the project itself has: none."""
        return []

    @property
    def due_date(self) -> date | None:
        """Return `due_on`, by its older name."""
        return self.due_on

    @property
    def public(self) -> bool:
        """Return whether everyone in the workspace sees it."""
        return self.privacy_setting == "public_to_workspace"

    @property
    def html_notes(self) -> str:
        """Return the notes as HTML."""
        return self.html or f"<body>{escape(self.notes, quote=False)}</body>"

    @property
    def permalink_url(self) -> str:
        """Return the project's page."""
        return f"{SITE}/0/{self.gid}"

    @property
    def tasks(self) -> list["Task"]:
        """Return its tasks in the order of its sections."""
        return [task for section in self.sections for task in section.tasks]


@dataclass(kw_only=True, eq=False)
class Tag(Record):
    """A label."""

    resource_type: ClassVar[str] = "tag"
    FULL: ClassVar[Fields] = (
        *_NAMED,
        "color",
        "created_at",
        "followers",
        "notes",
        "permalink_url",
        "workspace",
    )

    name: str
    workspace: Workspace
    created_at: datetime
    color: str | None = None
    notes: str = ""
    followers: list[User] = field(default_factory=list)
    tasks: list["Task"] = field(default_factory=list)

    @property
    def permalink_url(self) -> str:
        """Return the tag's page."""
        return f"{SITE}/0/{self.gid}"
