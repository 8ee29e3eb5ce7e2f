"""A server behind a URL, spoken to in its own era: found out at the first call, then remembered.

The modern era is asked about first (``server/discover``); a handshake comes next, the
oldest form of HTTP last. What was found is kept for this URL, not for its whole origin:
behind one ingress there may be servers of both eras. It is found out again when an answer
makes it doubtful. Outages, refused credentials and limits decide nothing.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import orjson

from gateway.upstream.calls import Call, enveloped
from gateway.upstream.client import VERSION, Notify, Upstream
from gateway.upstream.endpoint import ACCEPT, Endpoint
from gateway.upstream.eras import Era, OtherEra, doubtful, judged, refusal
from gateway.upstream.frames import EventReader, TooLong, messages
from gateway.upstream.http1 import Answer, Broken, Late, Oversized, Pool
from gateway.upstream.legacy.http import LegacyHttp
from gateway.upstream.legacy.sse import LegacySse
from gateway.upstream.legacy.wire import STREAM_SECONDS
from gateway.upstream.link import Listener
from gateway.upstream.replies import BrokenOff, Hung, Json, Outage, RpcError
from kit import log
from kit.clock import Clock, SystemClock
from kit.errors import FleetError, Internal

DISCOVER: Final = "server/discover"
_HEADERS: Final = {"accept": ACCEPT, "mcp-protocol-version": VERSION, "mcp-method": DISCOVER}
_NO_POST: Final = frozenset({400, 404, 405})
"""What servers that only have the oldest form of HTTP say to a POST at their GET address."""
_DOUBT_SECONDS: Final = 5.0
"""How often doubts may cost a question: a method that a server lacks raises one each time."""
_log = log.get(__name__)
_Spoken = Upstream | LegacyHttp | LegacySse


class EitherEra:
    """A link that knows by itself what to speak.

    Args:
        name: The server's name in the registry.
        pool: Connections to its endpoint.
        token: Its bearer token, if it wants one.
        listener: Hears what belongs to no call.
        clock: For how often doubts are looked into.
    """

    def __init__(
        self,
        name: str,
        pool: Pool,
        token: str | None = None,
        *,
        listener: Listener | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name = name
        self.pool = pool
        self._token = token
        self._listener = listener
        self._clock = clock or SystemClock()
        self._link: _Spoken | None = None
        self._found_at = 0.0
        self._finding = asyncio.Lock()

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
        """Return the result of *method*; see ``Link``."""
        now = asyncio.get_running_loop().time
        ends = now() + seconds
        link = self._link
        if link is None:
            link = await self._settled(None, ends)
            seconds = max(0.0, ends - now())
        try:
            return await link.ask(
                method, params, meta=meta, seconds=seconds, notify=notify, fresh=fresh
            )
        except (RpcError, FleetError) as error:
            other = await self._other(link, error, ends)
            if other is None:
                raise
        return await other.ask(
            method, params, meta=meta, seconds=max(0.0, ends - now()), notify=notify, fresh=fresh
        )

    async def close(self) -> None:
        """Take leave of the server."""
        await _closed(self._link)
        self.pool.close()

    async def _other(
        self, link: _Spoken, error: RpcError | FleetError, ends: float
    ) -> _Spoken | None:
        """Return how to ask once more after *error*, if the server turns out of another era.

        What broke off is never asked again here: it may have been done.
        """
        unclear = isinstance(error, BrokenOff)
        if not (unclear or doubtful(error)):
            return None
        if self._clock.now() - self._found_at < _DOUBT_SECONDS:
            return None
        try:
            found = await self._settled(link, ends)
        except FleetError:
            return None  # nothing is known better than *error*
        return None if unclear or found is link else found

    async def _settled(self, doubted: _Spoken | None, ends: float) -> _Spoken:
        """Return how to speak to the server; *doubted* is what was found before.

        Raises:
            Outage: it could not be found out until *ends*, in the loop's time.
            FleetError: the server refuses us, or is no MCP server.
        """
        try:
            async with asyncio.timeout_at(ends), self._finding:
                before = self._link
                if before is not None and before is not doubted:
                    return before
                self._found_at = self._clock.now()
                found = await self._found(ends)
                if before is not None and type(found) is type(before):
                    await _closed(found)
                    return before
                self._link = found
                await _closed(before)
        except TimeoutError as error:
            told = f"{self.name} did not say in time what it speaks"
            raise Outage(told, provider=self.name) from error
        _log.info("era.found", server=self.name, spoken=type(found).__name__)
        return found

    async def _found(self, ends: float) -> _Spoken:
        if await self._era() is Era.MODERN:
            return Upstream(self.name, self.pool, self._token)
        legacy = LegacyHttp(
            self.name, self.pool, self._token, listener=self._listener, clock=self._clock
        )
        try:
            await legacy.open(ends)
        except OtherEra as error:
            if error.status not in _NO_POST:
                raise
            oldest = LegacySse(self.name, self.pool, self._token, listener=self._listener)
            try:
                await oldest.open(ends)
            except OtherEra as second:
                raise (error if second.status else second) from None
            return oldest
        return legacy

    async def _era(self) -> Era:
        """Return the era that the server's answer to a modern question speaks for."""
        endpoint = Endpoint(self.name, self.pool, self._token)
        body = orjson.dumps(Call(1).request(DISCOVER, {}, enveloped({})))
        try:
            answer = await endpoint.send("POST", _HEADERS, body, seconds=STREAM_SECONDS)
            message = await self._message(answer)
        except (BrokenOff, Hung) as error:
            raise Outage(error.message, provider=self.name) from error
        failure = refusal(self.name, answer.status)
        if failure is not None:
            raise failure
        return judged(self.name, message)

    async def _message(self, answer: Answer) -> Json | None:
        """Return the JSON-RPC message that was answered; None where there is none."""
        if answer.stream is None:
            return _first(answer.body)
        reader = EventReader(self.pool.max_answer_bytes)
        try:
            async for chunk in answer.stream.chunks():
                for event in reader.feed(chunk):
                    message = _first(event.data)
                    if message is not None and "method" not in message:
                        return message
        except (Broken, Late) as error:
            raise BrokenOff(f"{self.name} broke off: {error}", provider=self.name) from error
        except (Oversized, TooLong) as error:
            raise Internal(f"{self.name} answered {error}", provider=self.name) from error
        finally:
            self.pool.release(answer.stream)
        return None


async def _closed(link: _Spoken | None) -> None:
    """Close what a legacy link holds; the modern one holds nothing but the pool."""
    if link is not None and not isinstance(link, Upstream):
        await link.close()


def _first(data: bytes) -> Json | None:
    try:
        return messages(data)[0]
    except ValueError:
        return None
