"""A list as one endpoint shows it: cut into pages that go on although servers come and go."""

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

import orjson

from gateway.hints import Hints
from kit import paging
from kit.errors import Invalid

Json = dict[str, Any]
PAGE: Final = 1_000
"""Items; a list is only cut when a client could hardly take it whole."""


class Entry(NamedTuple):
    """One item.

    Attributes:
        server: Whose; empty: the gateway's own.
        key: Its name or URI as shown.
        item: As shown.
    """

    server: str
    key: str
    item: Json


class Page(NamedTuple):
    """One page of a list.

    Attributes:
        items: JSON, ready to be put into a result.
        cursor: Where the list goes on; None: it has ended.
    """

    items: orjson.Fragment
    cursor: str | None


class Entries:
    """One list; the entries of a server stand together.

    Args:
        entries: In order.
        hints: How long the list may be kept, and for whom.
    """

    def __init__(self, entries: Iterable[Entry], hints: Hints) -> None:
        self.entries = tuple(entries)
        self.hints = hints
        self._rendered: dict[tuple[Callable[[Json], Json] | None, int, int], orjson.Fragment] = {}

    def page(
        self,
        cursor: object,
        *,
        scope: str,
        form: Callable[[Json], Json] | None = None,
        size: int = PAGE,
    ) -> Page:
        """Return the page at *cursor*; None: the first.

        Args:
            cursor: As an earlier page gave it, maybe of an earlier state of the list.
            scope: What it is a list of; a cursor of another one is refused.
            form: Makes an item into what the client can read; it must be a module's function.
            size: Items on a page.

        Raises:
            Invalid: it is no cursor of this list.
        """
        start = 0 if cursor is None else self._start(paging.decode(str(cursor), scope=scope))
        end = min(start + size, len(self.entries))
        following = None
        if end < len(self.entries):
            following = paging.encode(self._position(end - 1), scope=scope)
        return Page(self._json(form, start, end), following)

    def _json(self, form: Callable[[Json], Json] | None, start: int, end: int) -> orjson.Fragment:
        found = self._rendered.get((form, start, end))
        if found is None:
            items = [entry.item for entry in self.entries[start:end]]
            shown = items if form is None else [form(item) for item in items]
            found = orjson.Fragment(orjson.dumps(shown))
            self._rendered[form, start, end] = found
        return found

    # A cursor names the last item that was given, and where it stood should it be gone.

    @cached_property
    def _places(self) -> Mapping[tuple[str, str], int]:
        return {(each.server, each.key): place for place, each in enumerate(self.entries)}

    @cached_property
    def _servers(self) -> Mapping[str, int]:
        """Where each server's entries start; in order."""
        starts: dict[str, int] = {}
        for place, each in enumerate(self.entries):
            starts.setdefault(each.server, place)
        return starts

    def _position(self, place: int) -> Json:
        entry = self.entries[place]
        return {
            "s": entry.server,
            "k": entry.key,
            "o": place - self._servers[entry.server],
            "n": list(self._servers).index(entry.server),
        }

    def _start(self, position: Json) -> int:
        match position:
            case {"s": str(server), "k": str(key), "o": int(offset), "n": int(rank)} if (
                min(offset, rank) >= 0
            ):
                pass
            case _:
                raise Invalid("cursor: not one of this list", field="cursor")
        place = self._places.get((server, key))
        if place is not None:
            return place + 1
        starts = [*self._servers.values(), len(self.entries)]
        if server not in self._servers:  # those behind it have moved up to its rank
            return starts[min(rank, len(starts) - 1)]
        rank = list(self._servers).index(server)
        return min(starts[rank] + offset, starts[rank + 1])
