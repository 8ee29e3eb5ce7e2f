"""One leg of a call: try its candidates in order, under the deadline, never a write twice.

- A failure that certainly did nothing moves on to the next candidate.
- An uncertain one moves on only for reads and idempotent calls.
- A call whose connection broke is sent once more to the same server over a new connection.
  For a write that is safe because it carries its idempotency key: a repeat at the same
  provider is how it is asked whether it did it. A write that timed out is not repeated: it
  may still be running.
- What the caller did wrong is the caller's answer, not a reason to ask elsewhere.
"""

from dataclasses import dataclass
from typing import Final

from gateway.attempt.ask import Caller, Peers, ask, second_try
from gateway.attempt.mapping import mapped, shaped
from gateway.attempt.replies import Answered, Attempt, Failed, Json, Reply, Skipped
from gateway.routing.plan import Leg
from gateway.routing.table import Candidate
from gateway.upstream.replies import BrokenOff, Hung, RpcError, tool_error
from kit.contract.operation import Operation, Safety
from kit.errors import FleetError, Internal, Invalid, Unavailable, UnknownOutcome

_SERVERS_FAULT: Final = frozenset(
    {"unavailable", "timeout", "rate_limited", "quota_exhausted", "unauthenticated", "internal"}
)
_CALLERS_FAULT: Final = frozenset({-32602})


@dataclass(frozen=True, slots=True)
class Call:
    """What is asked, of whomever.

    Attributes:
        operation: The operation.
        arguments: As the caller gave them.
        caller: Who waits.
    """

    operation: Operation
    arguments: Json
    caller: Caller


async def run(leg: Leg, call: Call, peers: Peers) -> Reply:
    """Return what became of *leg*."""
    if not leg.candidates:
        return Skipped(leg.provider, "; ".join(f"{out.server}: {out.reason}" for out in leg.out))
    attempts: list[Attempt] = []
    failure: FleetError = Unavailable("nobody was asked", provider=leg.provider)
    for candidate in leg.candidates:
        answer = await _at(candidate, call, peers, attempts)
        if not isinstance(answer, FleetError):
            equivalence = candidate.server.equivalence
            return Answered(
                leg.provider,
                candidate.server.name,
                candidate.server.tier.value,
                answer,
                attempts,
                equivalence.kind.value if equivalence else "",
            )
        failure = answer
        if not _elsewhere(failure, call):
            break
    return Failed(leg.provider, _told(failure, call), attempts)


async def _at(
    candidate: Candidate, call: Call, peers: Peers, attempts: list[Attempt]
) -> Json | FleetError:
    """Return the candidate's result or its failure, after a second try where that is right."""
    fresh = False
    while True:
        began = peers.clock.now()
        answer: Json | FleetError
        try:
            answer = await _once(candidate, call, peers, fresh=fresh)
            outcome = "ok"
        except FleetError as error:
            answer, outcome = error, error.code
        latency = (peers.clock.now() - began) * 1000
        attempts.append(Attempt(candidate.server.name, outcome, latency))
        if not isinstance(answer, FleetError) or not second_try(answer, fresh=fresh):
            return answer
        fresh = True


async def _once(candidate: Candidate, call: Call, peers: Peers, *, fresh: bool) -> Json:
    """Ask one server once and return the operation's result.

    Raises:
        FleetError: what went wrong.
    """
    server = candidate.server
    params = {"name": candidate.tool, "arguments": mapped(candidate, call.arguments)}
    try:
        reply = await ask(server, call.operation.name, params, call.caller, peers, fresh=fresh)
    except RpcError as error:
        kind = Invalid if error.code in _CALLERS_FAULT else Internal
        raise kind(f"{server.name}: {error.message}", provider=server.name) from error
    failed = tool_error(reply, server.name)
    if failed is not None:
        raise failed
    return shaped(candidate, reply)


def _elsewhere(error: FleetError, call: Call) -> bool:
    """Say whether an equivalent may be asked after *error*."""
    if call.operation.safety is Safety.WRITE and not error.certain:
        return False
    return error.code in _SERVERS_FAULT or isinstance(error, UnknownOutcome)


def _told(error: FleetError, call: Call) -> FleetError:
    """Return *error* as the caller should read it: uncertainty matters only to writes."""
    if call.operation.safety is Safety.READ and isinstance(error, BrokenOff):
        return Unavailable(error.message, provider=error.provider)
    if call.operation.safety is not Safety.READ and isinstance(error, Hung):
        hint = "repeat the call with the same idempotency_key"
        return UnknownOutcome(error.message, provider=error.provider, read_back_hint=hint)
    return error
