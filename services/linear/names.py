"""Names to ids, as people say them: looked up at Linear, kept for a short while.

An unknown or ambiguous name is ``Invalid`` and names the choices. Nothing is fetched
before it is asked for, and only what was found is kept.
"""

import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from kit.clock import Clock
from kit.errors import Invalid
from services.linear.client import Json, LinearClient
from services.linear.errors import VENDOR
from services.linear.models.projects import Cycle, Label, Milestone, Project
from services.linear.models.wire import State, Team, User

T = TypeVar("T")
_KEPT: Final = 1000  # entries; the oldest go first
_SHOWN: Final = 15  # choices in a message
_PAGE: Final = 50
CATEGORY_TYPES: Final = {
    "backlog": ("backlog",),
    "todo": ("unstarted",),
    "in_progress": ("started",),
    "done": ("completed",),
    "canceled": ("canceled", "duplicate"),
    "open": ("triage", "backlog", "unstarted", "started"),
}
STATE_TYPES: Final = (
    "triage",
    "backlog",
    "unstarted",
    "started",
    "completed",
    "canceled",
    "duplicate",
)


class Names:
    """Finds what a name means.

    Args:
        client: Where to look.
        clock: For the age of what is kept.
        ttl_seconds: How long a name is kept.
    """

    def __init__(self, client: LinearClient, clock: Clock, ttl_seconds: float) -> None:
        self._client = client
        self._clock = clock
        self._ttl = ttl_seconds
        self._kept: dict[tuple[str, ...], tuple[float, Any]] = {}

    def __len__(self) -> int:
        """Return how many names are kept."""
        return len(self._kept)

    async def kept(self, key: tuple[str, ...], find: Callable[[], Awaitable[T]]) -> T:
        """Return what is kept under *key*, or find it; a failure is not kept."""
        kept = self._kept.get(key)
        if kept is not None and self._clock.now() < kept[0]:
            value: T = kept[1]
            return value
        value = await find()
        self._kept.pop(key, None)
        self._kept[key] = (self._clock.now() + self._ttl, value)
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return value

    def forget(self) -> None:
        """Look everything up anew from now on."""
        self._kept.clear()

    async def teams(self) -> tuple[Team, ...]:
        """Return all teams with their states."""
        return await self.kept(("teams",), self._all_teams)

    async def _all_teams(self) -> tuple[Team, ...]:
        page = await self._client.teams(first=_PAGE)
        teams = list(page.nodes)
        while page.next_cursor is not None:
            page = await self._client.teams(first=_PAGE, after=page.next_cursor)
            teams.extend(page.nodes)
        return tuple(
            team.model_copy(update={"states": tuple(sorted(team.states, key=_position))})
            for team in teams
        )

    async def team(self, text: str, field: str = "team") -> Team:
        """Return the team with that key, name or id."""
        for fresh in (False, True):
            if fresh:
                self._kept.pop(("teams",), None)
            teams = await self.teams()
            found = [t for t in teams if _same(text, t.key) or text == t.id]
            found = found or [t for t in teams if _same(text, t.name)]
            if found:
                return _only(found, "team", text, field, [each.key for each in found])
        raise _unknown("team", text, field, (f"{team.key} ({team.name})" for team in teams))

    async def state(self, team_id: str, text: str, field: str = "state") -> State:
        """Return the team's state with that name, Linear type or category (its first)."""
        team = next((each for each in await self.teams() if each.id == team_id), None)
        states = () if team is None else team.states
        found = [state for state in states if _same(text, state.name)]
        if not found:
            types = CATEGORY_TYPES.get(text.lower(), (text.lower(),))
            found = [state for state in states if state.type in types][:1]
        if found:
            return found[0]
        raise _unknown("state", text, field, (state.name for state in states))

    async def state_condition(self, text: str, team: Team | None, field: str = "state") -> Json:
        """Return the filter for issues in that state, Linear type or category."""
        teams = await self.teams() if team is None else (team,)
        names = {state.name.casefold(): state.name for each in teams for state in each.states}
        if text.casefold() in names:
            return {"name": {"eqIgnoreCase": text}}
        types = CATEGORY_TYPES.get(text.lower())
        if types is None and text.lower() in STATE_TYPES:
            types = (text.lower(),)
        if types is not None:
            return {"type": {"in": list(types)}}
        extra = [each for each in CATEGORY_TYPES if each not in names]
        raise _unknown("state", text, field, (*names.values(), *extra))

    async def person(self, text: str, field: str = "assignee") -> User:
        """Return the member with that e-mail, name or id; ``me`` is whose credential it is."""
        if text.lower() == "me":
            return await self.kept(("me",), self._client.viewer)
        return await self.kept(("person", text.casefold()), lambda: self._person(text, field))

    async def _person(self, text: str, field: str) -> User:
        page = await self._client.users(person_filter(text), first=_PAGE)
        exact = [u for u in page.nodes if _same(text, u.email) or u.id == text]
        exact = exact or [
            u for u in page.nodes if _same(text, u.name) or _same(text, u.display_name or "")
        ]
        found = exact or list(page.nodes)
        if found:
            return _only(found, "person", text, field, [user.email for user in found])
        raise Invalid(
            f"{field}: nobody at Linear is {text!r}; give a whole e-mail address, or "
            "find people with linear_list_users",
            provider=VENDOR,
            field=field,
        )

    async def label_ids(self, names: Iterable[str], team_id: str, field: str) -> list[str]:
        """Return the ids of labels that an issue of that team can have."""
        return [(await self.label(name, team_id, field)).id for name in dict.fromkeys(names)]

    async def label(self, name: str, team_id: str | None, field: str) -> Label:
        """Return the label with that name: the team's (any team's for None) or everyone's."""
        return await self.kept(
            ("label", team_id or "", name.casefold()), lambda: self._label(name, team_id, field)
        )

    async def _label(self, name: str, team_id: str | None, field: str) -> Label:
        here: Json = {}
        if team_id is not None:
            here = {"or": [{"team": {"null": True}}, {"team": {"id": {"eq": team_id}}}]}
        same = {"and": [here, {"name": {"eqIgnoreCase": name}}]}
        found = (await self._client.labels(same, first=_PAGE)).nodes
        usable = [each for each in found if not each.is_group]
        if usable:  # a team's own label goes before the workspace's
            return min(usable, key=lambda each: each.team is None)
        if found:
            raise Invalid(
                f"{field}: {name!r} is a group of labels; name one label in it",
                provider=VENDOR,
                field=field,
            )
        there = await self._client.labels(here, first=_PAGE)
        choices = [each.name for each in there.nodes if not each.is_group]
        raise _unknown("label", name, field, choices, more=there.next_cursor is not None)

    async def project(self, text: str, field: str = "project") -> Project:
        """Return the project with that name, id or URL slug."""
        return await self.kept(("project", text.casefold()), lambda: self._project(text, field))

    async def _project(self, text: str, field: str) -> Project:
        exact: Json = {"or": [{"name": {"eqIgnoreCase": text}}, {"slugId": {"eq": text}}]}
        if _is_uuid(text):
            exact = {"id": {"eq": text}}
        found = (await self._client.projects(exact, first=_PAGE)).nodes
        if found:
            return _only(found, "project", text, field, [f"{p.name} = {p.id}" for p in found])
        there = await self._client.projects({}, first=_PAGE)
        choices = [project.name for project in there.nodes]
        raise _unknown("project", text, field, choices, more=there.next_cursor is not None)

    async def project_status(self, text: str, field: str = "status") -> State:
        """Return the project status with that name or type."""
        statuses = await self.kept(("project statuses",), self._client.project_statuses)
        found = [each for each in statuses if _same(text, each.name)]
        found = found or [each for each in statuses if _same(text, each.type)][:1]
        if found:
            return found[0]
        raise _unknown("project status", text, field, (each.name for each in statuses))

    async def milestone(self, project_id: str, text: str, field: str = "milestone") -> Milestone:
        """Return the project's milestone with that name or id."""
        project = await self._client.project(project_id)
        found = [m for m in project.milestones if _same(text, m.name) or m.id == text]
        if found:
            return _only(found, "milestone", text, field, [each.id for each in found])
        raise _unknown("milestone", text, field, (each.name for each in project.milestones))

    async def cycle(self, team_id: str, text: str, field: str = "cycle") -> Cycle:
        """Return the team's cycle: its number, name, ``current``, ``next`` or ``previous``."""
        condition = {"team": {"id": {"eq": team_id}}, **cycle_condition(text)}
        found = (await self._client.cycles(condition, first=_PAGE)).nodes
        if found:
            return _only(found, "cycle", text, field, [str(each.number) for each in found])
        there = await self._client.cycles({"team": {"id": {"eq": team_id}}}, first=_PAGE)
        choices = [str(cycle.number) for cycle in there.nodes]
        raise _unknown("cycle", text, field, ["current", "next", "previous", *choices])


def cycle_condition(text: str) -> Json:
    """Return the filter for the cycle that *text* says."""
    flags = {"current": "isActive", "next": "isNext", "previous": "isPrevious"}
    if text.lower() in flags:
        return {flags[text.lower()]: {"eq": True}}
    if text.isdecimal():
        return {"number": {"eq": int(text)}}
    return {"name": {"eqIgnoreCase": text}}


def person_filter(text: str) -> Json:
    """Return the filter for people by whole e-mail, by id, or by part of a name."""
    if "@" in text:
        return {"email": {"eqIgnoreCase": text}}
    if _is_uuid(text):
        return {"id": {"eq": text}}
    return {"or": [{name: {"containsIgnoreCase": text}} for name in ("name", "displayName")]}


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def _position(state: State) -> tuple[int, float]:
    order = STATE_TYPES.index(state.type) if state.type in STATE_TYPES else len(STATE_TYPES)
    return order, state.position


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _only(found: Sequence[T], kind: str, text: str, field: str, choices: Sequence[str]) -> T:
    if len(found) == 1:
        return found[0]
    raise Invalid(
        f"{field}: {text!r} fits more than one {kind}: {', '.join(choices[:_SHOWN])}",
        provider=VENDOR,
        field=field,
    )


def _unknown(
    kind: str, text: str, field: str, choices: Iterable[str], *, more: bool = False
) -> Invalid:
    names = sorted(dict.fromkeys(choices), key=str.casefold)
    shown = ", ".join(names[:_SHOWN]) or "none at all"
    rest = ", ..." if more or len(names) > _SHOWN else ""
    message = f"{field}: Linear has no {kind} {text!r} here; there is {shown}{rest}"
    return Invalid(message, provider=VENDOR, field=field)
