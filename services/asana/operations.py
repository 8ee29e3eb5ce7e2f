"""The contract's operations as Asana serves them."""

from kit.contract import people, tasks
from kit.contract.envelope import ErrorBody, ProviderReport, WriteResult
from kit.tools import Tools
from services.asana import mapping, models, resolve
from services.asana.deps import Deps
from services.asana.details import whole
from services.asana.errors import PROVIDER
from services.asana.gids import task_gid
from services.asana.tasks import Result

tools: Tools[Deps] = Tools(PROVIDER)


@tools.serves(tasks.SEARCH)
async def search(deps: Deps, given: tasks.Search) -> tasks.TaskPage:
    """Search tasks; a person or a label that Asana does not have finds none."""
    wanted = await resolve.sought(deps.names, given)
    if wanted is None:
        return tasks.TaskPage()
    found = await deps.searcher.page(
        wanted, await deps.names.workspace(), limit=given.limit, cursor=given.cursor
    )
    page = tasks.TaskPage(
        items=tuple(mapping.task(task) for task in found.items), next_cursor=found.next_cursor
    )
    if found.limited is None:
        return page
    why = ErrorBody(code="plan_required", message=found.limited)
    report = ProviderReport(provider=PROVIDER, status="ok" if page.items else "empty", error=why)
    return page.model_copy(update={"complete": False, "providers": (report,)})


@tools.serves(tasks.GET)
async def get(deps: Deps, given: tasks.Get) -> tasks.TaskDetail:
    """Read one task."""
    gid = task_gid(given.ref, "ref")
    return mapping.detail(await whole(deps.client, deps.comments, gid, given.include))


@tools.serves(tasks.CREATE)
async def create(deps: Deps, given: tasks.Create) -> tasks.TaskWritten:
    """Create a task; ``fallback`` is the gateway's, here it can only be at Asana."""
    draft = await resolve.created(deps.names, given, deps.default_project)
    key = given.idempotency_key
    chosen = "idempotency_key" in given.model_fields_set
    return _written(key, *await deps.tasks.create(draft, key, look_first=chosen))


@tools.serves(tasks.UPDATE)
async def update(deps: Deps, given: tasks.Update) -> tasks.TaskWritten:
    """Change a task."""
    change = await resolve.updated(deps.names, given)
    done = await deps.tasks.update(task_gid(given.ref, "ref"), change)
    return _written(given.idempotency_key, *done)


def _written(key: str, record: models.Task, outcome: Result) -> tasks.TaskWritten:
    task = mapping.task(record)
    return tasks.TaskWritten(
        outcome=outcome,
        provider=PROVIDER,
        ref=task.ref,
        url=task.url,
        idempotency_key=key,
        task=task,
    )


@tools.serves(tasks.COMMENT)
async def comment(deps: Deps, given: tasks.Comment) -> WriteResult:
    """Comment on a task."""
    story, outcome = await deps.comments.add(
        task_gid(given.ref, "ref"),
        given.body_md,
        given.idempotency_key,
        look_first="idempotency_key" in given.model_fields_set,
    )
    return WriteResult(
        outcome=outcome,
        provider=PROVIDER,
        ref=mapping.ref("comment", story.gid),
        idempotency_key=given.idempotency_key,
    )


@tools.serves(people.RESOLVE)
async def people_resolve(deps: Deps, given: people.Resolve) -> people.PeoplePage:
    """Find members of the workspace."""
    everyone = await deps.names.users()
    if given.email is not None:
        wanted = given.email.casefold()
        found = [user for user in everyone if (user.email or "").casefold() == wanted]
    else:
        part = (given.name or "").casefold()
        found = [user for user in everyone if part in user.name.casefold()]
    return people.PeoplePage(items=mapping.persons(found))
