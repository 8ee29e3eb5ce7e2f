"""Messages to one legacy server over Streamable HTTP, and what it answers.

Specification 2025-11-25, basic/transports.mdx. A stream that ends before its answer is
resumed where the server gave it ids.
"""

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import orjson

from gateway.upstream.calls import Call, Calls
from gateway.upstream.endpoint import ACCEPT, EVENTS, Endpoint
from gateway.upstream.eras import OtherEra, refusal
from gateway.upstream.frames import EventReader, TooLong, messages
from gateway.upstream.http1 import Answer, Broken, Connection, Late, Oversized
from gateway.upstream.replies import BrokenOff, Json, Outage
from kit.clock import Clock
from kit.errors import FleetError, Internal, Unavailable

SESSION_HEADER: Final = "mcp-session-id"
ASIDE_SECONDS: Final = 5.0
"""How long notices and farewells may take; nobody waits for them."""
RETRY_SECONDS: Final = 1.0
STREAM_SECONDS: Final = 3600.0
_OK: Final = range(200, 300)


class Lost(Unavailable):
    """The server does not know the session; it did nothing."""


@dataclass(frozen=True, slots=True)
class Session:
    """What requests after the handshake carry.

    Attributes:
        headers: Version and session id.
        named: The server gave it an id, so it can be lost.
    """

    headers: Mapping[str, str] = field(default_factory=dict)
    named: bool = False


class Wire:
    """POSTs messages and reads their answers.

    Args:
        endpoint: Where to.
        calls: Hear what is not the answer.
        clock: For the pause before a stream is resumed.
    """

    def __init__(self, endpoint: Endpoint, calls: Calls, clock: Clock) -> None:
        self._http = endpoint
        self._calls = calls
        self._clock = clock
        self._name = endpoint.server

    async def request(
        self, session: Session, call: Call, message: Json, *, fresh: bool = False
    ) -> tuple[Json, Mapping[str, str]]:
        """Return the answer to the request *message* and the HTTP headers it came with.

        Raises:
            Lost: the session is not known to the server.
            OtherEra: it does not answer as a legacy server.
            FleetError: no answer came; see ``Link.ask``.
        """
        answer = await self._post(session, message, STREAM_SECONDS, fresh=fresh)
        if answer.stream is None:
            return await self._whole(answer, session, call), answer.headers
        return await self._streamed(answer.stream, session, call), answer.headers

    async def notice(self, session: Session, message: Json) -> None:
        """Send a notification or an answer of ours.

        Raises:
            FleetError: it was not taken.
        """
        answer = await self._post(session, message, ASIDE_SECONDS)
        if answer.stream is not None:
            self._http.pool.release(answer.stream)
        if answer.status not in _OK:
            raise self._no_answer(answer.status)

    async def end(self, session: Session) -> None:
        """Tell the server that the session is over, so that it need not keep it."""
        if session.named:
            with contextlib.suppress(FleetError):  # it may not care: 405
                await self._http.send("DELETE", session.headers, seconds=ASIDE_SECONDS)

    async def events(self, session: Session, reader: EventReader) -> Connection | None:
        """Return a stream, after the last event of *reader*; None where there is none.

        Raises:
            Lost: the session is not known to the server.
            FleetError: it could not be asked for.
        """
        headers = {**session.headers, "accept": EVENTS}
        if reader.last_id is not None:
            headers["last-event-id"] = reader.last_id
        reader.begin()
        answer = await self._http.send("GET", headers, seconds=STREAM_SECONDS)
        if answer.stream is None and session.named and answer.status in _NOT_KNOWN:
            raise self._lost()
        return answer.stream

    async def read(self, stream: Connection, reader: EventReader, call: Call | None) -> Json | None:
        """Return the answer to *call* on *stream*; None when it ends before; all else is heard.

        Raises:
            FleetError: it is no stream of messages.
        """
        try:
            async for chunk in stream.chunks():
                for event in reader.feed(chunk):
                    for message in messages(event.data):
                        if "method" in message:
                            await self._calls.hear(message, call)
                        elif call is not None and message.get("id") == call.id:
                            return message
        except (Broken, Late):
            return None
        except (Oversized, TooLong) as error:
            raise Internal(f"{self._name} answered {error}", provider=self._name) from error
        except ValueError as error:
            told = f"{self._name} sent an event that is no message: {error}"
            raise BrokenOff(told, provider=self._name) from error
        finally:
            self._http.pool.release(stream)
        return None

    async def _post(
        self, session: Session, message: Json, seconds: float, *, fresh: bool = False
    ) -> Answer:
        headers = {**session.headers, "accept": ACCEPT}
        body = orjson.dumps(message)
        return await self._http.send("POST", headers, body, seconds=seconds, fresh=fresh)

    async def _whole(self, answer: Answer, session: Session, call: Call) -> Json:
        try:
            told = messages(answer.body)
        except ValueError:
            told = []
        reply = None
        for message in told:
            if "method" in message:
                await self._calls.hear(message, call)
            elif message.get("id") == call.id or "error" in message:
                reply = message
        failure = refusal(self._name, answer.status)
        if failure is not None:
            raise failure
        ours = reply is not None and reply.get("id") == call.id
        if session.named and answer.status in _NOT_KNOWN and not (ours and answer.status != _GONE):
            raise self._lost()
        if reply is None:
            raise self._no_answer(answer.status)
        return reply

    async def _streamed(self, stream: Connection, session: Session, call: Call) -> Json:
        """Return the answer to *call* from its stream, resumed as often as the server ends it."""
        reader = EventReader(self._http.pool.max_answer_bytes)
        while True:
            reply = await self.read(stream, reader, call)
            if reply is not None:
                return reply
            if reader.last_id is None:
                told = f"{self._name} ended the stream without an answer"
                raise BrokenOff(told, provider=self._name)
            await self._clock.sleep(
                RETRY_SECONDS if reader.retry_seconds is None else reader.retry_seconds
            )
            try:
                resumed = await self.events(session, reader)
            except (Outage, Lost) as error:  # this time; the request itself was sent
                told = f"{self._name} ended the stream and is away"
                raise BrokenOff(told, provider=self._name) from error
            if resumed is None:
                told = f"{self._name} ended the stream and does not resume it"
                raise BrokenOff(told, provider=self._name)
            stream = resumed

    def _lost(self) -> Lost:
        return Lost(f"{self._name} does not know its session", provider=self._name)

    def _no_answer(self, status: int) -> FleetError:
        """Return what it means that *status* came without a JSON-RPC answer."""
        failure = refusal(self._name, status)
        if failure is not None:
            return failure
        told = f"{self._name} did not answer as an MCP server ({status})"
        if 400 <= status < 500:  # noqa: PLR2004 -- only a client error says: nothing done
            return OtherEra(told, provider=self._name, status=status)
        return BrokenOff(told, provider=self._name)


_GONE: Final = 404
_NOT_KNOWN: Final = frozenset({_GONE, 400})
"""404 is what the specification has for a session that is lost. Servers made after the
official TypeScript examples answer 400 instead, with an error whose id is null."""
