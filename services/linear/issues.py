"""The jobs on issues: search, get, create, update, relate, comment."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

from kit.contract import tasks
from kit.errors import Conflict, FleetError, Invalid
from services.linear.arguments import Relations, SaveIssue, SearchIssues
from services.linear.client import Json, LinearClient
from services.linear.drafts import Draft, resolved
from services.linear.errors import VENDOR, EndpointLimited
from services.linear.filters import issue_filter, task_filter, with_words
from services.linear.mapping import ref_of
from services.linear.models.issues import Issue, IssueDetail, with_comments
from services.linear.models.wire import Connection, Team
from services.linear.names import Names
from services.linear.writes import Outcome, client_id, create_once, repeat

_BY_WORDS = "words:"  # goes before the cursor of a search that became a filter
SaveOutcome = Literal["created", "existing", "updated"]
CommentOutcome = Literal["created", "existing", "updated", "deleted", "absent"]


class Issues:
    """What is done with issues; people and things go by name.

    Args:
        client: Linear.
        names: Finds what names mean.
        default_team: Takes new issues when nothing says where they go.
    """

    def __init__(self, client: LinearClient, names: Names, default_team: str | None) -> None:
        self._client = client
        self._names = names
        self._default_team = default_team

    async def search(self, given: SearchIssues) -> Connection[Issue]:
        """Return a page of issues that meet all conditions."""
        parent = None if given.parent is None else (await self._client.issue(given.parent)).uuid
        condition = await issue_filter(given, self._names, parent)
        return await self._page(
            given, condition, order=given.order_by, archived=given.include_archived
        )

    async def search_tasks(self, given: tasks.Search) -> Connection[Issue]:
        """Return a page of issues for a search of the contract."""
        return await self._page(given, task_filter(given))

    async def _page(
        self,
        given: SearchIssues | tasks.Search,
        condition: Json,
        *,
        order: str | None = None,
        archived: bool = False,
    ) -> Connection[Issue]:
        """Return a page; words go to Linear's search, or while that is limited to a filter."""
        query, after = given.query, given.cursor
        by_words = after is not None and after.startswith(_BY_WORDS)
        if query is not None and not by_words:
            try:
                return await self._client.search(
                    query, condition, first=given.limit, after=after, order=order, archived=archived
                )
            except EndpointLimited:
                if after is not None:
                    raise
                by_words = True
        if query is not None:
            condition = with_words(condition, query)
        page = await self._client.issues(
            condition,
            first=given.limit,
            after=after.removeprefix(_BY_WORDS) if after else None,
            order=order or "updatedAt",
            archived=archived,
        )
        return page.marked(_BY_WORDS) if by_words else page

    async def get(
        self, text: str, include: Iterable[str], comments_cursor: str | None = None
    ) -> IssueDetail:
        """Return one issue whole; with a cursor, the comments that follow it."""
        wanted = set(include)
        if comments_cursor is None:
            return await self._client.issue(text, wanted)
        issue = await self._client.issue(text, wanted - {"comments"})
        page = await self._client.comments(issue.uuid, first=50, after=comments_cursor)
        return with_comments(issue, page)

    async def save(self, given: SaveIssue) -> tuple[Issue, SaveOutcome, tuple[str, ...]]:
        """Create or change an issue; return it, what was done, and what stayed undone."""
        draft, key = Draft.saved(given), given.idempotency_key
        if given.issue is None:
            for name in ("remove_labels", "clear", "if_updated_at"):
                if getattr(given, name):
                    message = f"{name} goes with issue: a new issue has nothing to lose"
                    raise Invalid(message, provider=VENDOR, field=name)
            if given.title is None:
                raise Invalid("a new issue needs a title", provider=VENDOR, field="title")
            team = await self.home(given.team, given.parent, given.project)
            return await self.create(draft, team, key, given.relations)
        issue, undone = await self.update(
            given.issue,
            draft,
            team=None if given.team is None else await self._names.team(given.team),
            unless_after=given.if_updated_at,
            relations=given.relations,
            key=key,
        )
        return issue, "updated", undone

    async def create(
        self, draft: Draft, team: Team, key: str, relations: Relations = ()
    ) -> tuple[Issue, Outcome, tuple[str, ...]]:
        """Return the new issue, whether this call made it, and what stayed undone."""
        others = await self._others(relations)
        values = await resolved(draft, self._names, team.id, None)
        if "addedLabelIds" in values:
            values["labelIds"] = values.pop("addedLabelIds")
        uuid = client_id("issue", key)
        issue, outcome = await create_once(
            lambda: self._client.create_issue({"id": uuid, "teamId": team.id, **values}),
            lambda: self._client.issue(uuid),
            hint=f"read task:{VENDOR}:{uuid} to see, {repeat(key)}",
        )
        return issue, outcome, await self._relate(issue, others, key)

    async def update(
        self,
        text: str,
        draft: Draft,
        *,
        team: Team | None = None,
        unless_after: datetime | None = None,
        relations: Relations = (),
        key: str = "",
    ) -> tuple[Issue, tuple[str, ...]]:
        """Return the changed issue, and what stayed undone.

        Raises:
            Conflict: it changed after *unless_after*; read just before the write.
            Invalid: there is nothing to change.
        """
        before = await self._client.issue(text, ("relations",) if relations else ())
        if unless_after is not None and before.updated_at > unless_after:
            raise Conflict(
                f"{before.id} was changed at {before.updated_at.isoformat()}",
                provider=VENDOR,
                existing_ref=ref_of("task", before.id),
            )
        others = await self._others(relations)
        moved = team is not None and team.id != before.team_id
        team_id = before.team_id if team is None else team.id
        link = before.project_link
        values = await resolved(draft, self._names, team_id, None if link is None else link.id)
        if moved:
            values["teamId"] = team_id
        if not values and not others:
            raise Invalid(f"nothing is given that would change {before.id}", provider=VENDOR)
        issue: Issue = before
        if values:
            issue = await self._client.update_issue(before.uuid, values) or (
                await self._client.issue(before.uuid)
            )
        known = {(each.relation, each.id) for each in before.relations or ()}
        missing = [
            (kind, other)
            for kind, other in others
            if (kind.removesuffix("_to"), other.id) not in known
        ]
        return issue, await self._relate(issue, missing, key)

    async def home(
        self, team: str | None, parent: str | None, project: str | None, *, field: str = "team"
    ) -> Team:
        """Return the team that a new issue goes to.

        The one that is named, else the parent's, else the default if the project has it,
        else the project's first, else the default, else the only one there is.
        """
        teams = await self._names.teams()
        default = None
        if self._default_team is not None:
            default = await self._names.team(self._default_team, "LINEAR_DEFAULT_TEAM")
        if team is not None:
            return await self._names.team(team, field)
        if parent is not None:
            return await self._names.team((await self._client.issue(parent)).team)
        if project is not None:
            keys = (await self._names.project(project)).teams
            if keys and (default is None or default.key not in keys):
                return await self._names.team(keys[0])
        if default is not None:
            return default
        if len(teams) == 1:
            return teams[0]
        raise Invalid(
            f"{field}: say which: {', '.join(each.key for each in teams) or 'there is none'} "
            "(or set LINEAR_DEFAULT_TEAM)",
            provider=VENDOR,
            field=field,
        )

    async def _others(self, relations: Relations) -> list[tuple[str, IssueDetail]]:
        """Return the issues to relate to; read first, so that a wrong one stops the write."""
        return [(kind, await self._client.issue(text)) for kind, text in relations]

    async def _relate(
        self, issue: Issue, others: Sequence[tuple[str, Issue]], key: str
    ) -> tuple[str, ...]:
        """Relate the issue, and return what could not be done: the issue itself is saved."""
        undone = []
        for kind, other in others:
            one, two = (other, issue) if kind == "blocked_by" else (issue, other)
            relation = {
                "id": client_id("relation", f"{key} {kind} {other.uuid}"),
                "issueId": one.uuid,
                "relatedIssueId": two.uuid,
                "type": "related" if kind == "related_to" else "blocks",
            }
            try:
                await self._create_relation(relation)
            except FleetError as error:
                undone.append(f"{kind} {other.id}: {error.code}: {error.message}")
        return tuple(undone)

    async def _create_relation(self, relation: Json) -> None:
        async def create() -> str:
            await self._client.create_relation(relation)
            return str(relation["id"])

        async def read() -> str:
            await self._client.relation(relation["id"])
            return str(relation["id"])

        await create_once(create, read, hint="read the issue's relations to see")
