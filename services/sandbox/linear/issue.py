"""Issues and what hangs on them."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from services.sandbox.linear.plan import Cycle, Project, ProjectMilestone
from services.sandbox.linear.workspace import (
    PRIORITIES,
    SITE,
    Entity,
    IssueLabel,
    Team,
    User,
    WorkflowState,
)


@dataclass(kw_only=True, eq=False)
class Issue(Entity):
    """One piece of work."""

    number: int
    title: str
    team: Team
    state: WorkflowState
    description: str | None = None
    priority: int = 0
    estimate: int | None = None
    sort_order: float = 0.0
    due_date: date | None = None
    assignee: User | None = None
    creator: User | None = None
    project: Project | None = None
    project_milestone: ProjectMilestone | None = None
    cycle: Cycle | None = None
    parent: "Issue | None" = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    canceled_at: datetime | None = None
    trashed: bool | None = None
    previous_identifiers: list[str] = field(default_factory=list)
    labels: list[IssueLabel] = field(default_factory=list)
    children: list["Issue"] = field(default_factory=list)
    comments: list["Comment"] = field(default_factory=list)
    attachments: list["Attachment"] = field(default_factory=list)
    relations: list["IssueRelation"] = field(default_factory=list)
    inverse_relations: list["IssueRelation"] = field(default_factory=list)
    subscribers: list[User] = field(default_factory=list)

    @property
    def identifier(self) -> str:
        """Return what people call it, such as ``ENG-12``."""
        return f"{self.team.key}-{self.number}"

    @property
    def url(self) -> str:
        """Return the issue's page."""
        slug = "-".join("".join(c if c.isalnum() else " " for c in self.title.lower()).split())
        return f"{SITE}/{self.team.organization.url_key}/issue/{self.identifier}/{slug}"

    @property
    def branch_name(self) -> str:
        """Return the git branch that Linear suggests."""
        return f"{self.identifier.lower()}-{self.url.rsplit('/', 1)[-1]}"

    @property
    def label_ids(self) -> list[str]:
        """Return the labels' ids."""
        return [label.id for label in self.labels]

    @property
    def priority_label(self) -> str:
        """Return the priority in words."""
        return PRIORITIES[self.priority]

    @property
    def metadata(self) -> dict[str, Any]:
        """Return what a search result says beside the issue; nothing here."""
        return {}

    @property
    def points(self) -> int:
        """Return the estimate, or one where there is none."""
        return self.estimate or 1

    @property
    def counts(self) -> bool:
        """Return whether it is part of its project's scope."""
        return self.archived_at is None and self.state.type != "canceled"

    @property
    def searchable_content(self) -> str:
        """Return the text that a search looks through."""
        return f"{self.identifier}\n{self.title}\n{self.description or ''}"

    @property
    def has_blocked_by_relations(self) -> bool:
        """Return whether another issue blocks this one."""
        return any(relation.type == "blocks" for relation in self.inverse_relations)

    @property
    def has_blocking_relations(self) -> bool:
        """Return whether this one blocks another."""
        return any(relation.type == "blocks" for relation in self.relations)

    @property
    def has_duplicate_relations(self) -> bool:
        """Return whether it is a duplicate."""
        return any(relation.type == "duplicate" for relation in self.relations)

    @property
    def has_related_relations(self) -> bool:
        """Return whether it is related to another issue, in either direction."""
        both = (*self.relations, *self.inverse_relations)
        return any(relation.type == "related" for relation in both)


@dataclass(kw_only=True, eq=False)
class Comment(Entity):
    """What somebody wrote below an issue or a project."""

    body: str
    user: User
    issue: Issue | None = None
    project: Project | None = None
    parent: "Comment | None" = None
    quoted_text: str | None = None
    edited_at: datetime | None = None
    resolved_at: datetime | None = None
    resolving_user: User | None = None
    children: list["Comment"] = field(default_factory=list)

    @property
    def issue_id(self) -> str | None:
        """Return the issue's id."""
        return self.issue.id if self.issue else None

    @property
    def project_id(self) -> str | None:
        """Return the project's id."""
        return self.project.id if self.project else None

    @property
    def parent_id(self) -> str | None:
        """Return the id of the comment that this one answers."""
        return self.parent.id if self.parent else None

    @property
    def url(self) -> str:
        """Return the comment's place on its page."""
        page = self.issue or self.project
        return f"{page.url if page else SITE}#comment-{self.id[:8]}"


@dataclass(kw_only=True, eq=False)
class IssueRelation(Entity):
    """How one issue stands to another."""

    type: str  # IssueRelationType
    issue: Issue
    related_issue: Issue


@dataclass(kw_only=True, eq=False)
class Attachment(Entity):
    """A link that belongs to an issue."""

    title: str
    url: str
    issue: Issue
    creator: User | None = None
    subtitle: str | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    group_by_source: bool = False
    source: dict[str, Any] | None = None
    source_type: str | None = "api"
