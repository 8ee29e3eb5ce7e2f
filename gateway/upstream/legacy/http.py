"""One server of the legacy era over Streamable HTTP (2025-11-25, 2025-06-18, 2025-03-26).

All calls share one session, opened by the first of them and opened again when the server
has lost it. Closing a connection cancels nothing there, so a server is told when a caller
gives up.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.upstream.calls import LEVELS, Call, Calls, answered, cancellation
from gateway.upstream.client import Notify
from gateway.upstream.endpoint import Endpoint
from gateway.upstream.eras import OtherEra
from gateway.upstream.frames import EventReader
from gateway.upstream.http1 import Pool
from gateway.upstream.legacy.wire import (
    ASIDE_SECONDS,
    RETRY_SECONDS,
    SESSION_HEADER,
    Lost,
    Session,
    Wire,
)
from gateway.upstream.legacy.words import (
    INITIALIZED,
    Greeting,
    greeting,
    hello,
    legacy_meta,
    translated,
)
from gateway.upstream.link import Deaf, Listener
from gateway.upstream.replies import BrokenOff, Hung, Json, Outage, RpcError
from kit import log
from kit.clock import Clock, SystemClock
from kit.errors import FleetError

_log = log.get(__name__)


@dataclass(slots=True)
class _Opened:
    """A session and what was said at its handshake.

    Attributes:
        session: What requests carry.
        greeting: What the server said of itself.
        level: The least level of log messages that it was told to send.
    """

    session: Session
    greeting: Greeting
    level: str | None = None


class LegacyHttp:
    """A link over one session.

    Args:
        name: The server's name in the registry.
        pool: Connections to its endpoint.
        token: Its bearer token, if it wants one.
        listener: Hears what belongs to no call.
        capabilities: What the server is promised of us at the handshake.
        clock: For pauses before a stream is resumed.
    """

    def __init__(
        self,
        name: str,
        pool: Pool,
        token: str | None = None,
        *,
        listener: Listener | None = None,
        capabilities: Json | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self._pool = pool
        self._clock = clock or SystemClock()
        self._hearing = listener is not None
        self._calls = Calls(name, listener or Deaf(), self._reply)
        self._wire = Wire(Endpoint(name, pool, token), self._calls, self._clock)
        self._capabilities = capabilities or {}
        self._opened: _Opened | None = None
        self._opening = asyncio.Lock()
        self._standing: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Task[None]] = set()

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        meta: Mapping[str, Any] | None = None,
        seconds: float,
        notify: Notify | None = None,
        fresh: bool = False,
    ) -> Json:
        """Return the result of *method*; see ``Link``.

        Raises:
            OtherEra: it does not answer as a legacy server.
        """
        deadline = asyncio.get_running_loop().time() + seconds
        meta = meta or {}
        for _ in range(2):
            opened = await self.open(deadline)
            if method == "server/discover":
                return opened.greeting.discovered()
            call = self._calls.begin(meta, notify)
            request = call.request(method, params, legacy_meta(meta))
            try:
                async with asyncio.timeout_at(deadline):
                    await self._level(opened, call.level)
                    asked = self._call(opened.session, call, request, fresh=fresh)
                    return await translated(method, meta, asked)
            except TimeoutError as error:
                told = f"{self.name} did not answer within {seconds:.1f} s"
                raise Hung(told, provider=self.name) from error
            except Lost:
                self._forget(opened)
            finally:
                self._calls.end(call)
        told = f"{self.name} forgets its session as soon as it has opened one"
        raise OtherEra(told, provider=self.name)

    async def open(self, deadline: float) -> _Opened:
        """Return the session, after a handshake where there is none.

        Args:
            deadline: By when, in the loop's time.

        Raises:
            Outage: it could not be reached, or did not finish; nothing was done.
            OtherEra: it does not answer as a legacy server.
            FleetError: it refuses us.
        """
        if self._opened is not None:
            return self._opened
        try:
            async with asyncio.timeout_at(deadline), self._opening:
                if self._opened is None:
                    self._opened = await self._shake_hands()
                return self._opened
        except TimeoutError as error:
            told = f"{self.name} did not finish its handshake in time"
            raise Outage(told, provider=self.name) from error
        except (BrokenOff, Hung) as error:
            raise Outage(error.message, provider=self.name) from error

    async def close(self) -> None:
        """End the session and everything that waits in the background."""
        opened, self._opened = self._opened, None
        if self._standing is not None:
            self._standing.cancel()
        self._calls.close()
        if opened is not None:
            await self._wire.end(opened.session)
        for task in self._aside:
            task.cancel()
        self._pool.close()

    async def _shake_hands(self) -> _Opened:
        call = self._calls.begin({}, None)
        request = call.request("initialize", hello(self._capabilities), {})
        try:
            reply, headers = await self._wire.request(Session(), call, request)
            said = greeting(self.name, answered(self.name, reply))
        except RpcError as error:
            told = f"{self.name} refuses the handshake: {error.message} ({error.code})"
            raise OtherEra(told[:300], provider=self.name) from error
        finally:
            self._calls.end(call)
        given = headers.get(SESSION_HEADER, "")
        named = bool(given) and given.isascii() and given.isprintable()
        session = Session({**said.headers, **({SESSION_HEADER: given} if named else {})}, named)
        await self._wire.notice(session, INITIALIZED)
        _log.info("session.opened", server=self.name, version=said.version)
        if self._hearing and said.tells_changes and self._standing is None:
            self._standing = asyncio.create_task(self._listen(), name=f"{self.name}: listen")
        return _Opened(session, said)

    def _forget(self, opened: _Opened) -> None:
        if self._opened is opened:
            self._opened = None
            _log.info("session.lost", server=self.name)

    async def _level(self, opened: _Opened, wanted: str | None) -> None:
        """Have the server send log messages from *wanted* on, if it sends any."""
        if wanted not in LEVELS or "logging" not in opened.greeting.capabilities:
            return
        if opened.level is not None and LEVELS.index(opened.level) <= LEVELS.index(wanted):
            return
        call = self._calls.begin({}, None)
        request = call.request("logging/setLevel", {"level": wanted}, {})
        try:
            with contextlib.suppress(RpcError):
                await self._call(opened.session, call, request, fresh=False)
            opened.level = wanted
        finally:
            self._calls.end(call)

    async def _call(self, session: Session, call: Call, request: Json, *, fresh: bool) -> Json:
        try:
            reply, _ = await self._wire.request(session, call, request, fresh=fresh)
        except asyncio.CancelledError:
            gone = cancellation(call, "the caller does not wait any longer")
            self._in_background(self._notice(session, gone))
            raise
        return answered(self.name, reply)

    # What nobody waits for.

    async def _listen(self) -> None:
        """Keep a stream open on which the server tells what belongs to no call."""
        reader = EventReader(self._pool.max_answer_bytes)
        while True:
            try:
                opened = await self.open(asyncio.get_running_loop().time() + ASIDE_SECONDS)
                stream = await self._wire.events(opened.session, reader)
                if stream is None:
                    return  # it offers none
                await self._wire.read(stream, reader, None)
            except Lost:
                self._forget(opened)
            except FleetError as error:
                _log.debug("server.unheard", server=self.name, error=error.message)
            await self._clock.sleep(reader.retry_seconds or RETRY_SECONDS)

    async def _reply(self, message: Json) -> None:
        if self._opened is not None:
            await self._notice(self._opened.session, message)

    async def _notice(self, session: Session, message: Json) -> None:
        with contextlib.suppress(FleetError):
            await self._wire.notice(session, message)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"{self.name}: notice")
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)
