"""Asana's own tools; the contract's come first (``operations.py``)."""

from typing import Annotated, Literal

from pydantic import Field

from kit.contract.envelope import Cursor, Limit
from kit.tools import ADDS, READ_ONLY, Hint
from services.asana import mapping, resolve
from services.asana.arguments import (
    CommentOn,
    Name,
    Query,
    SaveProject,
    SaveTask,
    SearchTasks,
    Status,
)
from services.asana.deps import Deps
from services.asana.details import whole
from services.asana.gids import task_gid
from services.asana.lists import page
from services.asana.operations import tools
from services.asana.results import (
    NamedPage,
    ProjectDetail,
    ProjectPage,
    Saved,
    TaskDetail,
    TaskPage,
    UserPage,
)

__all__ = ["tools"]

SAVES = Hint(destructive=True)
Task = Annotated[Name, Field(description="gid or URL")]
Project = Annotated[Name, Field(description="name, gid or URL")]
Team = Annotated[Name | None, Field(description="name or gid")]
Include = Literal["comments", "subtasks", "relations"]


@tools.native(title="Search Asana tasks", hint=READ_ONLY)
async def asana_search_tasks(deps: Deps, given: SearchTasks) -> TaskPage:
    """Find Asana tasks by words, assignee, project, section, tags, status or dates, newest first.

    note says what limits the answer.
    """
    found = await deps.searcher.page(
        await resolve.searched(deps.names, given),
        await deps.names.workspace(),
        limit=given.limit,
        cursor=given.cursor,
    )
    return TaskPage(
        items=tuple(mapping.line(task) for task in found.items),
        next_cursor=found.next_cursor,
        note=found.limited,
    )


@tools.native(title="My Asana tasks", hint=READ_ONLY)
async def asana_my_tasks(
    deps: Deps,
    status: Annotated[Status, Field(description="done or not")] = "open",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> TaskPage:
    """List the tasks in your own My Tasks list in Asana, in its order."""
    found = await deps.searcher.mine(
        await deps.names.workspace(), status, limit=limit, cursor=cursor
    )
    return TaskPage(
        items=tuple(mapping.line(task) for task in found.items), next_cursor=found.next_cursor
    )


@tools.native(title="Get an Asana task", hint=READ_ONLY)
async def asana_get_task(
    deps: Deps,
    task: Task,
    include: Annotated[tuple[Include, ...], Field(description="up to 50 of each")] = (),
) -> TaskDetail:
    """Read one Asana task whole: notes as Markdown, places, custom fields.

    truncated names included lists that have more than is shown.
    """
    found = await whole(deps.client, deps.comments, task_gid(task), include)
    return mapping.task_detail(found)


@tools.native(title="Save an Asana task", hint=SAVES)
async def asana_save_task(deps: Deps, given: SaveTask) -> Saved:
    """Create or change an Asana task: fields, project and section, tags added or removed.

    Names are resolved for you; what is not given stays.
    """
    key = given.idempotency_key
    if given.task is not None:
        change = await resolve.changed(deps.names, given)
        task, outcome = await deps.tasks.update(task_gid(given.task), change)
        return mapping.saved_task(task, outcome, key)
    draft = await resolve.drafted(deps.names, given, deps.default_project)
    chosen = "idempotency_key" in given.model_fields_set
    task, made = await deps.tasks.create(draft, key, look_first=chosen)
    return mapping.saved_task(task, made, key)


@tools.native(title="Comment in Asana", hint=ADDS)
async def asana_comment(deps: Deps, given: CommentOn) -> Saved:
    """Add a comment to an Asana task."""
    key = given.idempotency_key
    story, outcome = await deps.comments.add(
        task_gid(given.task),
        given.text,
        key,
        look_first="idempotency_key" in given.model_fields_set,
    )
    return Saved(outcome=outcome, gid=story.gid, idempotency_key=key)


@tools.native(title="List Asana projects", hint=READ_ONLY)
async def asana_list_projects(
    deps: Deps,
    query: Query = None,
    team: Team = None,
    status: Annotated[Literal["active", "archived"], Field(description="in use or not")] = "active",
    limit: Limit = 20,
    cursor: Cursor = None,
) -> ProjectPage:
    """Find Asana projects by part of a name or by team."""
    found, following = await deps.projects.page(
        query=query, team=team, archived=status == "archived", limit=limit, cursor=cursor
    )
    lines = tuple(mapping.project_line(project) for project in found)
    return ProjectPage(items=lines, next_cursor=following)


@tools.native(title="Get an Asana project", hint=READ_ONLY)
async def asana_get_project(deps: Deps, project: Project) -> ProjectDetail:
    """Read one Asana project: notes, sections in order, how many tasks are open and done."""
    return await deps.projects.detail(await deps.names.project(project))


@tools.native(title="Save an Asana project", hint=SAVES)
async def asana_save_project(deps: Deps, given: SaveProject) -> Saved:
    """Create or change an Asana project; what is not given stays."""
    return await deps.projects.save(given)


@tools.native(title="List Asana sections", hint=READ_ONLY)
async def asana_list_sections(deps: Deps, project: Project) -> NamedPage:
    """List the sections (columns) of an Asana project, in their order."""
    gid = await deps.names.project(project)
    return NamedPage(items=(await deps.client.sections(gid)).items)


@tools.native(title="List Asana users", hint=READ_ONLY)
async def asana_list_users(
    deps: Deps,
    query: Annotated[Query, Field(description="part of a name or e-mail")] = None,
    limit: Limit = 20,
    cursor: Cursor = None,
) -> UserPage:
    """Find people in the Asana workspace."""
    workspace = await deps.names.workspace()
    found, following = await page(
        lambda count, offset: deps.client.users(workspace=workspace, limit=count, offset=offset),
        deps.names.users,
        query=query,
        limit=limit,
        cursor=cursor,
        scope="users",
    )
    return UserPage(items=found, next_cursor=following)


@tools.native(title="List Asana tags", hint=READ_ONLY)
async def asana_list_tags(
    deps: Deps, query: Query = None, limit: Limit = 20, cursor: Cursor = None
) -> NamedPage:
    """Find the tags that Asana tasks can have."""
    workspace = await deps.names.workspace()
    found, following = await page(
        lambda count, offset: deps.client.tags(workspace, limit=count, offset=offset),
        deps.names.tags,
        query=query,
        limit=limit,
        cursor=cursor,
        scope="tags",
    )
    return NamedPage(items=found, next_cursor=following)


@tools.native(title="List Asana teams", hint=READ_ONLY)
async def asana_list_teams(
    deps: Deps, query: Query = None, limit: Limit = 20, cursor: Cursor = None
) -> NamedPage:
    """Find the teams of the Asana workspace."""
    workspace = await deps.names.workspace()
    found, following = await page(
        lambda count, offset: deps.client.teams(workspace, limit=count, offset=offset),
        deps.names.teams,
        query=query,
        limit=limit,
        cursor=cursor,
        scope="teams",
    )
    return NamedPage(items=found, next_cursor=following)
