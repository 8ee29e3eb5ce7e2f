"""As little of an MCP client as a probe needs: greet a server in its era and list its tools.

Wire rules: specification 2026-07-28, basic/transports/streamable-http.mdx and
basic/versioning.mdx; the handshake of 2025-11-25 and earlier for servers that know no other.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kit.contract.operation import Safety
from kit.errors import FleetError, RateLimited, Unauthenticated, Unsupported
from kit.http import HttpAnswer, HttpClient

MODERN: Final = "2026-07-28"
LEGACY: Final = "2025-11-25"
CLIENT: Final = {"name": "fleet-registry", "version": "2"}
_UNSUPPORTED_VERSION: Final = -32022
_MODERN_ERRORS: Final = frozenset({-32020, -32021, _UNSUPPORTED_VERSION})
_PAGES: Final = 100
_ENVELOPE: Final = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": CLIENT,
}


class NotMcp(Unsupported):
    """It answers, but not as an MCP server would; *body* is what it said, where known."""

    def __init__(self, message: str, body: Any = None) -> None:
        super().__init__(message)
        self.body = body


class McpRefused(NotMcp):
    """It answered with the JSON-RPC error *error*."""

    def __init__(self, message: str, error: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.error = error

    @property
    def modern(self) -> bool:
        """Whether only a server of the modern era refuses so (basic/versioning.mdx)."""
        if self.error.get("code") == _UNSUPPORTED_VERSION:
            data = self.error.get("data")
            supported = data.get("supported") if isinstance(data, dict) else None
            versions = supported if isinstance(supported, list) else [MODERN]
            return any(isinstance(each, str) and each >= MODERN for each in versions)
        return self.error.get("code") in _MODERN_ERRORS


def classify(answer: HttpAnswer) -> FleetError | None:
    """Return what an HTTP status alone says about a server; see ``kit.http``."""
    if answer.status in {401, 403}:
        return Unauthenticated(f"refuses the credential (HTTP {answer.status})")
    if answer.status == 429:  # noqa: PLR2004 -- HTTP's own number
        return RateLimited("asks to slow down (HTTP 429)")
    if answer.status >= 500:  # noqa: PLR2004 -- HTTP's own number
        return NotMcp(f"answers HTTP {answer.status}", answer.body)
    return None


@dataclass(slots=True)
class Peer:
    """One server during one probe.

    Attributes:
        http: A client whose ``classify`` is this module's.
        url: The MCP endpoint.
        token: The bearer token for it, if it has one.
        version: What it speaks, once greeted.
        lists_tools: Whether it declares tools, once greeted.
    """

    http: HttpClient
    url: str
    token: str | None = None
    version: str = MODERN
    lists_tools: bool = False
    _session: str | None = None
    _sent: int = field(default=0)

    async def greet(self) -> None:
        """Find out its era and whether it has tools.

        Raises:
            NotMcp: it answers, but not as an MCP server.
            Unauthenticated: it refuses the credential.
            RateLimited: it wants to be asked less.
            Unavailable: it cannot be reached.
            TimedOut: it does not answer.
        """
        try:
            found = await self._ask("server/discover", {})
        except McpRefused as error:
            if error.modern:
                raise
            found = await self._shake_hands()
        except NotMcp:
            found = await self._shake_hands()
        capabilities = found.get("capabilities")
        if not isinstance(capabilities, dict):
            raise NotMcp("greets without saying what it can do")
        self.lists_tools = "tools" in capabilities

    async def tools(self) -> list[Mapping[str, Any]]:
        """Return all its tools, as it describes them.

        Raises:
            FleetError: as for ``greet``.
        """
        found: list[Mapping[str, Any]] = []
        cursor: str | None = None
        for _ in range(_PAGES):
            page = await self._ask("tools/list", {} if cursor is None else {"cursor": cursor})
            tools = page.get("tools")
            if not isinstance(tools, list):
                raise NotMcp("lists its tools without a list")
            found += [tool for tool in tools if isinstance(tool, dict)]
            cursor = page.get("nextCursor")
            if not isinstance(cursor, str):
                return found
        raise NotMcp(f"lists its tools on more than {_PAGES} pages")

    async def leave(self) -> None:
        """End a legacy session, so that the server need not keep it; it may not care."""
        if self._session is not None:
            headers = self._headers("")
            with contextlib.suppress(FleetError):
                await self.http.send("DELETE", self.url, safety=Safety.IDEMPOTENT, headers=headers)

    async def _shake_hands(self) -> Mapping[str, Any]:
        self.version = LEGACY
        hello = {"protocolVersion": LEGACY, "capabilities": {}, "clientInfo": CLIENT}
        found = await self._ask("initialize", hello)
        if isinstance(found.get("protocolVersion"), str):
            self.version = found["protocolVersion"]
        notice = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        await self._post(notice, "notifications/initialized")
        return found

    async def _ask(self, method: str, params: dict[str, Any]) -> Mapping[str, Any]:
        self._sent += 1
        if self.version == MODERN:
            params = {**params, "_meta": _ENVELOPE}
        body = {"jsonrpc": "2.0", "id": self._sent, "method": method, "params": params}
        answer = await self._post(body, method)
        reply = _reply(answer.body, self._sent)
        if reply is None:
            raise NotMcp(f"answers HTTP {answer.status} without JSON-RPC; is this an MCP endpoint?")
        if method == "initialize":
            self._session = answer.headers.get("mcp-session-id")
        error = reply.get("error")
        if isinstance(error, dict):
            told = f"{error.get('message')} ({error.get('code')})"
            raise McpRefused(f"refuses {method}: {told[:200]}", error)
        result = reply.get("result")
        if not isinstance(result, dict):
            raise NotMcp(f"answers {method} without a result")
        return result

    async def _post(self, body: Any, method: str) -> HttpAnswer:
        headers = self._headers(method)
        return await self.http.send(
            "POST", self.url, safety=Safety.READ, json=body, headers=headers
        )

    def _headers(self, method: str) -> dict[str, str]:
        headers = {"accept": "application/json, text/event-stream"}
        if self.version == MODERN:
            headers["mcp-method"] = method
        if method != "initialize":
            headers["mcp-protocol-version"] = self.version
        if self._session is not None:
            headers["mcp-session-id"] = self._session
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        return headers


def _reply(body: Any, number: int) -> Mapping[str, Any] | None:
    """Return the JSON-RPC answer in an HTTP body: JSON, or a stream of events."""
    for each in _events(body) if isinstance(body, str) else (body,):
        if not isinstance(each, dict) or each.get("jsonrpc") != "2.0":
            continue
        if "error" in each or ("result" in each and each.get("id") == number):
            return each
    return None


def _events(text: str) -> list[Any]:
    """Return the JSON of each server-sent event in *text*; what is no JSON is left out."""
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        lines = [line[5:].strip() for line in block.split("\n") if line.startswith("data:")]
        try:
            found.append(json.loads("\n".join(lines)))
        except ValueError:
            continue
    return found
