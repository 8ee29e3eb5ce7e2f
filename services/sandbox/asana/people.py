"""Users, workspaces and teams."""

from services.sandbox.asana import errors
from services.sandbox.asana.endpoint import Asked, Endpoint, Many, One
from services.sandbox.asana.records import Team, User, UserTaskList, Workspace


def _user(asked: Asked) -> One:
    return One(asked.at(User))


def _users(asked: Asked) -> Many:
    asked.named(Workspace, "workspace")
    team = asked.named(Team, "team")
    return Many(team.members if team else asked.store.every(User))


def _workspace(asked: Asked) -> One:
    return One(asked.at(Workspace))


def _workspaces(asked: Asked) -> Many:
    return Many(asked.store.every(Workspace))


def _users_of_workspace(asked: Asked) -> Many:
    asked.at(Workspace)
    people = sorted(asked.store.every(User), key=lambda user: user.name)
    return Many(people)


def _user_of_workspace(asked: Asked) -> One:
    asked.at(Workspace)
    return One(asked.at(User))


def _task_list(asked: Asked) -> One:
    if "workspace" not in asked.query:
        raise errors.missing("workspace")
    asked.named(Workspace, "workspace")
    return One(asked.store.at(UserTaskList, asked.at(User).task_list_gid))


def _team(asked: Asked) -> One:
    return One(asked.at(Team))


def _teams(asked: Asked) -> Many:
    asked.at(Workspace)
    return Many(asked.store.every(Team))


def _teams_of_user(asked: Asked) -> Many:
    if "organization" not in asked.query:
        raise errors.missing("organization")
    asked.named(Workspace, "organization")
    user = asked.at(User)
    return Many([team for team in asked.store.every(Team) if user in team.members])


def _members(asked: Asked) -> Many:
    return Many(asked.at(Team).members)


_UNPAGED = frozenset({"limit"})  # has no effect, but Asana's own SDK sends it

ENDPOINTS = (
    Endpoint("GET", "/users", _users, User, paged=True, query=frozenset({"workspace", "team"})),
    Endpoint("GET", "/users/{user_gid}", _user, User, query=frozenset({"workspace"})),
    Endpoint(
        "GET",
        "/users/{user_gid}/teams",
        _teams_of_user,
        Team,
        paged=True,
        query=frozenset({"organization"}),
    ),
    Endpoint(
        "GET",
        "/users/{user_gid}/user_task_list",
        _task_list,
        UserTaskList,
        query=frozenset({"workspace"}),
    ),
    Endpoint("GET", "/workspaces", _workspaces, Workspace, paged=True),
    Endpoint("GET", "/workspaces/{workspace_gid}", _workspace, Workspace),
    Endpoint("GET", "/workspaces/{workspace_gid}/users", _users_of_workspace, User, query=_UNPAGED),
    Endpoint("GET", "/workspaces/{workspace_gid}/users/{user_gid}", _user_of_workspace, User),
    Endpoint("GET", "/workspaces/{workspace_gid}/teams", _teams, Team, paged=True),
    Endpoint("GET", "/teams/{team_gid}", _team, Team),
    Endpoint("GET", "/teams/{team_gid}/users", _members, User, query=_UNPAGED),
)
