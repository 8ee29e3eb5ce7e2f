"""All contact with Asana: one method a request, answers as models.

Bodies and answers stand in ``{"data": ...}``; lists come in pages of at most 100 with
``next_page.offset``. The search takes no offset: ``search`` pages by time windows.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from kit.clock import Clock, SystemClock
from kit.contract.operation import Safety
from kit.deadline import Deadline, current, spending
from kit.errors import FleetError, Internal, Unauthenticated, Unavailable, UnknownOutcome
from kit.http import HttpAnswer, HttpClient
from services.asana import models, queries
from services.asana.errors import PROVIDER, Quota, classify
from services.asana.settings import MISSING, AsanaSettings

RecordT = TypeVar("RecordT", bound=models.Record)
PAGE: Final = 100  # most that Asana gives at once
_WRITE_SHARE: Final = 0.6  # of the deadline; the rest is for reading back
Params = Mapping[str, Any]


class AsanaClient:
    """Asana's API for one token.

    Args:
        http: Set up by ``connected``.
        quota: Told of every limit.
        configured: There is a token.
    """

    def __init__(self, http: HttpClient, quota: Quota, *, configured: bool) -> None:
        self._http = http
        self.quota = quota
        self._configured = configured

    async def me(self) -> models.User:
        """Return the token's owner."""
        return await self._get("/users/me", models.User, queries.USER)

    async def workspaces(self) -> models.Slice[models.Named]:
        """Return the workspaces that the token sees."""
        return await self._page("/workspaces", models.Named, queries.NAMED)

    async def users(
        self,
        *,
        workspace: str,
        team: str | None = None,
        limit: int = PAGE,
        offset: str | None = None,
    ) -> models.Slice[models.User]:
        """Return people of a workspace, or of one of its teams."""
        where = {"team": team} if team else {"workspace": workspace}
        return await self._page("/users", models.User, queries.USER, where, limit, offset)

    async def teams(
        self, workspace: str, *, limit: int = PAGE, offset: str | None = None
    ) -> models.Slice[models.Named]:
        """Return a workspace's teams."""
        path = f"/workspaces/{workspace}/teams"
        return await self._page(path, models.Named, queries.NAMED, None, limit, offset)

    async def tags(
        self, workspace: str, *, limit: int = PAGE, offset: str | None = None
    ) -> models.Slice[models.Named]:
        """Return a workspace's tags."""
        path = f"/workspaces/{workspace}/tags"
        return await self._page(path, models.Named, queries.NAMED, None, limit, offset)

    async def projects(
        self,
        *,
        workspace: str,
        team: str | None = None,
        archived: bool | None = False,
        notes: bool = False,
        limit: int = PAGE,
        offset: str | None = None,
    ) -> models.Slice[models.Project]:
        """Return projects of a workspace, or of one of its teams."""
        where = {"team": team} if team else {"workspace": workspace}
        fields = queries.PROJECT_FULL if notes else queries.PROJECT
        params = {**where, "archived": _flag(archived)}
        return await self._page("/projects", models.Project, fields, params, limit, offset)

    async def project(self, gid: str) -> models.Project:
        """Return one project with its notes."""
        return await self._get(f"/projects/{gid}", models.Project, queries.PROJECT_FULL)

    async def task_counts(self, project: str) -> models.TaskCounts:
        """Return how many tasks a project holds (this request counts extra at Asana)."""
        path = f"/projects/{project}/task_counts"
        return await self._get(path, models.TaskCounts, queries.COUNTS)

    async def sections(self, project: str) -> models.Slice[models.Named]:
        """Return a project's sections, in their order."""
        path = f"/projects/{project}/sections"
        return await self._page(path, models.Named, queries.NAMED)

    async def field_settings(self, project: str) -> models.Slice[models.FieldSetting]:
        """Return the custom fields that a project uses."""
        path = f"/projects/{project}/custom_field_settings"
        return await self._page(path, models.FieldSetting, queries.FIELDS)

    async def create_project(self, data: Params) -> models.Project:
        """Create a project."""
        return await self._write(
            "POST", "/projects", data, models.Project, queries.PROJECT_FULL, Safety.WRITE
        )

    async def update_project(self, gid: str, data: Params) -> models.Project:
        """Set fields of a project."""
        path = f"/projects/{gid}"
        return await self._write("PUT", path, data, models.Project, queries.PROJECT_FULL)

    async def search(self, workspace: str, params: Params) -> models.Slice[models.Task]:
        """Return tasks that match; the index is 10 to 60 s behind, and there is no paging.

        Raises:
            PlanRequired: the workspace is on a free plan.
        """
        path = f"/workspaces/{workspace}/tasks/search"
        return await self._page(path, models.Task, queries.TASK, params, None)

    async def typeahead(self, workspace: str, query: str) -> models.Slice[models.Task]:
        """Return at most 100 tasks whose name matches; neither exact nor complete."""
        params = {"resource_type": "task", "query": query, "count": PAGE}
        path = f"/workspaces/{workspace}/typeahead"
        return await self._page(path, models.Task, queries.TASK, params, None)

    async def tasks(
        self,
        path: str,
        params: Params | None = None,
        *,
        limit: int = PAGE,
        offset: str | None = None,
        fields: str = queries.TASK,
    ) -> models.Slice[models.Task]:
        """Return the tasks of a list, as it stands now.

        Args:
            path: ``/tasks`` with *params*, or ``/sections/{gid}/tasks`` and its kin.
            params: ``project``, or ``assignee`` and ``workspace``, and conditions.
            limit: Tasks on a page.
            offset: Where the page starts.
            fields: ``opt_fields``.
        """
        return await self._page(path, models.Task, fields, params, limit, offset)

    async def noted(
        self, path: str, params: Params, *, offset: str | None = None
    ) -> models.Slice[models.Noted]:
        """Return the notes of a list's tasks or projects, as they stand now."""
        return await self._page(path, models.Noted, "notes", params, PAGE, offset)

    async def named(self, path: str, *, limit: int = PAGE) -> models.Slice[models.Named]:
        """Return what a list such as ``/tasks/{gid}/dependencies`` holds, by name."""
        return await self._page(path, models.Named, queries.NAMED, None, limit)

    async def task(self, gid: str) -> models.Task:
        """Return one task; *gid* may be ``external:<our id>`` for an OAuth app."""
        return await self._get(f"/tasks/{gid}", models.Task, queries.TASK_FULL)

    async def task_list(self, workspace: str) -> models.TaskList:
        """Return the token owner's "My tasks"."""
        path = "/users/me/user_task_list"
        return await self._get(path, models.TaskList, "gid", {"workspace": workspace})

    async def create_task(self, data: Params) -> models.Task:
        """Create a task."""
        return await self._write(
            "POST", "/tasks", data, models.Task, queries.TASK_FULL, Safety.WRITE
        )

    async def update_task(self, gid: str, data: Params) -> models.Task:
        """Set fields of a task."""
        return await self._write("PUT", f"/tasks/{gid}", data, models.Task, queries.TASK_FULL)

    async def change_task(self, path: str, data: Params) -> None:
        """Change what a task belongs to (``/tasks/{gid}/addTag`` and its kin).

        Each of them sets a state, so doing it again changes nothing.
        """
        await self._send("POST", path, Safety.IDEMPOTENT, json={"data": data})

    async def stories(
        self, task: str, *, limit: int = PAGE, offset: str | None = None
    ) -> models.Slice[models.Story]:
        """Return a task's comments and history, oldest first."""
        path = f"/tasks/{task}/stories"
        return await self._page(path, models.Story, queries.STORY, None, limit, offset)

    async def create_story(self, task: str, data: Params) -> models.Story:
        """Add a comment."""
        path = f"/tasks/{task}/stories"
        return await self._write("POST", path, data, models.Story, queries.STORY, Safety.WRITE)

    async def _get(
        self, path: str, model: type[RecordT], fields: str, params: Params | None = None
    ) -> RecordT:
        answer = await self._send("GET", path, params={"opt_fields": fields, **(params or {})})
        return _parsed(model, _data(answer))

    async def _page(
        self,
        path: str,
        model: type[RecordT],
        fields: str,
        params: Params | None = None,
        limit: int | None = PAGE,
        offset: str | None = None,
    ) -> models.Slice[RecordT]:
        paging = {"limit": limit, "offset": offset}
        answer = await self._send(
            "GET", path, params={**paging, "opt_fields": fields, **(params or {})}
        )
        next_page = answer.body.get("next_page") if isinstance(answer.body, dict) else None
        return models.Slice(
            tuple(_parsed(model, each) for each in _data(answer)),
            next_page.get("offset") if isinstance(next_page, dict) else None,
        )

    async def _write(
        self,
        method: str,
        path: str,
        data: Params,
        model: type[RecordT],
        fields: str,
        safety: Safety = Safety.IDEMPOTENT,
    ) -> RecordT:
        deadline = current()
        share = None if deadline is None else Deadline.after(deadline.remaining() * _WRITE_SHARE)
        with spending(share):
            answer = await self._send(
                method, path, safety, params={"opt_fields": fields}, json={"data": data}
            )
        try:
            return _parsed(model, _data(answer))
        except FleetError as error:  # it was done, but what came back says nothing
            raise UnknownOutcome(error.message, provider=PROVIDER) from error

    async def _send(
        self, method: str, path: str, safety: Safety = Safety.READ, **request: Any
    ) -> HttpAnswer:
        if not self._configured:
            raise Unauthenticated(f"ASANA_ACCESS_TOKEN is not set: {MISSING}", provider=PROVIDER)
        return await self._http.send(method, path, safety=safety, **request)


@asynccontextmanager
async def connected(
    settings: AsanaSettings, clock: Clock | None = None
) -> AsyncGenerator[AsanaClient]:
    """Yield a client for *settings*; without a token it refuses every call."""
    quota = Quota(clock or SystemClock())
    token = settings.access_token

    def classified(answer: HttpAnswer) -> FleetError | None:
        failure = classify(answer.status, answer.body, answer.retry_after_seconds)
        quota.note(failure)
        return failure

    async with HttpClient(
        PROVIDER,
        str(settings.base_url),
        classify=classified,
        headers={"authorization": f"Bearer {token.get_secret_value()}"} if token else {},
        timeout_seconds=settings.timeout_seconds,
    ) as http:
        yield AsanaClient(http, quota, configured=token is not None)


def _flag(value: bool | None) -> str | None:  # noqa: FBT001 -- a value, not a switch
    return None if value is None else str(value).lower()


def _data(answer: HttpAnswer) -> Any:
    if isinstance(answer.body, dict) and "data" in answer.body:
        return answer.body["data"]
    raise Unavailable("Asana answered without data; check ASANA_BASE_URL", provider=PROVIDER)


def _parsed(model: type[RecordT], data: Any) -> RecordT:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Internal(
            f"Asana's {model.__name__.lower()} has another form: {where}: {first['msg']}",
            provider=PROVIDER,
        ) from error
