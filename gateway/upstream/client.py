"""One MCP server of the modern era (2026-07-28), spoken to on parsed JSON.

Each call is one POST that says everything about itself, so there is no session to lose:
any connection of the pool will do, and a restarted server is simply there again.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from gateway.params import Mirrored, encoded, headers, mirrored
from gateway.upstream.http1 import Answer, Broken, Late, Oversized, Pool, Unreached
from gateway.upstream.replies import BrokenOff, Hung, Json, Outage, RpcError
from gateway.upstream.sse import Events, EventTooLong
from kit.errors import Internal, RateLimited, Unauthenticated, Unavailable

VERSION: Final = "2026-07-28"
META_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
META_CAPABILITIES: Final = "io.modelcontextprotocol/clientCapabilities"
META_CLIENT: Final = "io.modelcontextprotocol/clientInfo"
CLIENT_INFO: Final = {"name": "sophia-gateway", "version": "0.1.0"}

Notify = Callable[[Json], Awaitable[None]]
_NAMED: Final = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@dataclass(slots=True)
class Upstream:
    """A connection pool and the way to ask one server.

    Attributes:
        name: The server's name in the registry.
        pool: Connections to its endpoint.
        token: Bearer token of the server, if it wants one; never a caller's.
    """

    name: str
    pool: Pool
    token: str | None = None
    _head: bytes = field(init=False)
    _id: int = field(init=False, default=0)
    _mirrored: dict[str, tuple[Mirrored, ...]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Write the part of the head that is the same for every request."""
        lines = [
            f"POST {self.pool.target} HTTP/1.1",
            f"host: {self.pool.authority}",
            "content-type: application/json",
            "accept: application/json, text/event-stream",
            f"mcp-protocol-version: {VERSION}",
        ]
        if self.token:
            lines.append(f"authorization: Bearer {self.token}")
        self._head = "\r\n".join(lines).encode("latin-1")

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
        """Return the result of *method*.

        Args:
            method: JSON-RPC method.
            params: Its parameters without ``_meta``.
            meta: Further ``_meta`` keys; ours for version and client win.
            seconds: How long to wait for the whole answer.
            notify: Awaited with each notification that comes before the answer.
            fresh: Use a new connection.

        Raises:
            Outage: not reached, or not an MCP server; nothing was done.
            BrokenOff: sent, and the answer did not come whole.
            Hung: no answer in time.
            RpcError: the server's JSON-RPC error.
        """
        self._id = sent_id = self._id + 1
        given = {
            META_CAPABILITIES: {},
            META_CLIENT: CLIENT_INFO,
            **(meta or {}),
            META_VERSION: VERSION,
        }
        message = {
            "jsonrpc": "2.0",
            "id": sent_id,
            "method": method,
            "params": {**params, "_meta": given},
        }
        request = self._request(method, params, orjson.dumps(message))
        try:
            answer = await self.pool.post(request, seconds, fresh=fresh)
            if answer.stream is not None:
                return await self._stream(answer, sent_id, notify)
        except Late as error:
            message_ = f"{self.name} did not answer within {seconds:.1f} s"
            raise Hung(message_, provider=self.name) from error
        except Unreached as error:
            raise Outage(
                f"{self.name} could not be reached: {error}", provider=self.name
            ) from error
        except Broken as error:
            raise BrokenOff(f"{self.name} broke off: {error}", provider=self.name) from error
        except (Oversized, EventTooLong) as error:
            raise Internal(f"{self.name} answered {error}", provider=self.name) from error
        result = self._result(answer, sent_id)
        if method == "tools/list":
            self._learn(result)
        return result

    def _learn(self, listed: Json) -> None:
        """Remember which of the server's tools want arguments mirrored in headers."""
        for tool in listed.get("tools") or ():
            if isinstance(tool, dict) and isinstance(tool.get("name"), str):
                wanted = mirrored(tool.get("inputSchema"))
                if wanted:
                    self._mirrored[tool["name"]] = wanted
                else:
                    self._mirrored.pop(tool["name"], None)

    def close(self) -> None:
        """Close idle connections."""
        self.pool.close()

    def _request(self, method: str, params: Mapping[str, Any], body: bytes) -> bytes:
        head = [self._head, b"\r\nmcp-method: ", method.encode()]
        key = _NAMED.get(method)
        if key is not None:
            head += [b"\r\nmcp-name: ", encoded(str(params[key]))]
        if method == "tools/call" and self._mirrored:
            wanted = self._mirrored.get(params["name"])
            if wanted:
                head.append(headers(wanted, params.get("arguments")))
        head += [b"\r\ncontent-length: ", str(len(body)).encode(), b"\r\n\r\n", body]
        return b"".join(head)

    def _result(self, answer: Answer, sent_id: int) -> Json:
        try:
            message = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            message = None
        if isinstance(message, dict) and message.get("jsonrpc") == "2.0":
            return self._outcome(message, sent_id)
        raise self._not_mcp(answer)

    async def _stream(self, answer: Answer, sent_id: int, notify: Notify | None) -> Json:
        stream = answer.stream
        assert stream is not None  # noqa: S101 -- the caller looked
        events = Events(self.pool.max_answer_bytes)
        try:
            async for chunk in stream.chunks():
                for data in events.feed(chunk):
                    message = orjson.loads(data)
                    if "result" in message or "error" in message:
                        return self._outcome(message, sent_id)
                    if notify is not None:
                        await notify(message)
        except orjson.JSONDecodeError as error:
            raise Broken(f"an event is not JSON: {error}") from error
        finally:
            # A stream that was not read to its end is closed: to the server, that cancels.
            self.pool.release(stream)
        raise Broken("the event stream ended without an answer")

    def _outcome(self, message: Json, sent_id: int) -> Json:
        error = message.get("error")
        if message.get("id") != sent_id and not (error and message.get("id") is None):
            text = f"{self.name} answered another request's id ({message.get('id')!r})"
            raise BrokenOff(text, provider=self.name)
        if isinstance(error, dict):
            code = error.get("code")
            raise RpcError(
                code if isinstance(code, int) else -32603,
                str(error.get("message", "")),
                error.get("data"),
            )
        result = message.get("result")
        if not isinstance(result, dict):
            text = f"{self.name} answered with neither result nor error"
            raise BrokenOff(text, provider=self.name)
        return result

    def _not_mcp(self, answer: Answer) -> Exception:
        status = answer.status
        if status in {401, 403}:
            message = f"{self.name} refuses the gateway's credential ({status})"
            return Unauthenticated(message, provider=self.name)
        if status == 429:  # noqa: PLR2004 -- RFC 6585
            return RateLimited(f"{self.name} is over its limit", provider=self.name)
        if not 400 <= status < 500:  # noqa: PLR2004 -- only a client error says: nothing done
            return BrokenOff(f"{self.name} answered {status}, not MCP", provider=self.name)
        return Unavailable(
            f"{self.name} did not answer as an MCP server ({status})", provider=self.name
        )
