"""Changing a project: every id is resolved before anything is changed."""

from datetime import datetime
from typing import Any

from services.sandbox.linear.plan import Project, ProjectStatus
from services.sandbox.linear.store import Store, touch
from services.sandbox.linear.workspace import Team, User

_PLAIN = {
    "name": "name",
    "description": "description",
    "content": "content",
    "color": "color",
    "icon": "icon",
    "priority": "priority",
    "sortOrder": "sort_order",
    "startDate": "start_date",
    "targetDate": "target_date",
    "completedAt": "completed_at",
    "canceledAt": "canceled_at",
    "trashed": "trashed",
}


def set_project(store: Store, project: Project, given: dict[str, Any], now: datetime) -> None:
    """Apply the create or update input *given* to *project*.

    Raises:
        GraphQLError: something named does not exist; nothing was changed.
    """
    lead = store.pick(User, given.get("leadId"))
    status = store.pick(ProjectStatus, given.get("statusId"))
    members = [store.get(User, each) for each in given.get("memberIds") or ()]
    teams = [store.get(Team, each) for each in given.get("teamIds") or ()]
    for name, attribute in _PLAIN.items():
        if name in given:
            setattr(project, attribute, given[name])
    project.description = project.description or ""
    project.priority = project.priority or 0
    if "leadId" in given:
        project.lead = lead
    if "memberIds" in given:
        project.members = members
    if status:
        project.status = status
        project.completed_at = now if status.type == "completed" else None
    if teams:
        _belong(project, teams)
    touch(project, now)


def _belong(project: Project, teams: list[Team]) -> None:
    for team in project.teams:
        if team not in teams:
            team.projects.remove(project)
    for team in teams:
        if project not in team.projects:
            team.projects.append(project)
    project.teams = teams
