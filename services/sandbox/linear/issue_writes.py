"""Creating and changing an issue: every id is resolved before anything is changed."""

from datetime import datetime
from typing import Any

from services.sandbox.linear import errors
from services.sandbox.linear.issue import Issue
from services.sandbox.linear.plan import Cycle, Project, ProjectMilestone
from services.sandbox.linear.store import Store, touch
from services.sandbox.linear.workspace import (
    PRIORITIES,
    IssueLabel,
    Team,
    User,
    WorkflowState,
)

Input = dict[str, Any]
_PLAIN = {
    "title": "title",
    "description": "description",
    "priority": "priority",
    "estimate": "estimate",
    "dueDate": "due_date",
    "sortOrder": "sort_order",
    "trashed": "trashed",
}


def created(store: Store, given: Input, now: datetime) -> Issue:
    """Return a new, kept issue of the ``IssueCreateInput`` *given*."""
    if not (given.get("title") or "").strip():
        raise errors.invalid("title must not be empty.")
    team = store.get(Team, given["teamId"])
    issue = Issue(
        id=store.free_id(Issue, given.get("id")),
        created_at=given.get("createdAt") or now,
        updated_at=now,
        number=team.last_number + 1,
        title=given["title"],
        team=team,
        state=team.default_issue_state,
        creator=store.viewer,
    )
    settle = _resolved(store, issue, {k: v for k, v in given.items() if k != "teamId"})
    team.last_number += 1
    store.add(issue)
    team.issues.append(issue)
    store.viewer.created_issues.append(issue)
    settle(now)
    if given.get("completedAt"):
        issue.completed_at = given["completedAt"]
    return issue


def change(store: Store, issue: Issue, given: Input, now: datetime) -> None:
    """Apply the ``IssueUpdateInput`` *given* to *issue*."""
    _resolved(store, issue, given)(now)


def _resolved(store: Store, issue: Issue, given: Input) -> "_Change":
    """Look up everything that *given* names.

    Raises:
        GraphQLError: something named does not exist or does not fit.
    """
    if given.get("priority") is not None and given["priority"] not in PRIORITIES:
        raise errors.invalid("priority must not be greater than 4.")
    team = store.pick(Team, given.get("teamId")) or issue.team
    state = store.pick(WorkflowState, given.get("stateId"))
    if state and state.team is not team:
        raise errors.invalid("stateId must belong to the issue's team.")
    wanted = _Change(issue, given, team, state)
    wanted.assignee = store.pick(User, given.get("assigneeId"))
    wanted.project = store.pick(Project, given.get("projectId"))
    wanted.milestone = store.pick(ProjectMilestone, given.get("projectMilestoneId"))
    project = wanted.project if "projectId" in given else issue.project
    if wanted.milestone and wanted.milestone.project is not project:
        raise errors.invalid("projectMilestoneId must belong to the issue's project.")
    wanted.cycle = store.pick(Cycle, given.get("cycleId"))
    wanted.parent = store.pick(Issue, given.get("parentId"))
    if wanted.parent and _above(wanted.parent, issue):
        raise errors.invalid("parentId must not be the issue itself or one of its sub-issues.")
    wanted.labels = _labels(store, issue, given)
    wanted.subscribers = [store.get(User, each) for each in given.get("subscriberIds") or ()]
    return wanted


def _above(candidate: Issue, issue: Issue) -> bool:
    """Return whether *issue* is *candidate* or above it."""
    step: Issue | None = candidate
    while step:
        if step is issue:
            return True
        step = step.parent
    return False


def _labels(store: Store, issue: Issue, given: Input) -> list[IssueLabel]:
    named = given.get("labelIds")
    labels = issue.labels if named is None else [store.get(IssueLabel, each) for each in named]
    added = [store.get(IssueLabel, each) for each in given.get("addedLabelIds") or ()]
    removed = [store.get(IssueLabel, each) for each in given.get("removedLabelIds") or ()]
    kept = [label for label in (*labels, *added) if label not in removed]
    return list(dict.fromkeys(kept))


class _Change:
    """What is to be done to one issue, with nothing left that could fail."""

    def __init__(self, issue: Issue, given: Input, team: Team, state: WorkflowState | None) -> None:
        self._issue = issue
        self._given = given
        self._team = team
        self._state = state
        self.assignee: User | None = None
        self.project: Project | None = None
        self.milestone: ProjectMilestone | None = None
        self.cycle: Cycle | None = None
        self.parent: Issue | None = None
        self.labels: list[IssueLabel] = []
        self.subscribers: list[User] = []

    def __call__(self, now: datetime) -> None:
        """Do it."""
        issue, given = self._issue, self._given
        for name, attribute in _PLAIN.items():
            if name in given and not (name == "title" and not given[name]):
                setattr(issue, attribute, given[name])
        issue.priority = issue.priority or 0
        issue.sort_order = issue.sort_order or 0.0
        self._move_team()
        if self._state:
            self._enter(self._state, now)
        self._move("assigneeId", "assignee", self.assignee, "assigned_issues")
        self._move("projectId", "project", self.project, "issues")
        self._move("projectMilestoneId", "project_milestone", self.milestone, "issues")
        milestone = issue.project_milestone
        if milestone and milestone.project is not issue.project:
            self._put("project_milestone", None, "issues")
        self._move("cycleId", "cycle", self.cycle, "issues")
        self._move("parentId", "parent", self.parent, "children")
        for label in set(issue.labels) - set(self.labels):
            label.issues.remove(issue)
        for label in self.labels:
            if label not in issue.labels:
                label.issues.append(issue)
        issue.labels = self.labels
        if "subscriberIds" in given:
            issue.subscribers = self.subscribers
        touch(issue, now)

    def _move(self, key: str, attribute: str, target: Any, backward: str) -> None:
        """Point the issue's *attribute* at *target*, and keep both ends' lists true."""
        if key in self._given:
            self._put(attribute, target, backward)

    def _put(self, attribute: str, target: Any, backward: str) -> None:
        before = getattr(self._issue, attribute)
        if before is not None:
            getattr(before, backward).remove(self._issue)
        setattr(self._issue, attribute, target)
        if target is not None:
            getattr(target, backward).append(self._issue)

    def _move_team(self) -> None:
        issue, team = self._issue, self._team
        if team is issue.team:
            return
        issue.previous_identifiers.append(issue.identifier)
        issue.team.issues.remove(issue)
        kind = issue.state.type
        same = [state for state in team.states if state.type == kind]
        issue.team, issue.state = team, (same or [team.default_issue_state])[0]
        team.last_number += 1
        issue.number = team.last_number
        team.issues.append(issue)

    def _enter(self, state: WorkflowState, now: datetime) -> None:
        """Move to *state* and stamp the times that Linear stamps."""
        issue = self._issue
        issue.state = state
        if state.type in {"started", "completed"}:
            issue.started_at = issue.started_at or now
        issue.completed_at = (issue.completed_at or now) if state.type == "completed" else None
        issue.canceled_at = (issue.canceled_at or now) if state.type == "canceled" else None
