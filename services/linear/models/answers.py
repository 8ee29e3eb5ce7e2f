"""What Linear's own tools answer beside the things themselves."""

from datetime import datetime
from typing import Literal

from kit.contract.envelope import Entity
from services.linear.models.issues import Issue
from services.linear.models.projects import Cycle, Label, Project
from services.linear.models.wire import Team, User


class IssueList(Entity):
    """A page of issues; total only where Linear counts (with a query)."""

    issues: tuple[Issue, ...]
    total: int | None = None
    next_cursor: str | None = None


class IssueSaved(Entity):
    """What became of an issue; undone lists relations that could not be made."""

    outcome: Literal["created", "existing", "updated"]
    id: str
    state: str
    assignee: str | None = None
    url: str
    updated_at: datetime
    undone: tuple[str, ...] = ()


class CommentSaved(Entity):
    """What became of a comment; absent means there was none to delete."""

    outcome: Literal["created", "existing", "updated", "deleted", "absent"]
    id: str
    url: str | None = None


class ProjectList(Entity):
    """A page of projects."""

    projects: tuple[Project, ...]
    next_cursor: str | None = None


class ProjectSaved(Entity):
    """What became of a project."""

    outcome: Literal["created", "existing", "updated"]
    id: str
    name: str
    url: str


class CycleList(Entity):
    """A page of cycles."""

    cycles: tuple[Cycle, ...]
    next_cursor: str | None = None


class UserList(Entity):
    """A page of people."""

    users: tuple[User, ...]
    next_cursor: str | None = None


class LabelList(Entity):
    """A page of labels."""

    labels: tuple[Label, ...]
    next_cursor: str | None = None


class LabelSaved(Entity):
    """What became of a label."""

    outcome: Literal["created", "existing"]
    label: Label


class TeamList(Entity):
    """All teams with their workflow states, in the workflow's order."""

    teams: tuple[Team, ...]
