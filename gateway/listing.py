"""One list of one server: its tools, prompts, resources or resource templates."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from gateway.hints import Hints, hints_in, strictest
from gateway.upstream.client import Upstream
from gateway.upstream.replies import RpcError
from kit.errors import FleetError, Unavailable

Json = dict[str, Any]
KEPT: Final = Hints(5_000)
"""For a list whose server says nothing of keeping it."""
_MAX_PAGES: Final = 100


class Kind(StrEnum):
    """What is listed; the value is the key of its items in a result."""

    TOOLS = "tools"
    PROMPTS = "prompts"
    RESOURCES = "resources"
    TEMPLATES = "resourceTemplates"

    @property
    def method(self) -> str:
        """The method that lists it."""
        return "resources/templates/list" if self is Kind.TEMPLATES else f"{self}/list"

    @property
    def key(self) -> str:
        """What an item is called by."""
        return _KEYS[self]

    @property
    def capability(self) -> str:
        """What a server declares that has such a list."""
        return "resources" if self is Kind.TEMPLATES else self.value


_KEYS: Final = {
    Kind.TOOLS: "name",
    Kind.PROMPTS: "name",
    Kind.RESOURCES: "uri",
    Kind.TEMPLATES: "uriTemplate",
}


@dataclass(frozen=True)
class Listing:
    """One list, as a server gave it.

    Attributes:
        items: In the server's order.
        hints: How long it may be kept, and for whom.
        problem: Why the newest attempt to read it failed; empty when it did not.
    """

    items: tuple[Json, ...] = ()
    hints: Hints = KEPT
    problem: str = ""


async def read_listing(upstream: Upstream, kind: Kind, seconds: float) -> Listing:
    """Return what *upstream* lists now.

    Raises:
        FleetError: it could not be asked, or its answer is no such list.
    """
    items: list[Json] = []
    hints: list[Hints] = []
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        params: Mapping[str, str] = {} if cursor is None else {"cursor": cursor}
        try:
            page = await upstream.ask(kind.method, params, seconds=seconds)
        except RpcError as error:
            message = f"{upstream.name} refused {kind.method}: {error.message}"
            raise Unavailable(message, provider=upstream.name) from error
        listed = page.get(kind)
        if not isinstance(listed, list):
            message = f"{upstream.name} answered {kind.method} without {kind}"
            raise Unavailable(message, provider=upstream.name)
        hints.append(hints_in(page, KEPT))
        # One item that is not one never empties the list.
        items += [
            item
            for item in listed
            if isinstance(item, dict) and isinstance(item.get(kind.key), str)
        ]
        cursor = page.get("nextCursor")
        if not isinstance(cursor, str):
            return Listing(tuple(items), strictest(hints, KEPT))
    raise Unavailable(f"{upstream.name} lists more than {_MAX_PAGES} pages", provider=upstream.name)


def renewed_listing(last: Listing, newest: Listing | FleetError) -> Listing:
    """Return what is known after one attempt: the newest list, or the last good one, marked."""
    if isinstance(newest, FleetError):
        return replace(last, problem=newest.message)
    if newest.problem:
        return replace(last, problem=newest.problem)
    return newest
