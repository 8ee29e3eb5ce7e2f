"""Finding tasks, page by page, although Asana's search has no pages.

The search is asked for the newest first and then for what is older than the last one seen
(``created_at`` never changes, so nothing moves between pages). Tasks made in the same
millisecond are asked for again and left out by gid: none is lost, none comes twice.

A free plan has no search (402). Then the list of the project, section, person or tag that
was named is read and tested here: exact, and as fresh as can be. With words alone there is
only Asana's typeahead, which is neither exact nor complete, and the answer says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from kit import paging
from kit.clock import Clock
from kit.errors import Invalid, PlanRequired, Unsupported
from services.asana import models, queries
from services.asana.client import PAGE, AsanaClient
from services.asana.conditions import Conditions, StatusFilter, matches, parameters
from services.asana.errors import PROVIDER
from services.asana.queries import instant

_REMEMBERED: Final = 300.0  # seconds that a 402 is believed before the search is tried again
_TICK: Final = timedelta(milliseconds=1)  # of created_at
LIMITED: Final = (
    "Asana's search needs a paid plan; answered from its typeahead: at most 100 tasks, by name. "
    "Name a project, person or tag for a complete answer"
)


@dataclass(frozen=True, slots=True)
class Found:
    """One page.

    Attributes:
        items: Tasks, newest first.
        next_cursor: Where the next page starts; none: that was all.
        limited: What keeps the answer from being complete, if anything does.
    """

    items: tuple[models.Task, ...]
    next_cursor: str | None = None
    limited: str | None = None


class Searcher:
    """Searches tasks.

    Args:
        client: Where to look.
        clock: For how long a 402 is believed.
        requests: Most requests to Asana for one page.
    """

    def __init__(self, client: AsanaClient, clock: Clock, requests: int) -> None:
        self._client = client
        self._clock = clock
        self._requests = requests
        self._refused_until = -1.0

    async def page(
        self, wanted: Conditions, workspace: str, *, limit: int, cursor: str | None
    ) -> Found:
        """Return one page of tasks.

        Raises:
            PlanRequired: the plan has no search, and nothing was named that has a list.
            Invalid: the cursor is of another search.
        """
        scope = f"asana:{wanted!r}"
        position = paging.decode(cursor, scope=scope) if cursor else {}
        if "offset" in position or "skip" in position:
            return await self._listed(*_list_of(wanted, workspace), wanted, limit, position, scope)
        if self._clock.now() >= self._refused_until:
            try:
                return await self._searched(wanted, workspace, limit, position, scope)
            except PlanRequired:
                self._refused_until = self._clock.now() + _REMEMBERED
        if position:
            raise Invalid(
                "cursor: Asana's plan has no search any more; start again without it",
                provider=PROVIDER,
                field="cursor",
            )
        if wanted.listable:
            return await self._listed(*_list_of(wanted, workspace), wanted, limit, position, scope)
        if wanted.text:
            return await self._guessed(wanted, workspace, limit)
        raise PlanRequired(
            "Asana's search needs a paid plan; name words, a project, a person or a tag",
            provider=PROVIDER,
        )

    async def _searched(
        self, wanted: Conditions, workspace: str, limit: int, position: dict[str, Any], scope: str
    ) -> Found:
        """Walk the search's windows until *limit* tasks are there or enough was asked."""
        before, seen = _window(position)
        found: list[models.Task] = []
        ask = min(PAGE, limit + len(seen) + 1)
        for _ in range(self._requests):
            window = {} if before is None else {"created_at.before": instant(before + _TICK)}
            order = {"sort_by": "created_at", "sort_ascending": "false", "limit": ask}
            tasks = await self._client.search(workspace, {**parameters(wanted), **window, **order})
            fresh = [each for each in _newest_first(tasks.items) if each.gid not in seen]
            for task in fresh:
                if matches(wanted, task, text=False):
                    if len(found) == limit:
                        return Found(tuple(found), _cursor(before, seen, scope))
                    found.append(task)
                before, seen = _after(before, seen, task)
            if len(tasks.items) < ask:
                return Found(tuple(found))
            if not fresh:
                raise Unsupported(
                    "more than 100 tasks were made in the same millisecond and Asana cannot "
                    "page through them; narrow the search",
                    provider=PROVIDER,
                )
            ask = PAGE
        return Found(tuple(found), _cursor(before, seen, scope))

    async def mine(
        self, workspace: str, state: StatusFilter, *, limit: int, cursor: str | None
    ) -> Found:
        """Return one page of the token owner's "My tasks", in its order."""
        scope = f"asana:mine:{state}"
        position = paging.decode(cursor, scope=scope) if cursor else {}
        mine = await self._client.task_list(workspace)
        params = {"completed_since": "now" if state == "open" else None}
        path = f"/user_task_lists/{mine.gid}/tasks"
        return await self._listed(path, params, Conditions(state=state), limit, position, scope)

    async def _listed(
        self,
        path: str,
        params: dict[str, Any],
        wanted: Conditions,
        limit: int,
        position: dict[str, Any],
        scope: str,
    ) -> Found:
        """Walk the list that holds every match, and test each task."""
        offset = position.get("offset")
        skip = position.get("skip", 0)
        if not isinstance(skip, int) or not isinstance(offset, str | None):
            raise _foreign()
        found: list[models.Task] = []
        for _ in range(self._requests):
            page = await self._client.tasks(path, params, offset=offset, fields=queries.TASK_NOTES)
            for at, task in enumerate(page.items):
                if at < skip or not matches(wanted, task):
                    continue
                if len(found) == limit:
                    here = {"offset": offset, "skip": at}
                    return Found(tuple(found), paging.encode(here, scope=scope))
                found.append(task)
            offset, skip = page.offset, 0
            if offset is None:
                return Found(tuple(found))
            if len(found) == limit:
                break
        return Found(tuple(found), paging.encode({"offset": offset, "skip": 0}, scope=scope))

    async def _guessed(self, wanted: Conditions, workspace: str, limit: int) -> Found:
        guesses = await self._client.typeahead(workspace, wanted.text or "")
        found = [task for task in guesses.items if matches(wanted, task, text=False)]
        return Found(tuple(found[:limit]), limited=LIMITED)


def _window(position: dict[str, Any]) -> tuple[datetime | None, frozenset[str]]:
    """Return where the search stands: the time of the last task seen, and those of that time."""
    if not position:
        return None, frozenset()
    try:
        return datetime.fromisoformat(position["before"]), frozenset(position["seen"])
    except (KeyError, TypeError, ValueError):
        raise _foreign() from None


def _foreign() -> Invalid:
    return Invalid("cursor: it is not one of ours", provider=PROVIDER, field="cursor")


def _after(
    before: datetime | None, seen: frozenset[str], task: models.Task
) -> tuple[datetime, frozenset[str]]:
    """Return where the search stands once *task* has been looked at."""
    if before is not None and task.created_at == before:
        return before, seen | {task.gid}
    return task.created_at, frozenset({task.gid})


def _cursor(before: datetime | None, seen: frozenset[str], scope: str) -> str:
    at = None if before is None else before.isoformat()
    return paging.encode({"before": at, "seen": sorted(seen)}, scope=scope)


def _list_of(wanted: Conditions, workspace: str) -> tuple[str, dict[str, Any]]:
    """Return the path and parameters of the shortest list that holds every match."""
    since: dict[str, Any] = {
        "modified_since": wanted.updated_after and instant(wanted.updated_after),
        "completed_since": "now" if wanted.state == "open" else None,
    }
    if wanted.section:
        return "/tasks", {"section": wanted.section, **since}
    if wanted.project:
        return "/tasks", {"project": wanted.project, **since}
    if wanted.assignee:
        return "/tasks", {"assignee": wanted.assignee, "workspace": workspace, **since}
    return f"/tags/{wanted.tags[0]}/tasks", {}


def _newest_first(tasks: Sequence[models.Task]) -> list[models.Task]:
    """Return *tasks* in an order that does not depend on the search's mood."""
    return sorted(tasks, key=lambda task: (task.created_at, task.gid), reverse=True)
