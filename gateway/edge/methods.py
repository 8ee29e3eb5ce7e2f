"""The MCP methods, in both eras: which there are, what they need, who answers them."""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from gateway.edge import codes
from gateway.edge.asking import ROUNDS
from gateway.edge.downgrade import legacy_result
from gateway.edge.era import LEGACY, MODERN, negotiated
from gateway.edge.jsonrpc import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    Json,
    Refused,
)
from gateway.edge.levels import META_LOG_LEVEL, level
from gateway.edge.listen import listening
from gateway.edge.lists import KINDS, listed
from gateway.edge.request import Request
from gateway.listing import KEPT
from gateway.primitives import COMPLETE, PROMPT, READ
from gateway.results import failed
from gateway.upstream.client import CLIENT_INFO
from gateway.upstream.replies import RpcError
from kit.errors import FleetError, NotFound, Unavailable

SERVER_INFO: Final = {**CLIENT_INFO, "title": "Sophia fleet gateway"}
META_SERVER: Final = "io.modelcontextprotocol/serverInfo"
_COMPLETE: Final = "complete"
_INPUT_REQUIRED: Final = "input_required"


async def answered(request: Request) -> Json:
    """Return the result of *request*.

    Raises:
        Refused: the method or its parameters are wrong, or it failed.
    """
    message, era = request.message, request.era
    if era.modern and META_LOG_LEVEL in message.meta:
        level(message.meta[META_LOG_LEVEL])
    if era.modern:
        result = await _result(request.opened())
        if result.get("resultType") == _INPUT_REQUIRED:
            result = request.sealed(result)
        return _stamped(result)
    result = await _result(request)
    for round_ in range(ROUNDS):
        if result.get("resultType") != _INPUT_REQUIRED:
            break
        try:
            request = await request.repeated(result, round_)
        except FleetError as error:
            if message.method == "tools/call":
                return failed(error)
            raise codes.foreseen(error, message, era) from error
        result = await _result(request)
    if result.get("resultType", _COMPLETE) != _COMPLETE:
        raise Refused(
            INTERNAL_ERROR,
            f"the server answered {result['resultType']!r}, which {era.version} "
            "clients cannot take",
        )
    return legacy_result(message.method, result, era.version)


async def _result(request: Request) -> Json:
    if request.message.method == "tools/call":
        return await _called(request)
    return await _asked(request)


class _Method(NamedTuple):
    """One method beside ``tools/call``.

    Attributes:
        answer: Answers it.
        capability: What the surface must advertise; empty: nothing.
        eras: ``modern``: the client's must be, or must not be; None: either.
    """

    answer: Callable[[Request], Awaitable[Json]]
    capability: str = ""
    modern: bool | None = None


async def _asked(request: Request) -> Json:
    message, era = request.message, request.era
    method = _METHODS.get(message.method)
    if method is None or (method.modern is not None and method.modern is not era.modern):
        raise Refused(METHOD_NOT_FOUND, f"Method {message.method[:100]!r} is not served here")
    if method.capability and method.capability not in request.surface.capabilities():
        _unadvertised(request, method.capability)
    try:
        return await method.answer(request)
    except FleetError as error:
        raise codes.foreseen(error, message, era) from error
    except RpcError as error:
        raise codes.relayed(error, message, era) from error


def _unadvertised(request: Request, capability: str) -> None:
    """Refuse a method that nobody here declares; where a server is away, it may be his.

    Raises:
        Refused: always.
    """
    kind = KINDS.get(f"{capability}/list")
    problems = request.surface.problems(kind) if kind else {}
    if problems:
        told = "; ".join(f"{server}: {problem}" for server, problem in problems.items())
        error = Unavailable(f"{request.message.method} cannot be answered now: {told}")
        raise codes.foreseen(error, request.message, request.era)
    name = request.message.method
    raise Refused(METHOD_NOT_FOUND, f"{name!r} is not served here: no server has {capability}")


async def _called(request: Request) -> Json:
    params = request.message.params
    if not isinstance(params.get("name"), str):
        raise Refused(INVALID_PARAMS, "tools/call needs name, a string")
    if not isinstance(params.get("arguments", {}), dict | None):
        raise Refused(INVALID_PARAMS, "arguments must be an object")
    try:
        return await request.surface.call(params, request.caller())
    except FleetError as error:
        return failed(error)
    except RpcError as error:
        raise codes.relayed(error, request.message, request.era) from error


def _stamped(result: Json) -> Json:
    """Return *result* with what the modern wire requires of every result."""
    meta = result.get("_meta")
    ours = {**meta, META_SERVER: SERVER_INFO} if meta else {META_SERVER: SERVER_INFO}
    return {"resultType": _COMPLETE, **result, "_meta": ours}


async def _discovered(request: Request) -> Json:
    return {
        "supportedVersions": [*MODERN, *LEGACY],
        "capabilities": request.surface.capabilities(),
        "instructions": request.surface.instructions(),
        **KEPT.wire(),
    }


async def _greeted(request: Request) -> Json:
    return {
        "protocolVersion": negotiated(request.message.params.get("protocolVersion")),
        "capabilities": request.surface.capabilities(),
        "serverInfo": SERVER_INFO,
        "instructions": request.surface.instructions(),
    }


async def _ponged(_: Request) -> Json:
    return {}


async def _leveled(request: Request) -> Json:
    wanted = level(request.message.params.get("level"))
    request.streams.set_level(_session(request), wanted)
    return {}


async def _subscribed(request: Request) -> Json:
    uri = _watchable(request)
    if request.surface.locate(uri) is None:
        raise NotFound(f"Resource not found: {uri}")
    await request.streams.subscribe(_session(request), uri)
    return {}


async def _unsubscribed(request: Request) -> Json:
    uri = _watchable(request)
    request.streams.unsubscribe(_session(request), uri)
    return {}


def _watchable(request: Request) -> str:
    resources = request.surface.capabilities()["resources"]
    uri = request.message.params.get("uri")
    if resources.get("subscribe") is not True:
        raise Refused(METHOD_NOT_FOUND, "No server here tells of changes of single resources")
    if not isinstance(uri, str):
        raise Refused(INVALID_PARAMS, "uri must be a string")
    return uri


def _session(request: Request) -> str:
    if request.session is None:
        text = f"{request.message.method} needs a session: initialize first"
        raise Refused(INVALID_REQUEST, text)
    return request.session


async def _listed(request: Request) -> Json:
    return listed(request)


async def _passed(request: Request) -> Json:
    message = request.message
    result = await request.surface.request(message.method, message.params, request.caller())
    if request.era.modern and message.method == READ:
        whole = result.get("resultType", _COMPLETE) == _COMPLETE
        return {**_UNHINTED, **result} if whole else result
    return result


_UNHINTED: Final[Json] = {"ttlMs": 0, "cacheScope": "private"}
"""Of a resource whose server says nothing of keeping it."""
_METHODS: Final[dict[str, _Method]] = {
    "server/discover": _Method(_discovered, modern=True),
    "initialize": _Method(_greeted, modern=False),
    "ping": _Method(_ponged, modern=False),
    **{method: _Method(_listed, kind.capability) for method, kind in KINDS.items()},
    READ: _Method(_passed, "resources"),
    PROMPT: _Method(_passed, "prompts"),
    COMPLETE: _Method(_passed, "completions"),
    "subscriptions/listen": _Method(listening, modern=True),
    "resources/subscribe": _Method(_subscribed, "resources", modern=False),
    "resources/unsubscribe": _Method(_unsubscribed, "resources", modern=False),
    "logging/setLevel": _Method(_leveled, "logging", modern=False),
}
