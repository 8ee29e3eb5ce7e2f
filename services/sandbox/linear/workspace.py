"""What a Linear workspace is made of. Attributes are the schema's fields in snake case.

An attribute that the schema calls a connection is a plain list here: `schema` filters,
orders and pages it.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.sandbox.linear.issue import Issue
    from services.sandbox.linear.plan import Cycle, Project, ProjectStatus

SITE = "https://linear.app"
PRIORITIES = {0: "No priority", 1: "Urgent", 2: "High", 3: "Medium", 4: "Low"}


@dataclass(kw_only=True, eq=False)
class Entity:
    """What every object has; two are the same only if they are one object."""

    id: str
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None = None


@dataclass(kw_only=True, eq=False)
class Organization(Entity):
    """The workspace."""

    name: str
    url_key: str
    logo_url: str | None = None
    users: list["User"] = field(default_factory=list)
    teams: list["Team"] = field(default_factory=list)
    labels: list["IssueLabel"] = field(default_factory=list)
    project_statuses: list["ProjectStatus"] = field(default_factory=list)

    @property
    def user_count(self) -> int:
        """Return how many people are in the workspace."""
        return len(self.users)

    @property
    def created_issue_count(self) -> int:
        """Return how many issues there ever were."""
        return sum(len(team.issues) for team in self.teams)


@dataclass(kw_only=True, eq=False)
class User(Entity):
    """A person."""

    name: str
    display_name: str
    email: str
    organization: Organization
    title: str | None = None
    is_me: bool = False
    admin: bool = False
    owner: bool = False
    active: bool = True
    app: bool = False
    guest: bool = False
    is_assignable: bool = True
    avatar_url: str | None = None
    description: str | None = None
    timezone: str | None = "Etc/UTC"
    teams: list["Team"] = field(default_factory=list)
    assigned_issues: list["Issue"] = field(default_factory=list)
    created_issues: list["Issue"] = field(default_factory=list)

    @property
    def initials(self) -> str:
        """Return the first letters of the name's words."""
        return "".join(word[0] for word in self.name.split())

    @property
    def url(self) -> str:
        """Return the profile's page."""
        return f"{SITE}/{self.organization.url_key}/profiles/{self.display_name}"


@dataclass(kw_only=True, eq=False)
class WorkflowState(Entity):
    """One column of a team's board."""

    name: str
    type: str  # triage, backlog, unstarted, started, completed, canceled
    color: str
    position: float
    team: "Team"
    description: str | None = None

    @property
    def issues(self) -> list["Issue"]:
        """Return the issues in this state."""
        return [issue for issue in self.team.issues if issue.state is self]


@dataclass(kw_only=True, eq=False)
class Team(Entity):
    """A team, with its own states, cycles and issue numbers."""

    name: str
    key: str
    organization: Organization
    description: str | None = None
    color: str | None = None
    icon: str | None = None
    timezone: str = "Etc/UTC"
    cycles_enabled: bool = True
    issue_estimation_type: str = "fibonacci"
    visibility: str = "public"
    states: list[WorkflowState] = field(default_factory=list)
    members: list[User] = field(default_factory=list)
    cycles: list["Cycle"] = field(default_factory=list)
    projects: list["Project"] = field(default_factory=list)
    issues: list["Issue"] = field(default_factory=list)
    labels: list["IssueLabel"] = field(default_factory=list)
    last_number: int = 0

    @property
    def display_name(self) -> str:
        """Return the name; sub-teams, which would prefix it, are not kept here."""
        return self.name

    @property
    def default_issue_state(self) -> WorkflowState:
        """Return where a new issue starts: the first backlog state."""
        return next(state for state in self.states if state.type == "backlog")

    @property
    def active_cycle(self) -> "Cycle | None":
        """Return the cycle that runs now."""
        return next((cycle for cycle in self.cycles if cycle.is_active), None)

    def issue_count(self, *, include_archived: bool = False) -> int:
        """Return the number of issues."""
        return sum(1 for issue in self.issues if include_archived or not issue.archived_at)


@dataclass(kw_only=True, eq=False)
class IssueLabel(Entity):
    """A label of one team, or of the workspace where *team* is none."""

    name: str
    color: str
    team: Team | None = None
    creator: User | None = None
    description: str | None = None
    is_group: bool = False
    parent: "IssueLabel | None" = None
    children: list["IssueLabel"] = field(default_factory=list)
    issues: list["Issue"] = field(default_factory=list)
