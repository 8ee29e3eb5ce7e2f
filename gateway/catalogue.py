"""What each server offers: its tool list, kept when the server cannot be asked.

A failed list never looks like an empty one: the last good list stays, marked stale with
the reason, and an empty list from a server that had tools counts as a failure.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from gateway.upstream.client import Upstream
from gateway.upstream.replies import RpcError
from kit.errors import FleetError, Unavailable

Json = dict[str, Any]
_MAX_PAGES = 100


@dataclass(frozen=True)
class Catalogue:
    """One server's tools.

    Attributes:
        tools: As the server listed them, in its order.
        at: When they were listed (aware).
        problem: Why the newest attempt to list failed; empty when it did not.
    """

    tools: tuple[Json, ...]
    at: datetime
    problem: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, Json]:
        """The tools by name."""
        return {tool["name"]: tool for tool in self.tools}


async def read(upstream: Upstream, seconds: float, now: datetime) -> Catalogue:
    """Return the tools that *upstream* lists now.

    Raises:
        FleetError: it could not be asked, or its answer is no tool list.
    """
    tools: list[Json] = []
    cursor: str | None = None
    for _ in range(_MAX_PAGES):
        params = {} if cursor is None else {"cursor": cursor}
        try:
            page = await upstream.ask("tools/list", params, seconds=seconds)
        except RpcError as error:
            message = f"{upstream.name} refused tools/list: {error.message}"
            raise Unavailable(message, provider=upstream.name) from error
        listed = page.get("tools")
        if not isinstance(listed, list):
            message = f"{upstream.name} answered tools/list without tools"
            raise Unavailable(message, provider=upstream.name)
        # One tool that is not one never empties the list.
        tools += [
            tool for tool in listed if isinstance(tool, dict) and isinstance(tool.get("name"), str)
        ]
        cursor = page.get("nextCursor")
        if not isinstance(cursor, str):
            return Catalogue(tuple(tools), now)
    raise Unavailable(f"{upstream.name} lists more than {_MAX_PAGES} pages", provider=upstream.name)


def renewed(last: Catalogue | None, newest: Catalogue | FleetError, now: datetime) -> Catalogue:
    """Return what is known after one attempt: the newest list, or the last good one, marked."""
    if isinstance(newest, Catalogue):
        if newest.tools or last is None or not last.tools:
            return newest
        problem = "it lists no tools any more"
        return Catalogue(last.tools, last.at, problem)
    if last is None:
        return Catalogue((), now, newest.message)
    return Catalogue(last.tools, last.at, newest.message)
