"""Names to gids, as people say them: looked up at Asana, kept for a short while.

An unknown or ambiguous name is ``Invalid`` and names the choices. A name that is not among
what is kept is looked for once more, so that a new project is found at once.
"""

import difflib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from kit.clock import Clock
from kit.errors import Invalid, Unsupported
from services.asana import models
from services.asana.client import PAGE, AsanaClient
from services.asana.errors import PROVIDER
from services.asana.gids import is_gid, said
from services.asana.settings import AsanaSettings

T = TypeVar("T")
NamedT = TypeVar("NamedT", bound=models.Named)
_MOST: Final = 20  # pages of one list: 2,000 entries
_KEPT: Final = 500  # lists; the oldest go first
_SHOWN: Final = 15  # choices in a message
_FRESH: Final = 2.0  # seconds in which a missed name is not looked for again


class Unknown(Invalid):
    """Nothing in Asana is called so."""


class Names:
    """Finds what a name means.

    Args:
        client: Where to look.
        settings: Workspace, and how long a name is kept.
        clock: For the age of what is kept.
    """

    def __init__(self, client: AsanaClient, settings: AsanaSettings, clock: Clock) -> None:
        self._client = client
        self._settings = settings
        self._clock = clock
        self._kept: dict[tuple[str, ...], tuple[float, Any]] = {}

    async def _keep(
        self, key: tuple[str, ...], find: Callable[[], Awaitable[T]], younger: float | None = None
    ) -> T:
        """Return what is kept under *key*, or find it; a failure is not kept."""
        kept = self._kept.get(key)
        oldest = self._settings.names_ttl_seconds if younger is None else younger
        if kept is not None and self._clock.now() - kept[0] < oldest:
            value: T = kept[1]
            return value
        value = await find()
        self._kept.pop(key, None)
        self._kept[key] = (self._clock.now(), value)
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return value

    def forget(self) -> None:
        """Look everything up anew from now on."""
        self._kept.clear()

    async def workspace(self) -> str:
        """Return the gid of the workspace to work in.

        Raises:
            Invalid: the token sees several and ASANA_WORKSPACE names none of them.
        """
        wanted = self._settings.workspace
        if wanted is not None and is_gid(wanted):
            return wanted
        found = await self._keep(("workspaces",), self._workspaces)
        if wanted is not None:
            found = tuple(each for each in found if _same(each.name, wanted))
        if len(found) == 1:
            return found[0].gid
        seen = await self._keep(("workspaces",), self._workspaces)
        names = ", ".join(f"{each.name} = {each.gid}" for each in seen) or "none"
        raise Invalid(
            f"ASANA_WORKSPACE must name one workspace; the token sees {names}", provider=PROVIDER
        )

    async def _workspaces(self) -> tuple[models.Named, ...]:
        return (await self._client.workspaces()).items

    async def me(self) -> models.User:
        """Return the token's owner."""
        return await self._keep(("me",), self._client.me)

    async def users(self) -> tuple[models.User, ...]:
        """Return everyone in the workspace."""
        return await self._all("users", lambda w, o: self._client.users(workspace=w, offset=o))

    async def tags(self) -> tuple[models.Named, ...]:
        """Return the workspace's tags."""
        return await self._all("tags", lambda w, o: self._client.tags(w, offset=o))

    async def teams(self) -> tuple[models.Named, ...]:
        """Return the workspace's teams."""
        return await self._all("teams", lambda w, o: self._client.teams(w, offset=o))

    async def projects(
        self, team: str | None = None, *, archived: bool = False
    ) -> tuple[models.Project, ...]:
        """Return the projects of the workspace or of a team."""
        return await self._all(
            "projects" if team is None and not archived else f"projects {team} {archived}",
            lambda w, o: self._client.projects(workspace=w, team=team, archived=archived, offset=o),
        )

    async def sections(self, project: str, *, anew: bool = False) -> tuple[models.Named, ...]:
        """Return a project's sections, in their order; *anew* if what is kept is not fresh."""
        if anew:
            self._stale(("sections", project))

        async def find() -> tuple[models.Named, ...]:
            return (await self._client.sections(project)).items

        return await self._keep(("sections", project), find)

    async def fields(self, project: str) -> tuple[models.FieldDefinition, ...]:
        """Return the custom fields that a project offers."""

        async def find() -> tuple[models.FieldDefinition, ...]:
            settings = await self._client.field_settings(project)
            return tuple(each.custom_field for each in settings.items)

        return await self._keep(("fields", project), find)

    async def _all(
        self, kind: str, load: Callable[[str, str | None], Awaitable[models.Slice[NamedT]]]
    ) -> tuple[NamedT, ...]:
        workspace = await self.workspace()

        async def find() -> tuple[NamedT, ...]:
            page = await load(workspace, None)
            found = list(page.items)
            while page.offset is not None:
                if len(found) >= _MOST * PAGE:
                    raise Unsupported(
                        f"the workspace has over {_MOST * PAGE} {kind}, too many to look a name "
                        "up in; give the gid",
                        provider=PROVIDER,
                    )
                page = await load(workspace, page.offset)
                found.extend(page.items)
            return tuple(found)

        return await self._keep((kind,), find)

    async def user(self, text: str, field: str = "assignee") -> str:
        """Return the gid of the person with that e-mail, name or gid; ``me`` is ours."""
        if text.strip().casefold() == "me":
            return (await self.me()).gid

        return await self._gid("person", "users", self.users, text, field, _called)

    async def known_user(self, text: str) -> str | None:
        """Return the gid of the person with that e-mail (or ``me``), if there is one."""
        try:
            return await self.user(text)
        except Unknown:
            return None

    async def project(self, text: str, field: str = "project") -> str:
        """Return the gid of the project with that name, gid, ref or URL."""
        return await self._gid("project", "projects", self.projects, text, field)

    async def team(self, text: str, field: str = "team") -> str:
        """Return the gid of the team with that name or gid."""
        return await self._gid("team", "teams", self.teams, text, field)

    async def tag(self, text: str, field: str = "tags") -> str:
        """Return the gid of the tag with that name or gid."""
        return await self._gid("tag", "tags", self.tags, text, field)

    async def known_tag(self, text: str) -> str | None:
        """Return the gid of the tag with that name, if there is one."""
        try:
            return await self.tag(text)
        except Unknown:
            return None

    async def section(self, project: str, text: str, field: str = "section") -> str:
        """Return the gid of the project's section with that name or gid."""
        return await self._gid(
            "section", ("sections", project), lambda: self.sections(project), text, field
        )

    async def _gid(
        self,
        kind: str,
        kept: str | tuple[str, ...],
        load: Callable[[], Awaitable[Sequence[NamedT]]],
        text: str,
        field: str,
        same: Callable[[NamedT, str], bool] | None = None,
    ) -> str:
        gid, text = said(text, kind, field)
        if gid is not None:
            return gid
        key = (kept,) if isinstance(kept, str) else kept
        things: Sequence[NamedT] = ()
        for again in (False, True):
            if again and not self._stale(key):
                break
            things = await load()
            found = [t for t in things if (same(t, text) if same else _same(t.name, text))]
            if found:
                return _only(found, kind, text, field)
        raise _unknown(kind, text, field, (thing.name for thing in things))

    def _stale(self, key: tuple[str, ...]) -> bool:
        """Drop what is kept under *key* if it is old enough to be asked for again."""
        kept = self._kept.get(key)
        if kept is None or self._clock.now() - kept[0] < _FRESH:
            return False
        del self._kept[key]
        return True


def _called(user: models.User, text: str) -> bool:
    return _same(user.email or "", text) or _same(user.name, text)


def _same(one: str, other: str) -> bool:
    return one.casefold().strip() == other.casefold().strip()


def _only(found: Sequence[models.Named], kind: str, text: str, field: str) -> str:
    if len(found) == 1:
        return found[0].gid
    choices = ", ".join(f"{each.name} = {each.gid}" for each in found[:_SHOWN])
    raise Invalid(
        f"{field}: {text!r} is the name of more than one {kind}; give the gid: {choices}",
        provider=PROVIDER,
        field=field,
    )


def _unknown(kind: str, text: str, field: str, choices: Iterable[str]) -> Unknown:
    names = sorted(dict.fromkeys(choices), key=str.casefold)
    close = difflib.get_close_matches(text, names, n=3)
    shown = ", ".join([*close, *(each for each in names if each not in close)][:_SHOWN])
    more = ", ..." if len(names) > _SHOWN else ""
    return Unknown(
        f"{field}: Asana has no {kind} {text!r} here; there is {shown or 'none at all'}{more}",
        provider=PROVIDER,
        field=field,
    )
