"""What Linear plans work in: projects, their milestones, and cycles."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from services.sandbox.linear.workspace import (
    PRIORITIES,
    SITE,
    Entity,
    Organization,
    Team,
    User,
)

if TYPE_CHECKING:
    from services.sandbox.linear.issue import Comment, Issue


@dataclass(kw_only=True, eq=False)
class ProjectStatus(Entity):
    """Where a project may stand."""

    name: str
    type: str  # ProjectStatusType
    color: str
    position: float
    indefinite: bool = False
    description: str | None = None


@dataclass(kw_only=True, eq=False)
class Project(Entity):
    """Work with a goal and an end."""

    name: str
    description: str
    slug_id: str
    status: ProjectStatus
    organization: Organization
    content: str | None = None
    color: str = "#5e6ad2"
    icon: str | None = None
    creator: User | None = None
    lead: User | None = None
    priority: int = 0
    sort_order: float = 0.0
    start_date: date | None = None
    target_date: date | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    canceled_at: datetime | None = None
    trashed: bool | None = None
    teams: list[Team] = field(default_factory=list)
    members: list[User] = field(default_factory=list)
    issues: list["Issue"] = field(default_factory=list)
    comments: list["Comment"] = field(default_factory=list)
    project_milestones: list["ProjectMilestone"] = field(default_factory=list)

    @property
    def accessible_teams(self) -> list[Team]:
        """Return the teams whose members may see it."""
        return self.teams

    @property
    def state(self) -> str:
        """Return the status's type, the field's older name."""
        return self.status.type

    @property
    def priority_label(self) -> str:
        """Return the priority in words."""
        return PRIORITIES[self.priority]

    @property
    def scope(self) -> float:
        """Return the work in points; an issue without an estimate counts as one."""
        return sum(issue.points for issue in self.issues if issue.counts)

    @property
    def progress(self) -> float:
        """Return the share of the scope that is completed, 0 to 1."""
        done = sum(issue.points for issue in self.issues if issue.state.type == "completed")
        return round(done / self.scope, 4) if self.scope else 0.0

    @property
    def url(self) -> str:
        """Return the project's page."""
        slug = "-".join(self.name.lower().split())
        return f"{SITE}/{self.organization.url_key}/project/{slug}-{self.slug_id}"

    @property
    def searchable_content(self) -> str:
        """Return the text that a search looks through."""
        return f"{self.name}\n{self.description}\n{self.content or ''}"


@dataclass(kw_only=True, eq=False)
class ProjectMilestone(Entity):
    """A stage of a project."""

    name: str
    project: Project
    sort_order: float = 0.0
    description: str | None = None
    target_date: date | None = None
    issues: list["Issue"] = field(default_factory=list)

    @property
    def progress(self) -> float:
        """Return the share of its issues that are completed, 0 to 1."""
        return share_completed(self.issues)

    @property
    def status(self) -> str:
        """Return ``done`` or ``unstarted``; the two that look at the calendar are not kept."""
        return "done" if self.issues and self.progress == 1 else "unstarted"


@dataclass(kw_only=True, eq=False)
class Cycle(Entity):
    """Two weeks of one team's work; which one is active was fixed when it was made."""

    number: int
    team: Team
    starts_at: datetime
    ends_at: datetime
    is_active: bool
    is_past: bool
    is_future: bool
    is_next: bool
    is_previous: bool
    name: str | None = None
    description: str | None = None
    completed_at: datetime | None = None
    issues: list["Issue"] = field(default_factory=list)

    @property
    def progress(self) -> float:
        """Return the share of its issues that are completed, 0 to 1."""
        return share_completed(self.issues)


def share_completed(issues: Sequence["Issue"]) -> float:
    """Return how many of *issues* are completed, 0 to 1."""
    done = sum(1 for issue in issues if issue.state.type == "completed")
    return round(done / len(issues), 4) if issues else 0.0
