"""One server of the oldest HTTP form (2024-11-05): a GET whose stream brings every answer.

The stream's first event, ``endpoint``, says where to POST; that must be at the same origin.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

from gateway.upstream.client import Notify
from gateway.upstream.duplex import Duplex
from gateway.upstream.endpoint import ACCEPT, EVENTS, Endpoint
from gateway.upstream.eras import OtherEra, refusal
from gateway.upstream.frames import EventReader, TooLong, messages
from gateway.upstream.http1 import Broken, Connection, Late, Oversized, Pool
from gateway.upstream.legacy.wire import ASIDE_SECONDS, STREAM_SECONDS, Lost
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
from kit.errors import FleetError

_OK = range(200, 300)
_log = log.get(__name__)


@dataclass(slots=True)
class _Opened:
    """A stream, what is asked over it, and what was said at the handshake."""

    duplex: Duplex
    pump: "asyncio.Task[None]"
    greeting: Greeting


class LegacySse:
    """A link over one stream, opened by the first call and again when it was lost.

    Args:
        name: The server's name in the registry.
        pool: Connections to its endpoint.
        token: Its bearer token, if it wants one.
        listener: Hears what belongs to no call.
        capabilities: What the server is promised of us at the handshake.
    """

    def __init__(
        self,
        name: str,
        pool: Pool,
        token: str | None = None,
        *,
        listener: Listener | None = None,
        capabilities: Json | None = None,
    ) -> None:
        self.name = name
        self._pool = pool
        self._http = Endpoint(name, pool, token)
        self._listener = listener or Deaf()
        self._capabilities = capabilities or {}
        self._opened: _Opened | None = None
        self._opening = asyncio.Lock()

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
        """Return the result of *method*; see ``Link``. There is one stream: *fresh* means nothing.

        Raises:
            OtherEra: it does not answer as such a server.
        """
        del fresh
        deadline = asyncio.get_running_loop().time() + seconds
        meta = meta or {}
        for _ in range(2):
            opened = await self.open(deadline)
            if method == "server/discover":
                return opened.greeting.discovered()
            told = legacy_meta(meta)
            asked = opened.duplex.ask(method, params, meta=meta, told=told, notify=notify)
            try:
                async with asyncio.timeout_at(deadline):
                    return await translated(method, meta, asked)
            except TimeoutError as error:
                words = f"{self.name} did not answer within {seconds:.1f} s"
                raise Hung(words, provider=self.name) from error
            except Lost:
                self._drop(opened)
        words = f"{self.name} forgets its session as soon as it has opened one"
        raise OtherEra(words, provider=self.name)

    async def open(self, deadline: float) -> _Opened:
        """Return the stream, opened and greeted where there is none.

        Args:
            deadline: By when, in the loop's time.

        Raises:
            Outage: it could not be reached, or did not finish; nothing was done.
            OtherEra: it does not answer as such a server.
            FleetError: it refuses us.
        """
        if self._opened is not None:
            return self._opened
        try:
            async with asyncio.timeout_at(deadline), self._opening:
                if self._opened is None:
                    self._opened = await self._connect()
                return self._opened
        except TimeoutError as error:
            words = f"{self.name} did not finish its handshake in time"
            raise Outage(words, provider=self.name) from error
        except (BrokenOff, Hung) as error:
            raise Outage(error.message, provider=self.name) from error

    async def close(self) -> None:
        """Close the stream, which ends the session."""
        if self._opened is not None:
            self._drop(self._opened)
        self._pool.close()

    def _drop(self, opened: _Opened) -> None:
        opened.pump.cancel()
        if self._opened is opened:
            self._opened = None

    async def _connect(self) -> _Opened:
        answer = await self._http.send("GET", {"accept": EVENTS}, seconds=STREAM_SECONDS)
        if answer.stream is None:
            words = f"{self.name} did not answer as an MCP server ({answer.status})"
            other = OtherEra(words, provider=self.name, status=answer.status)
            raise refusal(self.name, answer.status) or other
        target: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        async def send(body: bytes) -> None:
            await self._send(await target, body)

        duplex = Duplex(self.name, send, self._listener)
        pump = asyncio.create_task(self._pump(answer.stream, target, duplex), name=self.name)
        pump.add_done_callback(lambda _: self._ended(duplex))
        try:
            await self._aimed(pump, target)
            said = greeting(self.name, await duplex.ask("initialize", hello(self._capabilities)))
            await duplex.notice(INITIALIZED)
        except RpcError as error:
            pump.cancel()
            words = f"{self.name} refuses the handshake: {error.message} ({error.code})"
            raise OtherEra(words[:300], provider=self.name) from error
        except BaseException:
            pump.cancel()
            raise
        _log.info("session.opened", server=self.name, version=said.version)
        return _Opened(duplex, pump, said)

    async def _aimed(self, pump: "asyncio.Task[None]", target: "asyncio.Future[str]") -> None:
        """Return once the server has said where to POST."""
        both: set[asyncio.Future[Any]] = {pump, target}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not target.done():
            words = f"{self.name} opened a stream without an endpoint"
            raise OtherEra(words, provider=self.name)

    async def _pump(
        self, stream: Connection, target: "asyncio.Future[str]", duplex: Duplex
    ) -> None:
        """Read the stream until it ends."""
        reader = EventReader(self._pool.max_answer_bytes)
        try:
            async for chunk in stream.chunks():
                for event in reader.feed(chunk):
                    if event.kind == "endpoint" and not target.done():
                        self._aim(target, event.data.decode("utf-8", "replace"))
                    elif event.kind == "message":
                        for message in messages(event.data):
                            await duplex.take(message)
        except (Broken, Late, Oversized, TooLong, ValueError) as error:
            _log.warning("stream.broken", server=self.name, error=str(error))
        finally:
            self._pool.release(stream)

    def _aim(self, target: "asyncio.Future[str]", said: str) -> None:
        """Take the address to POST to; one at another origin would get our credential."""
        parts = urlsplit(urljoin(self._pool.url, said))
        if (parts.scheme, parts.netloc) != (self._pool.parts.scheme, self._pool.parts.netloc):
            words = f"{self.name} wants its messages at another origin"
            target.set_exception(OtherEra(words, provider=self.name))
        elif not (parts.path + parts.query).isprintable() or " " in parts.path + parts.query:
            words = f"{self.name} names no address for its messages"
            target.set_exception(OtherEra(words, provider=self.name))
        else:
            target.set_result(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def _ended(self, duplex: Duplex) -> None:
        duplex.lose(BrokenOff(f"{self.name} ended its stream", provider=self.name))
        if self._opened is not None and self._opened.duplex is duplex:
            self._opened = None

    async def _send(self, target: str, body: bytes) -> None:
        """POST one message.

        Raises:
            Lost: the server does not know the session.
            FleetError: it was not taken.
        """
        headers = {"accept": ACCEPT}
        answer = await self._http.send("POST", headers, body, target=target, seconds=ASIDE_SECONDS)
        if answer.stream is not None:
            self._pool.release(answer.stream)
        if answer.status in _OK:
            return
        if answer.status in {400, 404}:
            raise Lost(f"{self.name} does not know its session", provider=self.name)
        failure: FleetError | None = refusal(self.name, answer.status)
        words = f"{self.name} did not take a message ({answer.status})"
        raise failure or BrokenOff(words, provider=self.name)
