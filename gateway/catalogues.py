"""Every server's catalogue, read in the background and read again when something changed.

What is learned together is made known together: a fleet that starts compiles its table once,
not once a server, and a burst of changes becomes one.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from gateway.catalogue import Catalogue, read, renewed
from gateway.changes import Changes
from gateway.listing import Kind
from gateway.notices import Notice, Notices
from gateway.standing import Subscriptions
from gateway.upstream.client import Upstream
from kit import log
from kit.clock import Clock
from kit.errors import FleetError
from registry.model import Server

Json = dict[str, Any]
_log = log.get(__name__)
_READERS: Final = 8
_CHANGED: Final = {
    f"notifications/{kind}/list_changed": kind
    for kind in (Kind.TOOLS, Kind.PROMPTS, Kind.RESOURCES)
}
_TOGETHER_SECONDS: Final = 0.05
_CALM_SECONDS: Final = 0.5
"""Between two readings of one server's lists that it asked for by notifications."""


class Catalogues:
    """What all servers offer.

    Args:
        refresh_seconds: How often a server is read again without being asked to.
        clock: For when a list was read, and to wait.
        upstreams: By server name; read as it is at each use.
        server: Looks a server up in the registry.
        changes: Told of changed tools, for dashboards.
        learned: Called when catalogues have changed, before anyone is told.
    """

    def __init__(
        self,
        refresh_seconds: float,
        clock: Clock,
        upstreams: Mapping[str, Upstream],
        server: Callable[[str], Server | None],
        changes: Changes,
        learned: Callable[[], None],
    ) -> None:
        self.known: dict[str, Catalogue] = {}
        self.notices = Notices()
        self.subscriptions = Subscriptions(upstreams.get, self)
        self.ready = asyncio.Event()
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._upstreams = upstreams
        self._server = server
        self._changes = changes
        self._learned = learned
        self._wanted: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._soon: set[str] = set()
        self._reading = 0
        self._heard = False
        self._unread: set[str] = set()
        self._told: set[Notice] = set()
        self._due: dict[Notice, None] = {}
        self._dirty: set[str] = set()
        self._settling: asyncio.TimerHandle | None = None
        self._last_read: dict[str, float] = {}

    async def run(self) -> None:
        """Read what is wanted, and everything every so often, until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._tick(), name="refresh lists")
            tasks.create_task(self.subscriptions.run(), name="hear of changes")
            for _ in range(_READERS):
                tasks.create_task(self._read(), name="read lists")

    def adopt(self, names: Collection[str], *, heard: bool) -> None:
        """Take on *names* as the servers that there are; *heard*: the registry said so."""
        self._heard = heard
        for gone in self.known.keys() - names:
            lost = self.known.pop(gone)
            self.subscriptions.drop(gone)
            self._due.update(_notices(gone, [k for k in Kind if lost.listing(k).items]))
        self._unread = (self._unread & set(names)) | (set(names) - self.known.keys())
        self._settle()

    def want(self, name: str) -> None:
        """Have the lists of server *name* read soon."""
        self._soon.discard(name)
        if name not in self._queued:
            self._queued.add(name)
            self._wanted.put_nowait(name)

    def renew(self, name: str) -> None:
        """Ask server *name* everything again: it is new, or back."""
        self.want(name)
        self.subscriptions.poke(name)

    def heard(self, server: str, message: Json) -> None:
        """Take one notification that *server* sent of its own accord.

        Whoever watches a list is told once it was read, whether or not it differs: the
        server may mean what the list does not show.
        """
        method = message.get("method")
        kind = _CHANGED.get(method) if isinstance(method, str) else None
        if kind is not None:
            self._told.add(Notice(server, kind))
            if server not in self._soon:
                loop = asyncio.get_running_loop()
                calm = loop.time() - self._last_read.get(server, 0.0) > _CALM_SECONDS
                wait = _TOGETHER_SECONDS if calm else _CALM_SECONDS
                self._soon.add(server)
                loop.call_later(wait, self.want, server)
        elif method == "notifications/resources/updated":
            params = message.get("params")
            uri = params.get("uri") if isinstance(params, dict) else None
            if isinstance(uri, str) and uri:
                self.notices.publish(Notice(server, Kind.RESOURCES, uri))

    def missed(self, server: str, uris: list[str]) -> None:
        """Take in that *server* may have changed unheard: its lists, and *uris*."""
        self.want(server)
        for uri in uris:
            self.notices.publish(Notice(server, Kind.RESOURCES, uri))

    async def _tick(self) -> None:
        while True:
            await self._clock.sleep(self._refresh_seconds)
            for name in self._upstreams:
                self.want(name)

    async def _read(self) -> None:
        while True:
            name = await self._wanted.get()
            self._queued.discard(name)
            upstream = self._upstreams.get(name)
            server = self._server(name)
            if upstream is None or server is None:
                continue
            told = {notice for notice in self._told if notice.server == name}
            self._told -= told
            self._reading += 1
            newest: Catalogue | FleetError
            try:
                seconds, now = server.health.timeout_seconds, self._clock.utc()
                newest = await read(upstream, seconds, now, self.known.get(name))
            except FleetError as error:
                newest = error
            finally:
                self._reading -= 1
            self._last_read[name] = asyncio.get_running_loop().time()
            self._learn(name, newest, told)

    def _learn(self, name: str, newest: Catalogue | FleetError, told: Collection[Notice]) -> None:
        if self._server(name) is None:  # it went while it was read
            return
        before = self.known.get(name)
        after = self.known[name] = renewed(before, newest, self._clock.utc())
        differing = [kind for kind in Kind if after.differs(before, kind)]
        self._due.update(_notices(name, differing))
        self._due.update(dict.fromkeys(told))
        if before is None or differing or before.told != after.told:
            self._dirty.add(name)
        self._unread.discard(name)
        self.subscriptions.declare(name, after.about)
        self._settle()

    def _settle(self) -> None:
        """Make known what was learned: at once, or, while more is being read, a little later."""
        if self._settling is None and (self._queued or self._reading):
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(_TOGETHER_SECONDS, self._settled)
        elif self._settling is None:
            self._settled()

    def _settled(self) -> None:
        self._settling = None
        dirty, self._dirty = self._dirty, set()
        due, self._due = self._due, {}
        if dirty:
            self._learned()
        for name in sorted(dirty & self.known.keys()):
            known = self.known[name]
            event = {"server": name, "tools": len(known.tools), "problem": known.problem}
            self._changes.publish("tools.changed", event)
            _log.info("tools.listed", **event)
        for notice in due:
            self.notices.publish(notice)
        if self._heard and not self._unread:
            self.ready.set()


def _notices(server: str, kinds: list[Kind]) -> dict[Notice, None]:
    """Return what is told of changed lists of *kinds*; templates count as resources."""
    told = (Kind.RESOURCES if kind is Kind.TEMPLATES else kind for kind in kinds)
    return dict.fromkeys(Notice(server, kind) for kind in told)
