"""Passing one request through to one server, as it is: tools, resources, prompts, completion.

What the server answers is relayed on parsed JSON: content that we do not know survives.
The same policies hold as for operations: health, breaker, bulkhead, deadline; replicas of
the server stand in for it.
"""

from dataclasses import dataclass
from typing import Any, Final

from gateway.attempt.ask import Caller, Peers, ask, second_try
from gateway.params import mismatch
from gateway.routing.plan import Refusal
from gateway.routing.table import Table
from gateway.upstream.replies import BrokenOff, Hung, RpcError
from kit.errors import FleetError, NotFound, Unavailable, UnknownOutcome
from registry.model import EquivalenceClass, Server

Json = dict[str, Any]
TARGET: Final = "tools/call"
_HEADER_MISMATCH: Final = -32020
"""The breaker's key for tools that are passed through."""


@dataclass(frozen=True, slots=True)
class Passed:
    """One request for one server.

    Attributes:
        server: Whose tool.
        tool: Its name there; empty for other methods.
        params: As the caller sent them; of other methods with the server's own names.
        method: MCP method.
    """

    server: str
    tool: str
    params: Json
    method: str = TARGET


async def relay(
    call: Passed, caller: Caller, *, table: Table, peers: Peers, refusal: Refusal
) -> Json:
    """Return the server's result, its provenance added to ``_meta``.

    Raises:
        RpcError: the server's own JSON-RPC error.
        FleetError: nobody could be asked, or no answer came.
    """
    reads = _reads(call, table)
    _check_headers(call, caller, table)
    failure: FleetError = NotFound(f"there is no server {call.server!r}")
    attempts: list[Json] = []
    for server in _servers(table, call.server):
        reason = refusal(server.name, call.method)
        if reason:
            failure = Unavailable(f"{server.name} is not asked: {reason}", provider=server.name)
            continue
        answer = await _at(server, call, caller, peers, attempts, reads=reads)
        if not isinstance(answer, FleetError):
            return _stamped(answer, server, attempts)
        failure = answer
        if not (reads or failure.certain):
            break
    raise _told(failure, reads=reads)


def _check_headers(call: Passed, caller: Caller, table: Table) -> None:
    """Compare the client's ``Mcp-Param-*`` headers with the arguments that they mirror.

    Raises:
        RpcError: they do not agree.
    """
    catalogue = table.catalogues.get(call.server)
    if caller.headers is None or catalogue is None or call.method != TARGET:
        return
    wanted = catalogue.mirrored.get(call.tool)
    if wanted:
        wrong = mismatch(wanted, call.params.get("arguments"), caller.headers)
        if wrong:
            raise RpcError(_HEADER_MISMATCH, wrong)


def _reads(call: Passed, table: Table) -> bool:
    """Say whether the call only reads: a tool that declares so, and every other method.

    Raises:
        NotFound: the server has no such tool.
    """
    if call.method != TARGET:
        # An answer to a server's question is not given twice: its state may be used up.
        return call.params.keys().isdisjoint({"requestState", "inputResponses"})
    catalogue = table.catalogues.get(call.server)
    if catalogue is None:
        return False
    tool = catalogue.by_name.get(call.tool)
    if tool is None and not catalogue.problem:
        raise NotFound(f"{call.server} has no tool {call.tool!r}")
    hints = (tool or {}).get("annotations")
    return isinstance(hints, dict) and hints.get("readOnlyHint") is True


async def _at(
    server: Server, call: Passed, caller: Caller, peers: Peers, attempts: list[Json], *, reads: bool
) -> Json | FleetError:
    """Return the server's result or its failure; a read is tried again over a new connection."""
    params = {key: value for key, value in call.params.items() if key != "_meta"}
    if call.method == TARGET:
        params["name"] = call.tool
    fresh = False
    while True:
        try:
            result = await ask(
                server, call.method, params, caller, peers, fresh=fresh, method=call.method
            )
        except FleetError as error:
            attempts.append({"server": server.name, "outcome": error.code})
            if not reads or not second_try(error, fresh=fresh):
                return error
            fresh = True
        else:
            attempts.append({"server": server.name, "outcome": "ok"})
            return result


def _told(failure: FleetError, *, reads: bool) -> FleetError:
    if reads and isinstance(failure, BrokenOff):
        return Unavailable(failure.message, provider=failure.provider)
    if not reads and isinstance(failure, Hung):
        return UnknownOutcome(failure.message, provider=failure.provider)
    return failure


def _servers(table: Table, name: str) -> list[Server]:
    """Return the server and its replicas: nothing else is the same tool."""
    found = [table.snapshot.server(name)]
    found += [
        each
        for each in table.snapshot.answering_for(name)
        if each.equivalence is not None and each.equivalence.kind is EquivalenceClass.REPLICA
    ]
    return [each for each in found if each is not None]


def _stamped(result: Json, server: Server, attempts: list[Json]) -> Json:
    meta = result.get("_meta")
    stamp = {
        "fleet/served_by": [server.name],
        "fleet/tier": [server.tier.value],
        "fleet/attempts": attempts,
    }
    return {**result, "_meta": {**(meta if isinstance(meta, dict) else {}), **stamp}}
