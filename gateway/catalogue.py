"""What each server offers: its lists, kept when the server cannot be asked.

A failed list never looks like an empty one: the last good list stays, marked stale with
the reason, and an empty tool list from a server that had tools counts as a failure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from gateway.about import UNKNOWN, About, read_about
from gateway.hints import Hints
from gateway.listing import KEPT, Kind, Listing, read_listing, renewed_listing
from gateway.params import Mirrored, mirrored
from gateway.upstream.client import Upstream
from kit.errors import FleetError

Json = dict[str, Any]
_NOTHING: Final = Listing()


@dataclass(frozen=True)
class Catalogue:
    """What one server offers.

    Attributes:
        tools: As the server listed them, in its order.
        at: When they were listed (aware).
        problem: Why the newest attempt to list them failed; empty when it did not.
        hints: How long the tools may be kept, and for whom.
        about: What the server says of itself.
        others: Its other lists.
    """

    tools: tuple[Json, ...]
    at: datetime
    problem: str = ""
    hints: Hints = KEPT
    about: About = UNKNOWN
    others: Mapping[Kind, Listing] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Json]:
        """The tools by name."""
        return {tool["name"]: tool for tool in self.tools}

    @cached_property
    def mirrored(self) -> Mapping[str, tuple[Mirrored, ...]]:
        """What each tool wants mirrored in headers; tools that want nothing are left out."""
        found = {tool["name"]: mirrored(tool.get("inputSchema")) for tool in self.tools}
        return {name: wanted for name, wanted in found.items() if wanted}

    @property
    def told(self) -> tuple[About, str, Hints]:
        """What is said of it, beside its lists."""
        return self.about, self.problem, self.hints

    def listing(self, kind: Kind) -> Listing:
        """Return the list of *kind*; empty where the server has none."""
        if kind is Kind.TOOLS:
            return Listing(self.tools, self.hints, self.problem)
        return self.others.get(kind, _NOTHING)

    def differs(self, other: "Catalogue | None", kind: Kind) -> bool:
        """Say whether *other* has another list of *kind*."""
        return other is None or self.listing(kind).items != other.listing(kind).items


async def read(
    upstream: Upstream, seconds: float, now: datetime, last: Catalogue | None = None
) -> Catalogue:
    """Return what *upstream* offers now; *seconds* is for each of its lists.

    A server that does not say what it has is taken to have what it had.

    Raises:
        FleetError: it could not be asked, or its answer is no tool list.
    """
    about = await read_about(upstream, seconds) or (last.about if last else UNKNOWN)
    tools = await read_listing(upstream, Kind.TOOLS, seconds) if about.lists(Kind.TOOLS) else None
    others: dict[Kind, Listing] = {}
    for kind in (Kind.PROMPTS, Kind.RESOURCES, Kind.TEMPLATES):
        if about.lists(kind):
            try:
                others[kind] = await read_listing(upstream, kind, seconds)
            except FleetError as error:  # the tools are there: they are not lost with it
                others[kind] = Listing(problem=error.message)
    tools = tools or _NOTHING
    return Catalogue(tools.items, now, hints=tools.hints, about=about, others=others)


def renewed(last: Catalogue | None, newest: Catalogue | FleetError, now: datetime) -> Catalogue:
    """Return what is known after one attempt: the newest lists, or the last good ones, marked."""
    if last is None:
        return newest if isinstance(newest, Catalogue) else Catalogue((), now, newest.message)
    if isinstance(newest, FleetError):
        others = {kind: renewed_listing(each, newest) for kind, each in last.others.items()}
        return replace(last, problem=newest.message, others=others)
    others = {
        kind: renewed_listing(last.listing(kind), each) for kind, each in newest.others.items()
    }
    newest = replace(newest, others=others)
    if newest.tools or not last.tools:
        return newest
    return replace(newest, tools=last.tools, at=last.at, problem="it lists no tools any more")
