"""All contact with Linear: one method a question, answers as models at once."""

from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from kit.clock import Clock, SystemClock
from kit.contract.operation import Safety
from kit.deadline import Deadline, current, spending
from kit.errors import FleetError, NotFound, Unauthenticated, UnknownOutcome
from kit.http import HttpAnswer, HttpClient
from services.linear import queries
from services.linear.errors import (
    VENDOR,
    EndpointLimited,
    Interrupted,
    Window,
    failure,
    windows,
)
from services.linear.models.issues import Comment, Issue, IssueDetail
from services.linear.models.projects import Cycle, Label, Project, ProjectDetail
from services.linear.models.wire import Connection, State, Team, User
from services.linear.settings import MISSING, LinearSettings

WireT = TypeVar("WireT", Issue, Comment, Project, Label)
Json = dict[str, Any]
SEARCH: Final = "searchIssues"
INCLUDES: Final = ("comments", "children", "relations", "attachments")
_WRITE_SHARE: Final = 0.6  # of what is left of the deadline; the rest is for reading back


class LinearClient:
    """Linear's GraphQL API; an async context manager.

    Every method raises FleetError for what Linear refuses (``errors.py``). A write whose
    outcome is unknown raises UnknownOutcome; one that was answered with ``success`` but
    without the thing returns None.

    Args:
        settings: Where Linear is and who we are.
        clock: For reset times of rate limits.

    Attributes:
        quota: The rate limits by scope, as the last answers told them.
    """

    def __init__(self, settings: LinearSettings, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._authorization = settings.authorization
        self.quota: dict[str, Window] = {}
        self._http = HttpClient(
            VENDOR,
            str(settings.base_url),
            classify=self._classify,
            headers={"authorization": self._authorization} if self._authorization else None,
            timeout_seconds=settings.timeout_seconds,
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.__aexit__(kind, error, trace)

    def spent(self, scope: str) -> bool:
        """Tell whether Linear last said that nothing is left of a limit, until later than now."""
        told = self.quota.get(scope)
        return told is not None and told.remaining <= 0 and told.resets_at > self._clock.utc()

    def _classify(self, answer: HttpAnswer) -> FleetError | None:
        self.quota.update({each.scope: each for each in windows(answer.headers)})
        return failure(answer, self._clock.utc())

    async def _send(self, document: str, variables: Mapping[str, Any], safety: Safety) -> Json:
        if self._authorization is None:
            raise Unauthenticated(f"no credential for Linear: {MISSING}", provider=VENDOR)
        try:
            answer = await self._http.send(
                "POST", json={"query": document, "variables": variables}, safety=safety
            )
        except Interrupted as error:
            if safety is Safety.READ:
                raise
            raise UnknownOutcome(error.message, provider=VENDOR) from error
        data: Json = answer.body["data"]
        return data

    async def _read(self, document: str, **variables: Any) -> Json:
        return await self._send(document, variables, Safety.READ)

    async def _read_one(self, kind: str, document: str, native_id: str, **more: Any) -> Any:
        """Return the one thing that a document asks for; its absence names *kind* and id."""
        try:
            (thing,) = (await self._read(document, id=native_id, **more)).values()
        except NotFound as error:
            raise NotFound(f"Linear has no {kind} {native_id[:100]!r}", provider=VENDOR) from error
        return thing

    async def _write(self, document: str, safety: Safety, **variables: Any) -> Json:
        deadline = current()
        share = None if deadline is None else Deadline.after(deadline.remaining() * _WRITE_SHARE)
        with spending(share):
            data = await self._send(document, variables, safety)
        (payload,) = data.values()
        if not payload["success"]:
            raise UnknownOutcome("Linear says neither success nor why not", provider=VENDOR)
        return dict(payload)

    async def _made(self, kind: type[WireT], document: str, thing: Json) -> WireT | None:
        """Create *thing*, which has an id of ours, and return it."""
        payload = await self._write(document, Safety.WRITE, input=thing)
        return _entity(kind, payload)

    async def _changed(
        self, kind: type[WireT], document: str, native_id: str, changes: Json
    ) -> WireT | None:
        payload = await self._write(document, Safety.IDEMPOTENT, id=native_id, input=changes)
        return _entity(kind, payload)

    async def viewer(self) -> User:
        """Return whose credential we hold."""
        return User.model_validate((await self._read(queries.VIEWER))["viewer"])

    async def issues(
        self, condition: Json, *, first: int, after: str | None, order: str, archived: bool = False
    ) -> Connection[Issue]:
        """Return issues that meet *condition*, newest first by *order*."""
        data = await self._read(
            queries.ISSUES,
            filter=condition,
            first=first,
            after=after,
            orderBy=order,
            includeArchived=archived,
        )
        return Connection[Issue].model_validate(data["issues"])

    async def search(
        self,
        term: str,
        condition: Json,
        *,
        first: int,
        after: str | None,
        order: str | None = None,
        archived: bool = False,
    ) -> Connection[Issue]:
        """Return issues about *term* that meet *condition*, best first unless ordered.

        Raises:
            EndpointLimited: over 30 of these a minute (schema, ``Query.searchIssues``).
        """
        if self.spent(SEARCH):
            raise EndpointLimited("Linear's searches are used up", provider=VENDOR, scope=SEARCH)
        data = await self._read(
            queries.SEARCH_ISSUES,
            term=term,
            filter=condition,
            first=first,
            after=after,
            orderBy=order,
            includeArchived=archived,
        )
        return Connection[Issue].model_validate(data["searchIssues"])

    async def issue(self, native_id: str, include: Iterable[str] = ()) -> IssueDetail:
        """Return one issue by ``ENG-12`` or UUID, with up to 50 each of what to *include*."""
        wanted = {name: name in tuple(include) for name in INCLUDES}
        found = await self._read_one("issue", queries.ISSUE, native_id, **wanted)
        return IssueDetail.model_validate(found)

    async def create_issue(self, issue: Json) -> Issue | None:
        """Create an issue."""
        return await self._made(Issue, queries.ISSUE_CREATE, issue)

    async def update_issue(self, native_id: str, changes: Json) -> Issue | None:
        """Set fields of an issue."""
        return await self._changed(Issue, queries.ISSUE_UPDATE, native_id, changes)

    async def relation(self, native_id: str) -> None:
        """Return if there is such a relation of issues."""
        await self._read_one("relation", queries.RELATION, native_id)

    async def create_relation(self, relation: Json) -> None:
        """Relate two issues."""
        await self._write(queries.RELATION_CREATE, Safety.WRITE, input=relation)

    async def comment(self, native_id: str) -> Comment:
        """Return one comment."""
        found = await self._read_one("comment", queries.COMMENT, native_id)
        return Comment.model_validate(found)

    async def comments(self, issue: str, *, first: int, after: str | None) -> Connection[Comment]:
        """Return the comments on an issue."""
        found = await self._read_one("issue", queries.COMMENTS, issue, first=first, after=after)
        return Connection[Comment].model_validate(found["comments"])

    async def create_comment(self, comment: Json) -> Comment | None:
        """Add a comment."""
        return await self._made(Comment, queries.COMMENT_CREATE, comment)

    async def update_comment(self, native_id: str, body: str) -> Comment | None:
        """Replace a comment's text."""
        return await self._changed(Comment, queries.COMMENT_UPDATE, native_id, {"body": body})

    async def delete_comment(self, native_id: str) -> None:
        """Delete a comment."""
        await self._write(queries.COMMENT_DELETE, Safety.IDEMPOTENT, id=native_id)

    async def projects(
        self, condition: Json, *, first: int, after: str | None = None, archived: bool = False
    ) -> Connection[Project]:
        """Return projects, last changed first."""
        data = await self._read(
            queries.PROJECTS, filter=condition, first=first, after=after, includeArchived=archived
        )
        return Connection[Project].model_validate(data["projects"])

    async def project(self, native_id: str) -> ProjectDetail:
        """Return one project by UUID or the slug of its URL."""
        found = await self._read_one("project", queries.PROJECT, native_id)
        return ProjectDetail.model_validate(found)

    async def create_project(self, project: Json) -> Project | None:
        """Create a project."""
        return await self._made(Project, queries.PROJECT_CREATE, project)

    async def update_project(self, native_id: str, changes: Json) -> Project | None:
        """Set fields of a project."""
        return await self._changed(Project, queries.PROJECT_UPDATE, native_id, changes)

    async def project_statuses(self) -> tuple[State, ...]:
        """Return the statuses that a project can have."""
        data = await self._read(queries.PROJECT_STATUSES)
        return Connection[State].model_validate(data["projectStatuses"]).nodes

    async def cycles(
        self, condition: Json, *, first: int, after: str | None = None
    ) -> Connection[Cycle]:
        """Return cycles."""
        data = await self._read(queries.CYCLES, filter=condition, first=first, after=after)
        return Connection[Cycle].model_validate(data["cycles"])

    async def users(
        self, condition: Json, *, first: int, after: str | None = None, disabled: bool = False
    ) -> Connection[User]:
        """Return members of the workspace."""
        data = await self._read(
            queries.USERS, filter=condition, first=first, after=after, includeDisabled=disabled
        )
        return Connection[User].model_validate(data["users"])

    async def label(self, native_id: str) -> Label:
        """Return one label."""
        found = await self._read_one("label", queries.LABEL, native_id)
        return Label.model_validate(found)

    async def labels(
        self, condition: Json, *, first: int, after: str | None = None
    ) -> Connection[Label]:
        """Return labels of the workspace and of teams."""
        data = await self._read(queries.LABELS, filter=condition, first=first, after=after)
        return Connection[Label].model_validate(data["issueLabels"])

    async def create_label(self, label: Json) -> Label | None:
        """Create a label."""
        return await self._made(Label, queries.LABEL_CREATE, label)

    async def teams(self, *, first: int, after: str | None = None) -> Connection[Team]:
        """Return teams with their workflow states."""
        data = await self._read(queries.TEAMS, first=first, after=after)
        return Connection[Team].model_validate(data["teams"])


def _entity(kind: type[WireT], payload: Json) -> WireT | None:
    (thing,) = (value for name, value in payload.items() if name != "success")
    return None if thing is None else kind.model_validate(thing)
