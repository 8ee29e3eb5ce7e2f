"""Linear's own tools; the contract's come first (``operations.py``)."""

from typing import Annotated, Literal

from pydantic import Field

from kit.contract.envelope import Cursor, Limit
from kit.tools import ADDS, READ_ONLY, Hint
from services.linear.arguments import (
    CommentOn,
    Key,
    Name,
    Query,
    SaveIssue,
    SaveProject,
    SearchIssues,
)
from services.linear.deps import Deps
from services.linear.filters import cycle_filter, label_filter, user_filter
from services.linear.models.answers import (
    CommentSaved,
    CycleList,
    IssueList,
    IssueSaved,
    LabelList,
    LabelSaved,
    ProjectList,
    ProjectSaved,
    TeamList,
    UserList,
)
from services.linear.models.issues import IssueDetail
from services.linear.models.projects import ProjectDetail
from services.linear.operations import tools

__all__ = ["tools"]

Team = Annotated[Name | None, Field(description="key or name")]
Issue = Annotated[Name, Field(description="ENG-12 or UUID")]
Include = Literal["comments", "children", "relations", "attachments"]
SAVES = Hint(destructive=True)


@tools.native(title="Search Linear issues", hint=READ_ONLY)
async def linear_search_issues(deps: Deps, given: SearchIssues) -> IssueList:
    """Find Linear issues by words, team, state, people, project, cycle, labels or dates."""
    page = await deps.issues.search(given)
    return IssueList(issues=page.nodes, total=page.total_count, next_cursor=page.next_cursor)


@tools.native(title="Get a Linear issue", hint=READ_ONLY)
async def linear_get_issue(
    deps: Deps,
    issue: Issue,
    include: Annotated[tuple[Include, ...], Field(description="up to 50 of each")] = (),
    comments_cursor: Annotated[Cursor, Field(description="for the comments that follow")] = None,
) -> IssueDetail:
    """Read one Linear issue whole; truncated names the lists that have more than is shown."""
    return await deps.issues.get(issue, include, comments_cursor)


@tools.native(title="Save a Linear issue", hint=SAVES)
async def linear_save_issue(deps: Deps, given: SaveIssue) -> IssueSaved:
    """Create or change a Linear issue: fields, labels added or removed, relations.

    Names are resolved for you; what is not given stays.
    """
    issue, outcome, undone = await deps.issues.save(given)
    return IssueSaved(
        outcome=outcome,
        id=issue.id,
        state=issue.state,
        assignee=issue.assignee,
        url=issue.url,
        updated_at=issue.updated_at,
        undone=undone,
    )


@tools.native(title="Comment in Linear", hint=SAVES)
async def linear_comment(deps: Deps, given: CommentOn) -> CommentSaved:
    """Add a comment to a Linear issue, or change or delete one by its id."""
    comment, outcome = await deps.comments.save(given)
    return CommentSaved(
        outcome=outcome,
        id=given.comment or "" if comment is None else comment.id,
        url=None if comment is None else comment.url,
    )


@tools.native(title="List Linear projects", hint=READ_ONLY)
async def linear_list_projects(
    deps: Deps,
    query: Query = None,
    team: Team = None,
    status: Annotated[Name | None, Field(description="name or type")] = None,
    lead: Annotated[Name | None, Field(description='e-mail, name or "me"')] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> ProjectList:
    """Find Linear projects, last changed first."""
    page = await deps.projects.page(
        query=query, team=team, status=status, lead=lead, limit=limit, cursor=cursor
    )
    return ProjectList(projects=page.nodes, next_cursor=page.next_cursor)


@tools.native(title="Get a Linear project", hint=READ_ONLY)
async def linear_get_project(
    deps: Deps, project: Annotated[Name, Field(description="name or id")]
) -> ProjectDetail:
    """Read one Linear project with its text, members and milestones."""
    return await deps.client.project((await deps.names.project(project)).id)


@tools.native(title="Save a Linear project", hint=SAVES)
async def linear_save_project(deps: Deps, given: SaveProject) -> ProjectSaved:
    """Create or change a Linear project; what is not given stays."""
    project, outcome = await deps.projects.save(given)
    return ProjectSaved(outcome=outcome, id=project.id, name=project.name, url=project.url)


@tools.native(title="List Linear cycles", hint=READ_ONLY)
async def linear_list_cycles(
    deps: Deps,
    team: Team = None,
    which: Annotated[
        Literal["current", "next", "previous", "all"], Field(description="relative to today")
    ] = "all",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> CycleList:
    """List the cycles (sprints) of a Linear team or of all."""
    condition = await cycle_filter(team, which, deps.names)
    page = await deps.client.cycles(condition, first=limit, after=cursor)
    return CycleList(cycles=page.nodes, next_cursor=page.next_cursor)


@tools.native(title="List Linear users", hint=READ_ONLY)
async def linear_list_users(
    deps: Deps, query: Query = None, limit: Limit = 20, cursor: Cursor = None
) -> UserList:
    """Find active members of the Linear workspace by part of a name or by e-mail."""
    page = await deps.client.users(user_filter(query), first=limit, after=cursor)
    return UserList(users=page.nodes, next_cursor=page.next_cursor)


@tools.native(title="List Linear labels", hint=READ_ONLY)
async def linear_list_labels(
    deps: Deps, team: Team = None, query: Query = None, limit: Limit = 50, cursor: Cursor = None
) -> LabelList:
    """List issue labels that a Linear team (or any) can use."""
    condition = await label_filter(team, query, deps.names)
    page = await deps.client.labels(condition, first=limit, after=cursor)
    return LabelList(labels=page.nodes, next_cursor=page.next_cursor)


@tools.native(title="Create a Linear label", hint=ADDS)
async def linear_create_label(
    deps: Deps,
    name: Annotated[Name, Field(description="as shown")],
    idempotency_key: Key,
    team: Annotated[Name | None, Field(description="absent: the whole workspace")] = None,
    color: Annotated[str | None, Field(pattern="^#[0-9a-fA-F]{6}$", description="#rrggbb")] = None,
) -> LabelSaved:
    """Create an issue label for one Linear team or for the whole workspace."""
    label, outcome = await deps.projects.create_label(name, team, color, idempotency_key)
    return LabelSaved(outcome=outcome, label=label)


@tools.native(title="List Linear teams", hint=READ_ONLY)
async def linear_list_teams(deps: Deps) -> TeamList:
    """List all Linear teams with their keys and workflow states."""
    return TeamList(teams=await deps.names.teams())
