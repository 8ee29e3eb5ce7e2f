"""The layer round each vendor: applies faults, and counts the answers."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from kit.clock import Clock
from kit.metrics import counter
from services.sandbox.connections import reset
from services.sandbox.faults import Fault, Faults, Kind
from services.sandbox.vendor import Call, Vendor

_ANSWERS = counter("fleet.sandbox.answers", "Answers that the vendors' stand-ins gave")
_STATUSES = {
    Kind.RATE_LIMITED: 429,
    Kind.ERROR_500: 500,
    Kind.ERROR_503: 503,
    Kind.UNAUTHORIZED: 401,
}


class FaultLayer:
    """One vendor's application, with whatever was asked to go wrong."""

    def __init__(self, vendor: Vendor, faults: Faults, clock: Clock) -> None:
        self._vendor = vendor
        self._faults = faults
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it go wrong."""
        answer = self._counted(send)
        if not self._faults.any_for(self._vendor):
            await self._vendor.app(scope, receive, answer)
            return
        body = await _body(receive)
        call = Call(scope["method"], scope["path"].removeprefix(self._vendor.path), body)
        fault = self._faults.take(self._vendor, call)
        if fault is None:
            await self._vendor.app(scope, _replay(body, receive), answer)
        else:
            self._vendor.ledger.faults[fault.asked.kind] += 1
            with suppress(ClientDisconnect):
                await self._fail(fault, scope, body, receive, answer)

    async def _fail(
        self, fault: Fault, scope: Scope, body: bytes, receive: Receive, send: Send
    ) -> None:
        asked = fault.asked
        replayed = _replay(body, receive)
        match asked.kind:
            case Kind.LATENCY:
                waiting = _after(lambda: self._clock.sleep(asked.seconds), replayed)
                await self._vendor.app(scope, waiting, send)
            case Kind.HANG:
                waiting = _after(lambda: _cleared_or_gone(fault, receive), replayed)
                await self._vendor.app(scope, waiting, send)
            case Kind.RESET:
                await reset(scope, receive)
            case Kind.RESET_AFTER_COMMIT:
                await self._vendor.app(scope, replayed, _nowhere)
                await reset(scope, receive)
            case Kind.MALFORMED:
                half = Response(b'{"data": {"no', media_type="application/json")
                await half(scope, replayed, send)
            case _:
                status = _STATUSES[asked.kind]
                answer = self._vendor.failure(status, max(1, round(asked.seconds)))
                await answer(scope, replayed, send)

    def _counted(self, send: Send) -> Send:
        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = str(message["status"])
                self._vendor.ledger.answers[status] += 1
                _ANSWERS.add(
                    1,
                    (("fleet.server", self._vendor.name), ("http.response.status_code", status)),
                )
            await send(message)

        return counted


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a receive that hands out *body* once, and then what the server says."""
    handed_out = False

    async def replayed() -> Message:
        nonlocal handed_out
        if handed_out:
            return await receive()
        handed_out = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed


def _after(wait: Callable[[], Awaitable[None]], receive: Receive) -> Receive:
    """Return a receive that hands out the request only after *wait*.

    The vendor has the request by then and counts it among those under way.
    """
    waited = False

    async def after() -> Message:
        nonlocal waited
        if not waited:
            waited = True
            await wait()
        return await receive()

    return after


async def _cleared_or_gone(fault: Fault, receive: Receive) -> None:
    """Wait until *fault* is cleared.

    Raises:
        ClientDisconnect: the client goes first.
    """
    gone = asyncio.ensure_future(_gone(receive))
    cleared = asyncio.ensure_future(fault.cleared.wait())
    try:
        await asyncio.wait({gone, cleared}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        cleared.cancel()
    if not fault.cleared.is_set():
        raise ClientDisconnect


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _nowhere(_: Message) -> None:
    """Send nothing."""
