"""The plan of a call: which servers, in which order, and why others not.

Pure: the live path, ``explain`` and ``simulate`` call the same functions, so what is
explained is what happens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from gateway.routing.table import Candidate, Table
from kit.contract.operation import Operation, Route
from kit.contract.refs import Ref
from kit.errors import Invalid

Refusal = Callable[[str, str], str]
"""Says why a server (first) takes no call for an operation (second) now; empty: it does."""


@dataclass(frozen=True, slots=True)
class Out:
    """A candidate that takes no part, and why."""

    server: str
    reason: str


@dataclass(frozen=True, slots=True)
class Leg:
    """One provider's part of a call.

    Attributes:
        provider: Whose things are asked for.
        candidates: Who may answer for it, in order; the later ones are failover.
        out: Who could, but does not now.
        container: For ``place``: the container ref to use there; None: its default.
    """

    provider: str
    candidates: tuple[Candidate, ...]
    out: tuple[Out, ...]
    container: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a call will do.

    Attributes:
        operation: What is asked.
        legs: ``merge``: asked at once; else: one after the other until one answers.
    """

    operation: Operation
    legs: tuple[Leg, ...]


def plan(
    table: Table, operation: Operation, arguments: Mapping[str, Any], refusal: Refusal
) -> Plan:
    """Return the plan for one call.

    Raises:
        Invalid: the argument that names the provider is missing, no ref, or names one that
            does not serve the operation.
    """
    by_provider = _by_provider(table, operation)
    match operation.route:
        case Route.MERGE:
            legs = [_leg(name, found, operation, refusal) for name, found in by_provider.items()]
        case Route.FAILOVER:
            # Only declared equivalents stand in for each other: the preferred provider's own.
            first = next(iter(by_provider.items()), None)
            legs = [] if first is None else [_leg(first[0], first[1], operation, refusal)]
        case Route.ROUTE:
            provider = _named(operation, arguments).provider
            found = _of(by_provider, provider, operation, operation.ref_argument)
            legs = [_leg(provider, found, operation, refusal)]
        case Route.PLACE:
            legs = [
                _leg(
                    place.provider,
                    _of(by_provider, place.provider, operation, place.field),
                    operation,
                    refusal,
                    place.container,
                )
                for place in _places(operation, arguments, by_provider)
            ]
    return Plan(operation, tuple(legs))


def _by_provider(table: Table, operation: Operation) -> dict[str, list[Candidate]]:
    found: dict[str, list[Candidate]] = {}
    for candidate in table.candidates[operation.name]:
        found.setdefault(candidate.provider, []).append(candidate)
    for candidates in found.values():  # the provider itself goes before its stand-ins
        candidates.sort(key=lambda each: each.server.equivalence is not None)
    return found


def _leg(
    provider: str,
    candidates: list[Candidate],
    operation: Operation,
    refusal: Refusal,
    container: str | None = None,
) -> Leg:
    inside: list[Candidate] = []
    out: list[Out] = []
    for candidate in candidates:
        name = candidate.server.name
        reason = refusal(name, operation.name) or candidate.ineligible
        if reason:
            out.append(Out(name, reason))
        else:
            inside.append(candidate)
    return Leg(provider, tuple(inside), tuple(out), container)


def _named(operation: Operation, arguments: Mapping[str, Any]) -> Ref:
    field = operation.ref_argument or "ref"
    value = arguments.get(field)
    if not isinstance(value, str):
        raise Invalid(f"{operation.name} needs {field}, a ref", field=field)
    return Ref.parse(value, field=field)


def _of(
    by_provider: Mapping[str, list[Candidate]],
    provider: str,
    operation: Operation,
    field: str | None,
) -> list[Candidate]:
    found = by_provider.get(provider)
    if found is None:
        known = ", ".join(by_provider) or "none"
        raise Invalid(
            f"no server {provider!r} serves {operation.name}; those that do: {known}",
            field=field,
        )
    return found


class _Place(NamedTuple):
    """Where a create may go, and which argument says so."""

    provider: str
    container: str | None
    field: str


def _places(
    operation: Operation, arguments: Mapping[str, Any], by_provider: Mapping[str, list[Candidate]]
) -> list[_Place]:
    """Return the places in order: where it was asked for, then the fallbacks."""
    field = operation.ref_argument or "container_ref"
    wanted = arguments.get(field)
    if wanted is None:
        places = [_Place(first, None, field) for first in list(by_provider)[:1]]
    else:
        places = [_Place(_named(operation, arguments).provider, wanted, field)]
    fallback = arguments.get("fallback", ())
    if not isinstance(fallback, list | tuple):
        raise Invalid("fallback must be a list of providers or container refs", field="fallback")
    for entry in map(str, fallback):
        if ":" in entry:
            provider = Ref.parse(entry, field="fallback").provider
            places.append(_Place(provider, entry, "fallback"))
        else:
            places.append(_Place(entry, None, "fallback"))
    return places
