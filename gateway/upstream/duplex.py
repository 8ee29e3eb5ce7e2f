"""JSON-RPC where the answers of all calls come mixed on one channel: a pipe, or a legacy stream."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

import orjson

from gateway.upstream.calls import Call, Calls, answered, cancellation
from gateway.upstream.client import Notify
from gateway.upstream.link import Listener
from gateway.upstream.replies import Json, Outage
from kit import log
from kit.errors import FleetError

_log = log.get(__name__)


class Duplex:
    """Sends requests and gives each caller its own answer.

    Args:
        name: The server's name.
        send: Writes one message; raises a FleetError when it did not go out.
        listener: Hears what belongs to no call.
    """

    def __init__(
        self, name: str, send: Callable[[bytes], Awaitable[None]], listener: Listener
    ) -> None:
        self._name = name
        self._send = send
        self._calls = Calls(name, listener, self.notice)
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._lost: FleetError | None = None
        self._aside: set[asyncio.Task[None]] = set()

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        meta: Mapping[str, Any] | None = None,
        told: Mapping[str, Any] | None = None,
        notify: Notify | None = None,
    ) -> Json:
        """Return the result of *method*; a caller that gives up is told to the server.

        Args:
            method: JSON-RPC method.
            params: Its parameters without ``_meta``.
            meta: What the caller says: its progress token and log level are in it.
            told: What the server is told in ``_meta``; a token is replaced by the call's own.
            notify: Awaited with each notification of this call.

        Raises:
            RpcError: the server's JSON-RPC error.
            FleetError: it was not sent, or the channel was lost before the answer.
        """
        if self._lost is not None:
            raise Outage(self._lost.message, provider=self._name)
        call = self._calls.begin(meta or {}, notify)
        waiting = self._waiting[call.id] = asyncio.get_running_loop().create_future()
        try:
            await self._send(orjson.dumps(call.request(method, params, told or {})))
            return answered(self._name, await waiting)
        except asyncio.CancelledError:
            if method != "initialize":  # which must not be cancelled (2025-11-25, cancellation)
                self._in_background(self._cancel(call))
            raise
        finally:
            self._calls.end(call)
            del self._waiting[call.id]
            if not waiting.cancel():
                waiting.exception()  # else the loop would tell of one that nobody took

    async def take(self, message: Json) -> None:
        """Take one message that came."""
        if "method" in message:
            await self._calls.hear(message)
            return
        number = message.get("id")
        waiting = self._waiting.get(number) if isinstance(number, int) else None
        if waiting is not None and not waiting.done():
            waiting.set_result(message)

    async def notice(self, message: Json) -> None:
        """Send a message that asks for no answer.

        Raises:
            FleetError: it did not go out.
        """
        await self._send(orjson.dumps(message))

    def lose(self, error: FleetError) -> None:
        """The channel is gone: whoever waits for an answer gets *error*."""
        self._lost = error
        self._calls.close()
        for task in self._aside:
            task.cancel()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(error)

    async def _cancel(self, call: Call) -> None:
        try:
            await self.notice(cancellation(call, "the caller does not wait any longer"))
        except FleetError as error:
            _log.debug("call.not_cancelled", server=self._name, error=error.message)

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=f"{self._name}: notice")
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)
