"""One ``tools/call`` at one server: through its bulkhead, past its breaker, within its time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.attempt.breaker import Breakers
from gateway.attempt.bulkhead import Bulkhead
from gateway.upstream.client import Notify, Upstream
from gateway.upstream.replies import BrokenOff, Hung, Outage, RpcError
from kit import telemetry
from kit.clock import Clock
from kit.deadline import META_BUDGET, Deadline
from kit.errors import FleetError, TimedOut, Unavailable
from registry.model import Server

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Peers:
    """What a call needs of the servers.

    Attributes:
        upstreams: By server name.
        bulkheads: By server name.
        breakers: Of all servers.
        clock: For latencies.
        lost: Told the server and the reason when one did not answer, so that it is probed.
    """

    upstreams: Mapping[str, Upstream]
    bulkheads: Mapping[str, Bulkhead]
    breakers: Breakers
    clock: Clock
    lost: Callable[[str, str], None]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who waits for the answer, and for how long.

    Attributes:
        deadline: When the caller's patience ends.
        meta: ``_meta`` keys that travel on (progress, tracing).
        notify: Takes notifications for the caller.
        headers: Of the caller's request, where arguments must be mirrored in them; None: not
            there, or somebody else than the caller chose the tool.
    """

    deadline: Deadline
    meta: Mapping[str, Any] = field(default_factory=dict)
    notify: Notify | None = None
    headers: Mapping[str, str] | None = None


async def ask(
    server: Server,
    target: str,
    params: Json,
    caller: Caller,
    peers: Peers,
    *,
    fresh: bool,
    method: str = "tools/call",
) -> Json:
    """Return the result of *method* with *params*.

    Args:
        server: Who is asked.
        target: What the breaker counts under: the operation, or the method.
        params: ``name`` and ``arguments``, and whatever else the caller sent.
        caller: Whose time it is.
        peers: The servers.
        fresh: Use a new connection.
        method: MCP method.

    Raises:
        RpcError: the server's own JSON-RPC error.
        Outage, BrokenOff, Hung: the server did not answer; its breaker knows.
        FleetError: it was not asked.
    """
    name = server.name
    attributes = {"fleet.server": name, "fleet.tier": server.tier.value}
    bulkhead = peers.bulkheads[name]
    await bulkhead.enter()
    try:
        seconds = min(caller.deadline.remaining(), server.limits.timeout_seconds)
        if seconds <= 0:
            raise TimedOut(f"no time was left to ask {name}", provider=name)
        if not peers.breakers.admit(name, target):
            raise Unavailable(f"{name} is on trial after failures", provider=name)
        meta = {**caller.meta, META_BUDGET: int(seconds * 1000)}
        with telemetry.client_span(method, str(params.get("name")), attributes) as span:
            telemetry.inject(meta)
            try:
                result = await peers.upstreams[name].ask(
                    method,
                    params,
                    meta=meta,
                    seconds=seconds,
                    notify=caller.notify,
                    fresh=fresh,
                )
            except RpcError as error:
                span.fail(str(error.code))
                peers.breakers.observe(name, target, ok=True)
                raise
            except (Outage, BrokenOff, Hung) as error:
                peers.breakers.observe(name, target, ok=False)
                peers.lost(name, error.message)
                raise
            if result.get("isError"):
                span.fail("tool_error")
    finally:
        bulkhead.leave()
    peers.breakers.observe(name, target, ok=True)
    return result


def second_try(error: FleetError, *, fresh: bool) -> bool:
    """Say whether the same server is asked again: once, when its connection broke."""
    return not fresh and isinstance(error, BrokenOff)
