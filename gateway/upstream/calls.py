"""Calls under way at one server, and what it says meanwhile sorted to them.

Progress tokens of different callers may be equal, so a server is told the call's own id
instead, and each caller gets its token back. What belongs to no call goes to the listener.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.upstream.client import (
    CLIENT_INFO,
    META_CAPABILITIES,
    META_CLIENT,
    META_VERSION,
    VERSION,
    Notify,
)
from gateway.upstream.link import Listener
from gateway.upstream.replies import BrokenOff, Json, RpcError
from kit import log

META_LOG_LEVEL: Final = "io.modelcontextprotocol/logLevel"
LEVELS: Final = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)
_TOKEN: Final = "progressToken"  # noqa: S105 -- MCP's name for it
_INTERNAL: Final = -32603
_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One request that waits for its answer.

    Attributes:
        id: Its JSON-RPC id at the server, and its progress token there.
        notify: Takes its notifications.
        token: The caller's own progress token; None: it wants no progress.
        level: The least level of log messages that the caller wants; None: none at all.
    """

    id: int
    notify: Notify | None = None
    token: str | int | None = None
    level: str | None = None

    def request(self, method: str, params: Mapping[str, Any], meta: Mapping[str, Any]) -> Json:
        """Return the JSON-RPC request, its ``_meta`` with the token that the server is told."""
        told = {key: value for key, value in meta.items() if key != _TOKEN}
        if self.token is not None:
            told[_TOKEN] = self.id
        whole = {**params, "_meta": told} if told else dict(params)
        return {"jsonrpc": "2.0", "id": self.id, "method": method, "params": whole}

    async def progressed(self, message: Json) -> None:
        """Hand *message* on under the caller's token."""
        if self.notify is not None and self.token is not None:
            params = {**message["params"], _TOKEN: self.token}
            await self.notify({**message, "params": params})

    async def logged(self, message: Json) -> None:
        """Hand a log message on, if the caller asked for its level."""
        level = _params(message).get("level")
        if self.notify is None or self.level not in LEVELS or level not in LEVELS:
            return
        if LEVELS.index(level) >= LEVELS.index(self.level):
            await self.notify(message)


class Calls:
    """All calls at one server.

    Args:
        server: Its name, for the log.
        listener: Hears what belongs to no call.
        reply: Sends an answer to a request of the server's.
    """

    def __init__(
        self, server: str, listener: Listener, reply: Callable[[Json], Awaitable[None]]
    ) -> None:
        self._server = server
        self._listener = listener
        self._reply = reply
        self._last = 0
        self._open: dict[int, Call] = {}
        self._answering: set[asyncio.Task[None]] = set()

    def begin(self, meta: Mapping[str, Any], notify: Notify | None) -> Call:
        """Return a new call, by its own id from now on."""
        self._last += 1
        token, level = meta.get(_TOKEN), meta.get(META_LOG_LEVEL)
        call = self._open[self._last] = Call(
            self._last,
            notify,
            token if isinstance(token, str | int) else None,
            level if isinstance(level, str) else None,
        )
        return call

    def end(self, call: Call) -> None:
        """Forget *call*: nothing reaches its caller any more."""
        self._open.pop(call.id, None)

    async def hear(self, message: Json, during: Call | None = None) -> None:
        """Take a message that answers nothing; *during* is the call on whose stream it came."""
        method = message.get("method")
        if not isinstance(method, str):
            return  # an answer that nobody waits for any more
        if "id" in message:
            task = asyncio.create_task(self._answer(message), name=f"{self._server}: {method}")
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)
        elif method == "notifications/progress":
            token = _params(message).get(_TOKEN)
            call = self._open.get(token) if isinstance(token, int) else None
            if call is not None:
                await call.progressed(message)
        elif method == "notifications/message" and during is not None:
            await during.logged(message)
        else:
            await self._listener.notified(message)

    async def _answer(self, message: Json) -> None:
        answer: Json = {"jsonrpc": "2.0", "id": message["id"]}
        try:
            ping = message["method"] == "ping"
            answer["result"] = {} if ping else await self._listener.requested(message)
        except RpcError as error:
            answer["error"] = {"code": error.code, "message": error.message}
            if error.data is not None:
                answer["error"]["data"] = error.data
        try:
            await self._reply(answer)
        except Exception as error:  # noqa: BLE001 -- the top of a task: the server waits in vain
            _log.warning("server.unanswered", server=self._server, error=str(error))

    def close(self) -> None:
        """Stop answering the server's requests."""
        for task in self._answering:
            task.cancel()


def cancellation(call: Call, reason: str) -> Json:
    """Return the notification that nobody waits for *call* any more."""
    return {
        "jsonrpc": "2.0",
        "method": "notifications/cancelled",
        "params": {"requestId": call.id, "reason": reason},
    }


def _params(message: Json) -> Json:
    params = message.get("params")
    return params if isinstance(params, dict) else {}


def enveloped(meta: Mapping[str, Any]) -> Json:
    """Return *meta* with what the modern era wants in every request; ours for the version wins."""
    said = {META_CAPABILITIES: {}, META_CLIENT: CLIENT_INFO}
    return {**said, **meta, META_VERSION: VERSION}


def answered(server: str, message: Json) -> Json:
    """Return the result in the answer *message*.

    Raises:
        RpcError: it is an error.
        BrokenOff: it is neither.
    """
    error = message.get("error")
    if isinstance(error, dict):
        code = error.get("code")
        told = str(error.get("message", ""))
        raise RpcError(code if isinstance(code, int) else _INTERNAL, told, error.get("data"))
    result = message.get("result")
    if not isinstance(result, dict):
        raise BrokenOff(f"{server} answered with neither result nor error", provider=server)
    return result
