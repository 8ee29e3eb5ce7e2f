"""What legacy servers (2025-11-25 and before) say, in the words of the modern era.

Pure functions: the handshake's messages, results and errors translated. Specification
2025-11-25, basic/lifecycle.mdx; 2026-07-28, basic/versioning.mdx and basic/index.mdx.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.upstream.calls import META_LOG_LEVEL
from gateway.upstream.client import CLIENT_INFO, META_CAPABILITIES, META_CLIENT, META_VERSION
from gateway.upstream.replies import Json, RpcError
from kit.errors import Unsupported

REVISIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
META_SERVER: Final = "io.modelcontextprotocol/serverInfo"
INITIALIZED: Final[Json] = {"jsonrpc": "2.0", "method": "notifications/initialized"}
_HEADERLESS: Final = frozenset({"2025-03-26", "2024-11-05"})
_ENVELOPE: Final = frozenset({META_VERSION, META_CAPABILITIES, META_CLIENT, META_LOG_LEVEL})
_CACHED: Final = frozenset(
    {
        "server/discover",
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
        "resources/read",
    }
)
_RESOURCE_NOT_FOUND: Final = -32002
_URL_ELICITATION: Final = -32042
_INVALID_PARAMS: Final = -32602
_MISSING_CAPABILITY: Final = -32021


@dataclass(frozen=True, slots=True)
class Greeting:
    """What a server said of itself at the handshake.

    Attributes:
        version: The revision that both speak.
        capabilities: What it can do.
        info: Its name and version, as it gives them.
        instructions: For models; None: it has none.
    """

    version: str
    capabilities: Json
    info: Json = field(default_factory=dict)
    instructions: str | None = None

    @property
    def headers(self) -> Mapping[str, str]:
        """What HTTP requests after the handshake carry (2025-06-18 and later)."""
        return {} if self.version in _HEADERLESS else {"mcp-protocol-version": self.version}

    @property
    def tells_changes(self) -> bool:
        """Whether it may send notifications outside of calls."""
        return any(
            isinstance(each, dict) and (each.get("listChanged") or each.get("subscribe"))
            for each in self.capabilities.values()
        )

    def discovered(self) -> Json:
        """Return it as the result of ``server/discover``."""
        result: Json = {"supportedVersions": [self.version], "capabilities": self.capabilities}
        if self.instructions is not None:
            result["instructions"] = self.instructions
        if self.info:
            result["_meta"] = {META_SERVER: self.info}
        return modern_result("server/discover", result)


def hello(capabilities: Json) -> Json:
    """Return the parameters of ``initialize``: the newest legacy revision is offered."""
    return {
        "protocolVersion": REVISIONS[0],
        "capabilities": capabilities,
        "clientInfo": CLIENT_INFO,
    }


def greeting(server: str, result: Json) -> Greeting:
    """Return what *result* of ``initialize`` says.

    Raises:
        Unsupported: it answered with a revision that we do not speak, or with no handshake.
    """
    version, capabilities = result.get("protocolVersion"), result.get("capabilities")
    if version not in REVISIONS:
        spoken = ", ".join(REVISIONS)
        message = f"{server} speaks MCP {version!r}; the gateway speaks {spoken} and 2026-07-28"
        raise Unsupported(message, provider=server)
    info, instructions = result.get("serverInfo"), result.get("instructions")
    return Greeting(
        version,
        capabilities if isinstance(capabilities, dict) else {},
        info if isinstance(info, dict) else {},
        instructions if isinstance(instructions, str) else None,
    )


def legacy_meta(meta: Mapping[str, Any]) -> Json:
    """Return *meta* without the modern envelope, which legacy servers say at the handshake."""
    return {key: value for key, value in meta.items() if key not in _ENVELOPE}


def modern_result(method: str, result: Json) -> Json:
    """Return the *result* of *method* in the modern form; what a server hints at stays."""
    if method in _CACHED:
        return {"ttlMs": 0, "cacheScope": "private", **result, "resultType": "complete"}
    return {**result, "resultType": "complete"}


def url_elicitations(error: RpcError, meta: Mapping[str, Any]) -> Json | None:
    """Return the ``input_required`` result that a demand to visit URLs (-32042) amounts to.

    None where it is another error, or the caller did not declare that it shows URLs.
    """
    if error.code != _URL_ELICITATION or not isinstance(error.data, dict):
        return None
    declared = meta.get(META_CAPABILITIES)
    elicitation = declared.get("elicitation") if isinstance(declared, dict) else None
    wanted = error.data.get("elicitations")
    if not isinstance(elicitation, dict) or "url" not in elicitation:
        return None
    requests = {
        f"url-{number}": {
            "method": "elicitation/create",
            "params": {key: value for key, value in each.items() if key != "elicitationId"},
        }
        for number, each in enumerate(wanted if isinstance(wanted, list) else [])
        if isinstance(each, dict)
    }
    return {"resultType": "input_required", "inputRequests": requests} if requests else None


def modern_error(error: RpcError) -> RpcError:
    """Return *error* in today's codes: what 2026-07-28 withdrew is never sent on."""
    if error.code == _RESOURCE_NOT_FOUND:
        return RpcError(_INVALID_PARAMS, error.message, error.data)
    if error.code == _URL_ELICITATION:
        data: Json = {"requiredCapabilities": {"elicitation": {"url": {}}}}
        return RpcError(_MISSING_CAPABILITY, error.message, data)
    return error


async def translated(method: str, meta: Mapping[str, Any], answer: Awaitable[Json]) -> Json:
    """Return the result that *answer* brings, in the modern form.

    Raises:
        RpcError: the server's error, in today's codes.
    """
    try:
        return modern_result(method, await answer)
    except RpcError as error:
        wanted = url_elicitations(error, meta)
        if wanted is None:
            raise modern_error(error) from error
        return wanted
