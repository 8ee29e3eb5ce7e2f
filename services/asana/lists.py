"""Pages of people, projects, tags and teams: Asana's own, or of those whose name fits."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from kit import paging
from kit.errors import Invalid
from services.asana import models
from services.asana.errors import PROVIDER

NamedT = TypeVar("NamedT", bound=models.Named)
Load = Callable[[int, str | None], Awaitable[models.Slice[NamedT]]]


async def page(
    load: Load[NamedT],
    everything: Callable[[], Awaitable[Sequence[NamedT]]],
    *,
    query: str | None,
    limit: int,
    cursor: str | None,
    scope: str,
) -> tuple[tuple[NamedT, ...], str | None]:
    """Return one page and the cursor of the next.

    Args:
        load: Asks Asana for a page: how many, from which offset.
        everything: Returns the whole list, for a *query*.
        query: Part of a name or e-mail address; Asana's lists cannot be asked for that.
        limit: Entries on the page.
        cursor: Where it starts; None: at the beginning.
        scope: What it is a list of.

    Raises:
        Invalid: the cursor is of another list.
    """
    scope = f"asana:{scope}:{query!r}"
    position = paging.decode(cursor, scope=scope) if cursor else {}
    if query is None:
        offset = position.get("offset")
        if not isinstance(offset, str | None):
            raise _foreign()
        got = await load(limit, offset)
        following = got.offset and paging.encode({"offset": got.offset}, scope=scope)
        return got.items, following or None
    start = position.get("at", 0)
    if not isinstance(start, int) or start < 0:
        raise _foreign()
    found = [thing for thing in await everything() if _fits(thing, query)]
    end = start + limit
    more = paging.encode({"at": end}, scope=scope) if end < len(found) else None
    return tuple(found[start:end]), more


def _fits(thing: models.Named, query: str) -> bool:
    wanted = query.casefold()
    email = thing.email if isinstance(thing, models.User) else None
    return wanted in thing.name.casefold() or wanted in (email or "").casefold()


def _foreign() -> Invalid:
    return Invalid("cursor: it is not one of ours", provider=PROVIDER, field="cursor")
