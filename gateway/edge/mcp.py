"""The MCP endpoint: raw ASGI, both eras on one path."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple

from starlette.types import Receive, Scope, Send

from gateway.edge import jsonrpc
from gateway.edge.asking import Asking, letters
from gateway.edge.era import Era, classify
from gateway.edge.exchange import AsgiExchange, ClientGone, Exchange, accepts
from gateway.edge.jsonrpc import INTERNAL_ERROR, INVALID_REQUEST, Answer, Message, Refused
from gateway.edge.methods import answered
from gateway.edge.request import Request
from gateway.edge.seal import Seal
from gateway.edge.sessions import Sessions
from gateway.edge.streams import Streams
from gateway.policy.keys import Keys
from gateway.policy.origin import OriginPolicy
from gateway.settings import GatewaySettings
from gateway.surface import Surface
from kit import log, telemetry
from kit.clock import Clock

_log = log.get(__name__)
_SESSION: Final = "mcp-session-id"
_WATCH_AFTER_SECONDS: Final = 0.05

Route = Callable[[str], Surface | None]
"""Returns the surface at a path, if there is one."""


class Asked(NamedTuple):
    """One request, as far as its HTTP says."""

    message: Message
    era: Era
    surface: Surface
    session: str | None
    principal: str


class Watch:
    """Cancels a request's work once its client has gone (2026-07-28: closing is cancelling).

    Most requests are answered before it is worth a task to look.

    Args:
        exchange: Knows whether the client is there.
        work: What is cancelled.
        loop: The running one.
    """

    def __init__(
        self,
        exchange: Exchange,
        work: "asyncio.Task[object]",
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._exchange = exchange
        self._work = work
        self._task: asyncio.Task[None] | None = None
        self._timer = loop.call_later(_WATCH_AFTER_SECONDS, self._look)

    def _look(self) -> None:
        self._task = asyncio.create_task(self._cancel_when_gone())

    async def _cancel_when_gone(self) -> None:
        await self._exchange.gone()
        self._work.cancel()

    def end(self) -> None:
        """Stop to look."""
        self._timer.cancel()
        if self._task is not None:
            self._task.cancel()


class McpEndpoint:
    """Serves MCP on every path that *route* knows.

    Args:
        route: From path to surface.
        settings: Limits and who may call.
        clock: For durations.
    """

    def __init__(self, route: Route, settings: GatewaySettings, clock: Clock) -> None:
        self._route = route
        self._settings = settings
        self._clock = clock
        self._sessions = Sessions()
        self._streams = Streams()
        self._asking = Asking(settings.ask_seconds, clock)
        self._seal = Seal(settings.ask_seconds, clock)
        self._origin = OriginPolicy(settings.hosts, settings.origins)
        self._keys = Keys(settings.keys)
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request over ASGI."""
        await self.serve(AsgiExchange(scope, receive, send))

    async def serve(self, exchange: Exchange) -> None:
        """Serve one exchange."""
        message_id: str | int | None = None
        try:
            surface, principal = self._admit(exchange)
            if exchange.method == "DELETE":
                self._end(exchange, principal)
                await exchange.empty(204)
                return
            if exchange.method == "GET" and _SESSION in exchange.headers:
                await self._stream(exchange, surface, principal)
                return
            if exchange.method != "POST":
                await exchange.empty(405, (b"allow", b"POST, DELETE"))
                return
            message = jsonrpc.read(await exchange.body(self._settings.max_body_bytes))
            if isinstance(message, Answer):
                self._take(message, exchange, principal)
                await exchange.empty(202)
                return
            message_id = message.id
            era = classify(message, exchange.headers)
            session = self._session(message, era, principal, exchange)
            if message.id is None:
                self._notified(message, session)
                await exchange.empty(202)
                return
            asked = Asked(message, era, surface, session, principal)
            await self._serve(exchange, asked)
        except Refused as refused:
            await exchange.answer(jsonrpc.error(message_id, refused), refused.status)
        except ClientGone:
            return

    def _take(self, answer: Answer, exchange: Exchange, principal: str) -> None:
        """Take a legacy client's answer to a question.

        Raises:
            Refused: only sessions are asked anything.
        """
        if _SESSION not in exchange.headers:
            raise Refused(INVALID_REQUEST, "Nobody was asked: an answer needs its session")
        self._asking.answered(self._known(exchange, principal), answer)

    def _admit(self, exchange: Exchange) -> tuple[Surface, str]:
        headers = exchange.headers
        refusal = self._origin.refusal(headers.get("host"), headers.get("origin"))
        if refusal:
            raise Refused(INVALID_REQUEST, refusal, status=403)
        principal = self._keys.principal(headers.get("authorization"))
        if principal is None:
            exchange.extra.append((b"www-authenticate", b"Bearer"))
            raise Refused(
                INVALID_REQUEST, "An API key is needed: Authorization: Bearer", status=401
            )
        surface = self._route(exchange.path)
        if surface is None:
            raise Refused(INVALID_REQUEST, f"There is no MCP server at {exchange.path}", status=404)
        if exchange.method == "POST":
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json":
                raise Refused(INVALID_REQUEST, "Content-Type must be application/json", status=415)
            if not accepts(headers):
                raise Refused(INVALID_REQUEST, "Accept must allow application/json", status=406)
        return surface, principal

    def _session(
        self, message: Message, era: Era, principal: str, exchange: Exchange
    ) -> str | None:
        """Return the legacy session; ``initialize`` opens one."""
        if era.modern:
            return None
        if message.method == "initialize":
            short = letters(message.params.get("capabilities"))
            session = self._sessions.open(era.version, principal, short)
            exchange.extra.append((_SESSION.encode(), session.encode()))
            return session
        return self._known(exchange, principal) if _SESSION in exchange.headers else None

    def _known(self, exchange: Exchange, principal: str) -> str:
        """Return the session that the request names.

        Raises:
            Refused: it is none of this principal's.
        """
        session = exchange.headers[_SESSION]
        if self._sessions.version(session, principal) is None:
            raise Refused(INVALID_REQUEST, "Session not found: initialize again", status=404)
        return session

    def _end(self, exchange: Exchange, principal: str) -> None:
        """End a legacy client's session; without one there is nothing to end."""
        if _SESSION in exchange.headers:
            session = self._known(exchange, principal)
            self._sessions.end(session)
            self._streams.end(session)

    async def _stream(self, exchange: Exchange, surface: Surface, principal: str) -> None:
        """Serve a legacy session's own stream until either side ends it."""
        session = self._known(exchange, principal)
        if "text/event-stream" not in exchange.headers.get("accept", ""):
            raise Refused(INVALID_REQUEST, "Accept must allow text/event-stream", status=406)
        loop = asyncio.get_running_loop()
        work = asyncio.current_task(loop)
        assert work is not None  # noqa: S101 -- a request
        watch = Watch(exchange, work, loop)
        try:
            await self._streams.serve(exchange, surface, session)
        except asyncio.CancelledError:
            if work.uncancel() > 0:  # somebody else than the client: shutting down
                raise
            await exchange.empty(200)
        finally:
            watch.end()

    def _notified(self, message: Message, session: str | None) -> None:
        if message.method == "notifications/cancelled" and session is not None:
            self._sessions.cancel(session, message.params.get("requestId"))

    async def _serve(self, exchange: Exchange, asked: Asked) -> None:
        message, era, session = asked.message, asked.era, asked.session
        # Asked once: on Python 3.11 each look-up of the running loop is a system call.
        loop = self._loop = self._loop or asyncio.get_running_loop()
        work = asyncio.current_task(loop)
        assert work is not None and message.id is not None  # noqa: S101, PT018 -- a request
        watch: Watch | None = None
        if era.modern:
            watch = Watch(exchange, work, loop)
        elif session is not None:
            self._sessions.began(session, message.id, work)
        start = self._clock.now()
        target = message.params.get("name") if message.method == "tools/call" else None
        outcome = "cancelled"
        try:
            with telemetry.server_span(
                message.method,
                target if isinstance(target, str) else None,
                message.meta,
                {"mcp.protocol.version": era.version, "jsonrpc.request.id": str(message.id)},
            ) as span:
                body, status, outcome = await self._answer(exchange, asked)
                if outcome != "ok":
                    span.fail(outcome)
        except asyncio.CancelledError:
            if work.uncancel() > 0:  # somebody else than the client: shutting down
                raise
            await exchange.empty(202)
        else:
            await exchange.answer(body, status)
        finally:
            if watch is not None:
                watch.end()
            elif session is not None:
                self._sessions.ended(session, message.id)
            log.line(
                "request.served",
                method=message.method,
                target=target,
                path=exchange.path,
                outcome=outcome,
                seconds=round(self._clock.now() - start, 5),
            )

    async def _answer(self, exchange: Exchange, asked: Asked) -> tuple[bytes, int, str]:
        """Return body, status and outcome of one request."""
        message, session = asked.message, asked.session
        try:
            request = Request(
                message=message,
                era=asked.era,
                surface=asked.surface,
                call_seconds=self._settings.call_seconds,
                exchange=exchange,
                session=session,
                streams=self._streams,
                asking=self._asking,
                principal=asked.principal,
                seal=self._seal,
                abilities=self._sessions.abilities(session) if session else "",
            )
            result = await answered(request)
            outcome = "tool_error" if result.get("isError") else "ok"
            return jsonrpc.result(message.id, result), 200, outcome
        except Refused as refused:
            status = refused.status if asked.era.modern else 200
            return jsonrpc.error(message.id, refused), status, str(refused.code)
        except Exception:  # noqa: BLE001 -- the top of a request: logged, not told
            _log.exception("request.crashed", method=message.method)
            crash = Refused(INTERNAL_ERROR, "Internal error; the gateway's log has the details")
            return jsonrpc.error(message.id, crash), 500, str(INTERNAL_ERROR)
