"""Running an operation: plan it, try it, merge it, say where the answer came from."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

from gateway.attempt import leg as attempt
from gateway.attempt.ask import Caller, Peers
from gateway.attempt.leg import Call
from gateway.attempt.merge import Position, merged, positions
from gateway.attempt.replies import Answered, Failed, Json, Reply, Skipped
from gateway.routing.plan import Leg, Plan, Refusal, plan
from gateway.routing.table import Table
from kit.contract.operation import Merge, Operation, Route, Safety
from kit.deadline import Deadline
from kit.errors import FleetError, Invalid, NotFound, TimedOut, Unavailable

DEFAULT_LIMIT = 20
MAX_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """An operation's answer and where it came from.

    Attributes:
        result: As the contract has it.
        meta: ``fleet/*`` keys for the answer's ``_meta``.
    """

    result: Json
    meta: Json


async def run(
    name: str,
    arguments: Json,
    caller: Caller,
    *,
    table: Table,
    peers: Peers,
    refusal: Refusal,
    patience_seconds: float,
) -> Outcome:
    """Return the answer of operation *name*.

    Raises:
        FleetError: it failed; the message says what to do.
    """
    operation = table.operations.get(name)
    if operation is None:
        raise NotFound(f"there is no operation {name!r}")
    if operation.safety is not Safety.READ and "idempotency_key" not in arguments:
        arguments = {**arguments, "idempotency_key": uuid4().hex}
    planned = plan(table, operation, arguments, refusal)
    if not planned.legs:
        raise Unavailable(f"no server in the registry serves {operation.capability.value}")
    if operation.merge is not None:
        return await _merge(planned, operation.merge, arguments, caller, peers, patience_seconds)
    return await _first(planned, arguments, caller, peers)


async def _first(planned: Plan, arguments: Json, caller: Caller, peers: Peers) -> Outcome:
    """Ask leg after leg until one answers; only what certainly did nothing moves on."""
    failed: list[Reply] = []
    for number, leg in enumerate(planned.legs):
        call = Call(
            planned.operation,
            _placed(planned.operation, leg, arguments),
            caller,
        )
        reply = await attempt.run(leg, call, peers)
        match reply:
            case Answered():
                degraded = number > 0
                result = {**reply.result, "degraded": True} if degraded else reply.result
                return Outcome(result, _meta([*failed, reply], degraded=degraded))
            case Failed(error=error) if number + 1 == len(planned.legs) or not _moves_on(error):
                raise _with_history(error, failed)
            case _:
                failed.append(reply)
    raise _with_history(None, failed)


def _placed(operation: Operation, leg: Leg, arguments: Json) -> Json:
    if operation.route is not Route.PLACE:
        return arguments
    placed = {k: v for k, v in arguments.items() if k not in {"fallback", operation.ref_argument}}
    if leg.container is not None and operation.ref_argument is not None:
        placed[operation.ref_argument] = leg.container
    return placed


def _moves_on(error: FleetError) -> bool:
    """Say whether a create may go to the caller's next fallback after *error*."""
    return error.certain and error.code not in {"invalid", "conflict", "not_found", "internal"}


def _with_history(error: FleetError | None, failed: Sequence[Reply]) -> FleetError:
    if error is not None and not failed:
        return error
    told = [
        f"{r.provider}: {r.error.message if isinstance(r, Failed) else r.reason}"
        for r in failed
        if isinstance(r, Failed | Skipped)
    ]
    if error is not None:
        error.args = (f"{error.message} (before that: {'; '.join(told)})",)
        error.message = error.args[0]
        return error
    return Unavailable("nobody can take this now: " + "; ".join(told))


async def _merge(
    planned: Plan,
    merge: Merge,
    arguments: Json,
    caller: Caller,
    peers: Peers,
    patience_seconds: float,
) -> Outcome:
    fields = planned.operation.arguments.model_fields
    paged = "cursor" in fields
    before = positions(_text(arguments.get("cursor"), "cursor")) if paged else {}
    limit = _limit(arguments) if "limit" in fields else None
    asked: dict[int, asyncio.Task[Reply]] = {}
    replies: dict[int, Reply] = {}
    for number, leg in enumerate(planned.legs):
        position = before.get(leg.provider, Position())
        if position.done:
            replies[number] = Answered(leg.provider, "", "", {}, ())
            continue
        own = {k: v for k, v in arguments.items() if k != "cursor"}
        if position.cursor is not None:
            own["cursor"] = position.cursor
        call = Call(planned.operation, own, replace(caller, notify=None))
        asked[number] = asyncio.create_task(attempt.run(leg, call, peers))
    try:
        replies |= await _gathered(asked, planned, caller.deadline, patience_seconds, peers)
    finally:
        for task in asked.values():
            task.cancel()
    ordered = [replies[number] for number in range(len(planned.legs))]
    return Outcome(merged(ordered, merge, limit=limit, before=before), _meta(ordered))


async def _gathered(
    asked: Mapping[int, "asyncio.Task[Reply]"],
    planned: Plan,
    deadline: Deadline,
    patience_seconds: float,
    peers: Peers,
) -> dict[int, Reply]:
    """Return every leg's reply; once one has answered, the others have *patience_seconds*."""
    waiting = set(asked.values())
    ends = deadline
    late = "did not answer within the deadline"
    while waiting:
        done, waiting = await asyncio.wait(
            waiting, timeout=max(0.0, ends.remaining()), return_when=asyncio.FIRST_COMPLETED
        )
        if not done:
            break
        if ends is deadline and any(isinstance(task.result(), Answered) for task in done):
            ends = min(deadline, Deadline.after(patience_seconds), key=lambda each: each.at)
            late = f"did not answer within {patience_seconds:g} s of the others"
    return {
        number: task.result() if task.done() else _late(planned, number, late, peers)
        for number, task in asked.items()
    }


def _late(planned: Plan, number: int, late: str, peers: Peers) -> Failed:
    """Return the reply of a leg that is not waited for any longer, and tell on its server."""
    leg = planned.legs[number]
    server = leg.candidates[0].server.name
    message = f"{server} {late}"
    peers.breakers.observe(server, planned.operation.name, ok=False)
    peers.lost(server, message)
    return Failed(leg.provider, TimedOut(message, provider=leg.provider), ())


def _text(value: object, field: str) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise Invalid(f"{field} must be a string", field=field)


def _limit(arguments: Json) -> int:
    limit = arguments.get("limit", DEFAULT_LIMIT)
    if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= MAX_LIMIT:
        raise Invalid(f"limit must be a number from 1 to {MAX_LIMIT}", field="limit")
    return limit


def _meta(replies: Sequence[Reply], *, degraded: bool = False) -> Json:
    """Return the provenance of an answer."""
    answered = [reply for reply in replies if isinstance(reply, Answered) and reply.server]
    attempts = [
        a.as_json() for r in replies if isinstance(r, Answered | Failed) for a in r.attempts
    ]
    meta: Json = {
        "fleet/served_by": [reply.server for reply in answered],
        "fleet/tier": [reply.tier for reply in answered],
        "fleet/attempts": attempts,
    }
    stand_ins = {reply.server: reply.equivalence for reply in answered if reply.equivalence}
    if stand_ins:
        meta["fleet/equivalence"] = stand_ins
    if degraded:
        meta["fleet/degraded"] = True
    return meta
