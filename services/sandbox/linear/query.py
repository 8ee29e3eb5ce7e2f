"""The root of every read."""

from dataclasses import dataclass
from typing import Any

from services.sandbox.linear.budget import Budget
from services.sandbox.linear.issue import Attachment, Comment, Issue, IssueRelation
from services.sandbox.linear.plan import Cycle, Project, ProjectMilestone, ProjectStatus
from services.sandbox.linear.store import Store
from services.sandbox.linear.words import plain, terms
from services.sandbox.linear.workspace import (
    PRIORITIES,
    IssueLabel,
    Organization,
    Team,
    User,
    WorkflowState,
)


@dataclass(frozen=True, slots=True)
class Query:
    """Fields of the schema's ``Query``; lists are paged by the resolver."""

    store: Store
    budget: Budget

    @property
    def viewer(self) -> User:
        """Return whose key was sent."""
        return self.store.viewer

    @property
    def organization(self) -> Organization:
        """Return the workspace."""
        return self.store.organization

    @property
    def rate_limit_status(self) -> dict[str, Any]:
        """Return what is left of the budgets."""
        return self.budget.status(self.viewer.id)

    @property
    def issue_priority_values(self) -> list[dict[str, Any]]:
        """Return the priorities and their names."""
        return [{"priority": number, "label": label} for number, label in PRIORITIES.items()]

    def issue(self, key: str) -> Issue:
        """Return the issue with this UUID or identifier."""
        return self.store.get(Issue, key)

    def team(self, key: str) -> Team:
        """Return the team with this UUID or key."""
        return self.store.get(Team, key)

    def user(self, key: str) -> User:
        """Return the person with this UUID, or the key's owner for ``me``."""
        return self.viewer if key == "me" else self.store.get(User, key)

    def project(self, key: str) -> Project:
        """Return the project with this UUID or slug."""
        return self.store.get(Project, key)

    def project_milestone(self, key: str) -> ProjectMilestone:
        """Return the milestone with this UUID."""
        return self.store.get(ProjectMilestone, key)

    def cycle(self, key: str) -> Cycle:
        """Return the cycle with this UUID."""
        return self.store.get(Cycle, key)

    def workflow_state(self, key: str) -> WorkflowState:
        """Return the state with this UUID."""
        return self.store.get(WorkflowState, key)

    def issue_label(self, key: str) -> IssueLabel:
        """Return the label with this UUID."""
        return self.store.get(IssueLabel, key)

    def comment(self, key: str = "") -> Comment:
        """Return the comment with this UUID."""
        return self.store.get(Comment, key)

    def attachment(self, key: str) -> Attachment:
        """Return the attachment with this UUID."""
        return self.store.get(Attachment, key)

    def issue_relation(self, key: str) -> IssueRelation:
        """Return the relation with this UUID."""
        return self.store.get(IssueRelation, key)

    def issues(self) -> list[Issue]:
        """Return every issue."""
        return self.store.every(Issue)

    def teams(self) -> list[Team]:
        """Return every team."""
        return self.store.every(Team)

    def users(self, *, include_disabled: bool = False) -> list[User]:
        """Return the people; those who left only on request."""
        return [user for user in self.store.every(User) if user.active or include_disabled]

    def projects(self) -> list[Project]:
        """Return every project."""
        return self.store.every(Project)

    def cycles(self) -> list[Cycle]:
        """Return every cycle."""
        return self.store.every(Cycle)

    def workflow_states(self) -> list[WorkflowState]:
        """Return every team's states."""
        return self.store.every(WorkflowState)

    def issue_labels(self) -> list[IssueLabel]:
        """Return every label."""
        return self.store.every(IssueLabel)

    def project_statuses(self) -> list[ProjectStatus]:
        """Return where projects may stand."""
        return self.store.every(ProjectStatus)

    def project_milestones(self) -> list[ProjectMilestone]:
        """Return every project's milestones."""
        return self.store.every(ProjectMilestone)

    def comments(self) -> list[Comment]:
        """Return every comment."""
        return self.store.every(Comment)

    def attachments(self) -> list[Attachment]:
        """Return every attachment."""
        return self.store.every(Attachment)

    def attachments_for_url(self, url: str) -> list[Attachment]:
        """Return the attachments that point at *url*."""
        return [each for each in self.store.every(Attachment) if each.url == url]

    def issue_relations(self) -> list[IssueRelation]:
        """Return every relation."""
        return self.store.every(IssueRelation)

    def search_issues(
        self, *, term: str, include_comments: bool = False, team_id: str | None = None
    ) -> list[Issue]:
        """Return the issues that have every word of *term*, those with it in the title first.

        *team_id* moves a team's issues up; like Linear's, it does not leave the others out.
        """
        words = terms(term)
        scored: list[tuple[int, Issue]] = []
        for issue in self.store.every(Issue):
            title = plain(f"{issue.identifier} {issue.title}")
            text = plain(issue.searchable_content)
            if include_comments:
                text += plain(" ".join(comment.body for comment in issue.comments))
            if words and all(word in text for word in words):
                score = 2 * sum(word in title for word in words)
                scored.append((score + (issue.team.id == team_id) * 100, issue))
        scored.sort(key=lambda pair: (pair[0], pair[1].updated_at), reverse=True)
        return [issue for _, issue in scored]
