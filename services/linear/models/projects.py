"""Projects, cycles and labels."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AfterValidator, AliasPath, Field

from services.linear.models.wire import Wire, each_of


class Project(Wire):
    """A project; progress is a share from 0 to 1."""

    id: str
    name: str
    status: str = Field(validation_alias=AliasPath("status", "name"))
    priority: int = 0
    progress: float = 0
    lead: str | None = Field(default=None, validation_alias=AliasPath("lead", "email"))
    teams: Annotated[tuple[str, ...], each_of("key")] = Field(
        default=(), validation_alias=AliasPath("teams", "nodes")
    )
    start_date: date | None = None
    target_date: date | None = None
    url: str
    updated_at: datetime


class Milestone(Wire):
    """A milestone of a project."""

    id: str = Field(exclude=True)
    name: str
    target_date: date | None = None


class ProjectDetail(Project):
    """A project with its texts, members and milestones."""

    description: str | None = None
    content: str | None = None
    members: Annotated[tuple[str, ...], each_of("email")] = Field(
        default=(), validation_alias=AliasPath("members", "nodes")
    )
    milestones: tuple[Milestone, ...] = Field(
        default=(), validation_alias=AliasPath("projectMilestones", "nodes")
    )


class Cycle(Wire):
    """A team's cycle; progress is a share from 0 to 1."""

    id: str = Field(exclude=True)
    team: str = Field(validation_alias=AliasPath("team", "key"))
    number: int
    name: str | None = None
    starts_at: datetime
    ends_at: datetime
    progress: float = 0
    is_active: bool = Field(default=False, exclude=True)
    is_next: bool = Field(default=False, exclude=True)
    is_previous: bool = Field(default=False, exclude=True)


class Label(Wire):
    """A label of a team, or of the whole workspace; a group itself cannot be applied."""

    id: str = Field(exclude=True)
    name: str
    group: str | None = Field(default=None, validation_alias=AliasPath("parent", "name"))
    is_group: Annotated[bool | None, AfterValidator(lambda value: value or None)] = None
    team: str | None = Field(default=None, validation_alias=AliasPath("team", "key"))
