"""A legacy session's own stream (GET), and what the session asked to hear over it.

A session itself is only its sealed id. What it asked for is kept here while its stream is
open, and a while after: a client that comes back finds its subscriptions again. When room
is needed, sessions without a stream are forgotten first, the longest unused before others.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.edge.exchange import Exchange
from gateway.edge.hearing import PING_SECONDS, Hearing, changing
from gateway.edge.jsonrpc import INTERNAL_ERROR, Refused
from gateway.notices import Notice, Watcher
from gateway.surface import Surface

Json = dict[str, Any]
_KEPT: Final = 20_000


@dataclass(slots=True)
class Wishes:
    """What one session asked to hear.

    Attributes:
        level: The lowest level of log messages; None: it did not say.
        uris: The resources whose changes it wants to hear of.
        hearing: What hears for it, while its stream is open.
        watcher: What waits for it, while its stream is open.
    """

    level: str | None = None
    uris: set[str] = field(default_factory=set)
    hearing: Hearing | None = None
    watcher: Watcher | None = None


class Streams:
    """The standing streams of all legacy sessions."""

    def __init__(self) -> None:
        self._wishes: OrderedDict[str, Wishes] = OrderedDict()

    def level(self, session: str | None) -> str | None:
        """Return the level that *session* set; None: it set none."""
        wishes = self._wishes.get(session) if session is not None else None
        return wishes.level if wishes else None

    def set_level(self, session: str, level: str) -> None:
        """Send *session* log messages from *level* on."""
        self._of(session).level = level

    async def subscribe(self, session: str, uri: str) -> None:
        """Tell *session* of changes of *uri*.

        Raises:
            Refused: its server does not tell of them.
        """
        wishes = self._of(session)
        wishes.uris.add(uri)
        hearing = wishes.hearing
        if hearing is not None and not await hearing.watch([uri]):
            wishes.uris.discard(uri)
            raise Refused(INTERNAL_ERROR, f"its server does not tell of changes of {uri}")

    def unsubscribe(self, session: str, uri: str) -> None:
        """Tell *session* of changes of *uri* no more."""
        wishes = self._of(session)
        wishes.uris.discard(uri)
        if wishes.hearing is not None:
            wishes.hearing.unwatch(uri)

    def end(self, session: str) -> None:
        """Forget *session* and end its stream."""
        wishes = self._wishes.pop(session, None)
        if wishes is not None and wishes.watcher is not None:
            wishes.watcher.end()

    async def serve(self, exchange: Exchange, surface: Surface, session: str) -> None:
        """Tell *session* over *exchange* what it asked for, until either side ends it."""
        wishes = self._of(session)
        if wishes.watcher is not None:  # it comes anew: the old stream may be dead already
            wishes.watcher.end()
        hearing = Hearing(surface, changing(surface))
        with surface.notices.watching(hearing.wants) as watcher:
            wishes.hearing, wishes.watcher = hearing, watcher
            try:
                await exchange.ping()
                await hearing.watch(wishes.uris)
                taken: list[Notice] = []
                while surface.alive() and not watcher.ended:
                    for message in hearing.told(taken):
                        await exchange.notify(message)
                    taken = await watcher.take(PING_SECONDS)
                    if not taken:
                        await exchange.ping()
            finally:
                hearing.close()
                if wishes.watcher is watcher:
                    wishes.hearing = wishes.watcher = None
        await exchange.empty(200)

    def _of(self, session: str) -> Wishes:
        wishes = self._wishes.get(session)
        if wishes is None:
            wishes = self._wishes[session] = Wishes()
            self._make_room()
        self._wishes.move_to_end(session)
        return wishes

    def _make_room(self) -> None:
        if len(self._wishes) <= _KEPT:
            return
        unheard = (name for name, each in self._wishes.items() if each.watcher is None)
        self._wishes.pop(next(unheard, next(iter(self._wishes))))
