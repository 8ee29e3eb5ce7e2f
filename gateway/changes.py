"""What changed, for whoever watches: bounded, latest kept, nobody holds others up."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

_KEPT = 256


class Change(NamedTuple):
    """One change.

    Attributes:
        number: Counts all changes; a gap tells a watcher that it missed some.
        kind: ``health.changed``, ``snapshot.swapped``, ``tools.changed``.
        data: What is known of it.
    """

    number: int
    kind: str
    data: dict[str, Any]


class Changes:
    """Gives each watcher what happens from now on."""

    def __init__(self) -> None:
        self._number = 0
        self._watchers: set[asyncio.Queue[Change]] = set()

    def publish(self, kind: str, data: dict[str, Any]) -> None:
        """Tell all watchers; one that is too slow loses its oldest."""
        self._number += 1
        change = Change(self._number, kind, data)
        for queue in self._watchers:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(change)

    async def watch(self) -> AsyncGenerator[Change]:
        """Yield changes until closed."""
        queue: asyncio.Queue[Change] = asyncio.Queue(_KEPT)
        self._watchers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.discard(queue)
