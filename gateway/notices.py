"""What servers say has changed, for the clients that asked to be told.

Each watcher has at most one notice of a kind waiting: a burst reaches a slow client as one.
"""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from typing import NamedTuple

from gateway.listing import Kind


class Notice(NamedTuple):
    """One change.

    Attributes:
        server: Whose.
        kind: The list that changed; templates count as resources.
        uri: Of the resource whose content changed, as its server calls it; empty: the list.
    """

    server: str
    kind: Kind
    uri: str = ""


class Watcher:
    """The notices that wait for one client.

    Args:
        wants: Says which notices are for it.
    """

    def __init__(self, wants: Callable[[Notice], bool]) -> None:
        self._wants = wants
        self._waiting: dict[Notice, None] = {}
        self._some = asyncio.Event()
        self.ended = False

    def tell(self, notice: Notice) -> None:
        """Keep *notice*, if it is wanted."""
        if self._wants(notice):
            self._waiting[notice] = None
            self._some.set()

    def end(self) -> None:
        """Say that no more will come."""
        self.ended = True
        self._some.set()

    async def take(self, seconds: float) -> list[Notice]:
        """Return what waits, in order; empty after *seconds* without any, or at the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._some.wait()
        if not self.ended:
            self._some.clear()
        taken, self._waiting = list(self._waiting), {}
        return taken


class Notices:
    """Gives each watcher what it wants to hear, from now on."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self._ended = False

    def publish(self, notice: Notice) -> None:
        """Tell all watchers."""
        for watcher in self._watchers:
            watcher.tell(notice)

    def end(self) -> None:
        """Tell all watchers, and those to come, that nothing more comes."""
        self._ended = True
        for watcher in self._watchers:
            watcher.end()

    @contextlib.contextmanager
    def watching(self, wants: Callable[[Notice], bool]) -> Generator[Watcher]:
        """Yield a watcher that is told while the block runs."""
        watcher = Watcher(wants)
        if self._ended:
            watcher.end()
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
