"""The contract's operations as Linear serves them."""

from kit.contract import people, tasks
from kit.contract.envelope import WriteResult
from kit.contract.refs import Ref
from kit.tools import Tools
from services.linear.deps import Deps
from services.linear.drafts import Draft
from services.linear.errors import VENDOR
from services.linear.mapping import INCLUDES, native_id, record, ref_of, task, task_detail
from services.linear.names import person_filter

tools: Tools[Deps] = Tools(VENDOR)
_PEOPLE = 50


@tools.serves(tasks.SEARCH)
async def search(deps: Deps, given: tasks.Search) -> tasks.TaskPage:
    """Search issues."""
    page = await deps.issues.search_tasks(given)
    return tasks.TaskPage(
        items=tuple(task(issue) for issue in page.nodes),
        next_cursor=page.next_cursor,
        total=page.total_count,
    )


@tools.serves(tasks.GET)
async def get(deps: Deps, given: tasks.Get) -> tasks.TaskDetail:
    """Read one issue."""
    include = [INCLUDES[name] for name in given.include]
    issue = await deps.client.issue(native_id(given.ref, "task"), include)
    return task_detail(issue, given.include)


@tools.serves(tasks.CREATE)
async def create(deps: Deps, given: tasks.Create) -> tasks.TaskWritten:
    """Create an issue; ``fallback`` is the gateway's, here it can only be at Linear."""
    team = project = None
    if given.container_ref is not None:
        native = native_id(given.container_ref, "team", "project", field="container_ref")
        if Ref.parse(given.container_ref).kind == "team":
            team = native
        else:
            project = native
    draft = Draft.created(given, project)
    home = await deps.issues.home(team, draft.parent, project, field="container_ref")
    issue, outcome, _ = await deps.issues.create(draft, home, given.idempotency_key)
    written = task(issue)
    return tasks.TaskWritten(
        outcome=outcome,
        provider=VENDOR,
        ref=written.ref,
        url=issue.url,
        idempotency_key=given.idempotency_key,
        task=written,
    )


@tools.serves(tasks.UPDATE)
async def update(deps: Deps, given: tasks.Update) -> tasks.TaskWritten:
    """Change an issue."""
    issue, _ = await deps.issues.update(
        native_id(given.ref, "task"), Draft.updated(given), unless_after=given.if_updated_at
    )
    written = task(issue)
    return tasks.TaskWritten(
        outcome="updated",
        provider=VENDOR,
        ref=written.ref,
        url=issue.url,
        idempotency_key=given.idempotency_key,
        task=written,
    )


@tools.serves(tasks.COMMENT)
async def comment(deps: Deps, given: tasks.Comment) -> WriteResult:
    """Comment on an issue."""
    issue = native_id(given.ref, "task")
    added, outcome = await deps.comments.add(issue, given.body_md, given.idempotency_key)
    return WriteResult(
        outcome=outcome,
        provider=VENDOR,
        ref=ref_of("comment", added.id),
        url=added.url,
        idempotency_key=given.idempotency_key,
    )


@tools.serves(people.RESOLVE)
async def resolve(deps: Deps, given: people.Resolve) -> people.PeoplePage:
    """Find members of the workspace, those who left too."""
    condition = person_filter(given.email or given.name or "")
    page = await deps.client.users(condition, first=_PEOPLE, disabled=True)
    return people.PeoplePage(items=tuple(record(user) for user in page.nodes))
