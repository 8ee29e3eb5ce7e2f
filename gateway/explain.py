"""Why a call would go where it goes, in words: the live plan, printed."""

from collections.abc import Mapping
from typing import Any

from gateway.routing.plan import Leg, Plan, Refusal, plan
from gateway.routing.table import Table
from kit.contract.operation import Operation, Route
from kit.errors import NotFound

Json = dict[str, Any]


def explained(table: Table, name: str, arguments: Mapping[str, Any], refusal: Refusal) -> Json:
    """Return the plan of operation *name*, every candidate in or out with the reason.

    Without arguments, a route by ref is explained for every provider.

    Raises:
        NotFound: there is no such operation.
        Invalid: an argument that names the provider is wrong.
    """
    operation = table.operations.get(name)
    if operation is None:
        known = ", ".join(table.operations)
        raise NotFound(f"there is no operation {name!r}; there are {known}")
    legs = [_leg(leg) for leg in _plan(table, operation, arguments, refusal).legs]
    return {
        "operation": name,
        "capability": operation.capability.value,
        "route": operation.route.value,
        "safety": operation.safety.value,
        "revision": table.snapshot.revision,
        "legs": legs,
        "outcome": _outcome(operation, legs),
    }


def simulated(table: Table, down: frozenset[str], now: Refusal, then: Refusal) -> Json:
    """Return what would change for each operation if *down* were down.

    Raises:
        NotFound: there is no such server.
    """
    for name in sorted(down):
        if table.snapshot.server(name) is None:
            raise NotFound(f"there is no server {name!r}")
    rows = []
    for name in table.operations:
        before = explained(table, name, {}, now)
        after = explained(table, name, {}, then)
        rows.append(
            {
                "operation": name,
                "changes": before["legs"] != after["legs"],
                "before": before["outcome"],
                "after": after["outcome"],
                "legs": after["legs"],
            }
        )
    return {"down": sorted(down), "operations": rows}


def _plan(
    table: Table, operation: Operation, arguments: Mapping[str, Any], refusal: Refusal
) -> Plan:
    if operation.route is Route.ROUTE and operation.ref_argument not in arguments:
        legs: list[Leg] = []
        for candidate in table.candidates[operation.name]:
            ref = f"any:{candidate.provider}:any"
            leg = plan(table, operation, {operation.ref_argument or "ref": ref}, refusal).legs[0]
            if leg not in legs:
                legs.append(leg)
        return Plan(operation, tuple(legs))
    return plan(table, operation, arguments, refusal)


def _leg(leg: Leg) -> Json:
    shown: Json = {
        "provider": leg.provider,
        "candidates": [
            {"server": each.server.name, "tier": each.server.tier.value, "tool": each.tool}
            for each in leg.candidates
        ],
        "out": [{"server": out.server, "reason": out.reason} for out in leg.out],
    }
    if leg.container is not None:
        shown["container"] = leg.container
    return shown


def _outcome(operation: Operation, legs: list[Json]) -> str:
    able = ", ".join(leg["provider"] for leg in legs if leg["candidates"])
    unable = ", ".join(leg["provider"] for leg in legs if not leg["candidates"])
    if not able:
        return "fails: " + ("nobody can answer" if legs else "no server serves it")
    match operation.route:
        case Route.MERGE:
            return f"partial: {able}; without {unable}" if unable else f"complete: {able}"
        case Route.ROUTE:
            return f"works for {able}" + (f"; fails for {unable}" if unable else "")
        case _:
            return f"goes to {able.partition(',')[0]}"
