"""What the gateway has servers tell it of their own accord: lists that change, resources too.

One standing stream a server (``subscriptions/listen``), opened when the server says that it
tells of changes and kept open, so that nothing is missed between a client's question and the
first change. To watch another resource a new stream is opened before the old one is closed.
A server of before 2026 tells over its session instead; resources it is asked for one by one.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable
from typing import Any, Final, Protocol

from gateway.about import About
from gateway.listing import Kind
from gateway.upstream.client import Upstream
from gateway.upstream.replies import RpcError
from kit import log
from kit.errors import FleetError

Json = dict[str, Any]
ACKNOWLEDGED: Final = "notifications/subscriptions/acknowledged"
FILTERS: Final = {
    "toolsListChanged": Kind.TOOLS,
    "promptsListChanged": Kind.PROMPTS,
    "resourcesListChanged": Kind.RESOURCES,
}
URIS: Final = "resourceSubscriptions"
_LISTEN: Final = "subscriptions/listen"
_METHOD_NOT_FOUND: Final = -32601
_STREAM_SECONDS: Final = 3600.0
_ACKNOWLEDGE_SECONDS: Final = 5.0
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_log = log.get(__name__)


class Ear(Protocol):
    """Takes what a server says of itself."""

    def heard(self, server: str, message: Json) -> None:
        """Take one notification of *server*."""
        ...

    def missed(self, server: str, uris: list[str]) -> None:
        """Take in that *server* may have said something unheard, also of *uris*."""
        ...


class Standing:
    """What one server is asked to tell.

    Args:
        server: Its name.
        link: Returns the way to ask it; None while there is none.
        ear: Takes what it tells.
    """

    def __init__(self, server: str, link: Callable[[], Upstream | None], ear: Ear) -> None:
        self._server = server
        self._link = link
        self._ear = ear
        self._about = About()
        self._uris: Counter[str] = Counter()
        self._wish = 0  # counts what is wanted; each change is one more
        self._granted = 0  # the wish that was answered last
        self._honoured: Json = {}
        self._changed = asyncio.Event()
        self._answered = asyncio.Event()
        self._singly = False
        self._subscribed: set[str] = set()
        self._stopped = False

    def declare(self, about: About) -> None:
        """Take in what the server says it can tell."""
        differs = self._filter(about) != self._filter(self._about)
        self._about = about
        if differs:
            self._wanting()

    def poke(self) -> None:
        """Ask again now: the server, or its session, is new."""
        self._singly = False
        self._subscribed.clear()
        self._wanting()

    def stop(self) -> None:
        """Ask for nothing more; ``run`` returns."""
        self._stopped = True
        self._changed.set()

    async def watch(self, uri: str, seconds: float) -> bool:
        """Have the server tell of changes of *uri*; say whether it agreed within *seconds*.

        Each call wants one ``unwatch``, whatever came of it.
        """
        self._uris[uri] += 1
        if not self._about.says("resources", "subscribe"):
            return False
        if self._uris[uri] == 1:
            self._wanting()
        wish = self._wish
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._granted < wish:
                    await self._answered.wait()
        return uri in self._honoured.get(URIS, ())

    def unwatch(self, uri: str) -> None:
        """Take back one ``watch``."""
        self._uris[uri] -= 1
        if self._uris[uri] <= 0:
            del self._uris[uri]
            if self._about.says("resources", "subscribe"):
                self._wanting()

    async def run(self) -> None:
        """Keep what is wanted open until stopped."""
        stream: asyncio.Task[None] | None = None
        pause = _FIRST_PAUSE
        broke = False
        try:
            while not self._stopped:
                self._changed.clear()
                wish, wanted = self._wish, self._filter(self._about)
                fresh, honoured = await self._opened(wanted) if wanted else (None, {})
                await _ended(stream)
                stream = fresh
                self._grant(wish, honoured or {})
                if honoured is None:
                    broke = True
                    await self._until_changed(None, pause)
                    pause = min(2 * pause, _LONGEST_PAUSE)
                    continue
                if broke:
                    self._ear.missed(self._server, list(self._uris))
                pause = _FIRST_PAUSE
                await self._until_changed(stream, None)
                broke = stream is not None and stream.done()
                if broke:
                    await self._until_changed(None, pause)
        finally:
            await _ended(stream)

    def _wanting(self) -> None:
        self._wish += 1
        self._changed.set()

    def _filter(self, about: About) -> Json:
        wanted: Json = {
            key: True for key, kind in FILTERS.items() if about.says(kind.value, "listChanged")
        }
        if self._uris and about.says("resources", "subscribe"):
            wanted[URIS] = sorted(self._uris)
        return wanted

    async def _opened(self, wanted: Json) -> tuple[asyncio.Task[None] | None, Json | None]:
        """Return the stream and what the server agreed to tell; None: it did not agree."""
        if self._singly:
            return None, await self._asked_singly(wanted)
        agreed: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        stream = asyncio.create_task(
            self._listen(wanted, agreed), name=f"{self._server}: standing stream"
        )
        either: set[asyncio.Future[Any]] = {stream, agreed}
        try:
            await asyncio.wait(
                either, timeout=_ACKNOWLEDGE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            if not agreed.done():
                await _ended(stream)
        if agreed.done():
            return stream, agreed.result()
        failure = None if stream.cancelled() else stream.exception()
        if isinstance(failure, RpcError) and failure.code == _METHOD_NOT_FOUND:
            self._singly = True
            return None, await self._asked_singly(wanted)
        _log.info("changes.untold", server=self._server, why=str(failure or "no answer"))
        return None, None

    async def _listen(self, wanted: Json, agreed: "asyncio.Future[Json]") -> None:
        link = self._link()
        if link is None:
            return

        async def notify(message: Json) -> None:
            if message.get("method") != ACKNOWLEDGED:
                self._ear.heard(self._server, message)
            elif not agreed.done():
                params = message.get("params")
                told = params.get("notifications") if isinstance(params, dict) else None
                agreed.set_result(told if isinstance(told, dict) else {})

        given = {"notifications": wanted}
        await link.ask(_LISTEN, given, seconds=_STREAM_SECONDS, notify=notify)

    async def _asked_singly(self, wanted: Json) -> Json:
        """Ask a legacy server for each resource; return what it tells."""
        uris = set(wanted.get(URIS, ()))
        for uri in self._subscribed - uris:
            await self._said("resources/unsubscribe", uri)
        agreed = {
            uri for uri in uris - self._subscribed if await self._said("resources/subscribe", uri)
        }
        self._subscribed = (self._subscribed & uris) | agreed
        return {**wanted, URIS: sorted(self._subscribed)}

    async def _said(self, method: str, uri: str) -> bool:
        link = self._link()
        if link is None:
            return False
        try:
            await link.ask(method, {"uri": uri}, seconds=_ACKNOWLEDGE_SECONDS)
        except (FleetError, RpcError) as error:
            _log.info("changes.untold", server=self._server, uri=uri, why=str(error))
            return False
        return True

    def _grant(self, wish: int, honoured: Json) -> None:
        self._granted, self._honoured = wish, honoured
        self._answered.set()
        self._answered = asyncio.Event()

    async def _until_changed(
        self, stream: asyncio.Task[None] | None, seconds: float | None
    ) -> None:
        """Return once something else is wanted, *stream* ended, or *seconds* passed."""
        changed = asyncio.create_task(self._changed.wait())
        try:
            waited = {changed} if stream is None else {changed, stream}
            await asyncio.wait(waited, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()


async def _ended(stream: asyncio.Task[None] | None) -> None:
    """End *stream* and take note of how it went: whatever it was, it is over."""
    if stream is not None:
        stream.cancel()
        await asyncio.wait({stream})
        if not stream.cancelled():
            stream.exception()


class Subscriptions:
    """The standing subscriptions to all servers.

    Args:
        link: Returns the way to ask a server; None while there is none.
        ear: Takes what they tell.
    """

    def __init__(self, link: Callable[[str], Upstream | None], ear: Ear) -> None:
        self._link = link
        self._ear = ear
        self._servers: dict[str, Standing] = {}
        self._begun: asyncio.Queue[Standing] = asyncio.Queue()

    async def run(self) -> None:
        """Keep the subscriptions until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            while True:
                tasks.create_task((await self._begun.get()).run())

    def declare(self, server: str, about: About) -> None:
        """Take in what *server* says that it can tell."""
        self._standing(server).declare(about)

    def poke(self, server: str) -> None:
        """Ask *server* again now, if it was asked before."""
        if server in self._servers:
            self._servers[server].poke()

    def drop(self, server: str) -> None:
        """Forget *server*."""
        standing = self._servers.pop(server, None)
        if standing is not None:
            standing.stop()

    async def watch(self, server: str, uri: str, seconds: float) -> bool:
        """Have *server* tell of changes of *uri*; see ``Standing.watch``."""
        return await self._standing(server).watch(uri, seconds)

    def unwatch(self, server: str, uri: str) -> None:
        """Take back one ``watch``; nothing to do for a server that has gone."""
        if server in self._servers:
            self._servers[server].unwatch(uri)

    def _standing(self, server: str) -> Standing:
        standing = self._servers.get(server)
        if standing is None:
            standing = self._servers[server] = Standing(
                server, lambda: self._link(server), self._ear
            )
            self._begun.put_nowait(standing)
        return standing
