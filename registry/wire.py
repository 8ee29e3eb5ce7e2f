"""Snapshots on the wire: between ``registry.model`` and ``registry.v1``.

A newer registry may know capabilities that this process does not: those are left out, and a
state or fact that is not known counts as unknown, so that a rolling upgrade stops nobody.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any, Final

from kit.contract.operation import Capability
from registry.model import (
    Fact,
    FactName,
    FactStatus,
    LoadError,
    Server,
    ServerHealth,
    Snapshot,
    State,
)
from registry.v1 import registry_pb2 as pb

_CAPABILITIES: Final = frozenset(each.value for each in Capability)
_FACTS: Final = {each.value: each for each in FactName}


def server_out(server: Server) -> pb.Server:
    """Return *server* as it is sent."""
    sent = pb.Server(
        name=server.name,
        description=server.description,
        tier=pb.Tier.Value(f"TIER_{server.tier}"),
        capabilities=[each.value for each in server.capabilities],
        http=pb.HttpTransport(url=server.transport.url),
        limits=pb.Limits(**server.limits.model_dump()),
        health=pb.HealthPolicy(**server.health.model_dump()),
        secret=server.secret or "",
        requires=server.requires,
    )
    if server.equivalence is not None:
        kind = f"EQUIVALENCE_CLASS_{server.equivalence.kind.upper()}"
        sent.equivalence.to = server.equivalence.to
        sent.equivalence.kind = pb.EquivalenceClass.Value(kind)
        if server.equivalence.max_age_seconds is not None:
            sent.equivalence.max_age_seconds = server.equivalence.max_age_seconds
    for name, binding in server.bindings.items():
        target = sent.bindings[name]
        target.tool = binding.tool
        if binding.arguments is not None:
            target.arguments.SetInParent()
            target.arguments.names.update(binding.arguments)
        if binding.result is not None:
            target.result = binding.result
    return sent


def declaration(sent: pb.Server) -> dict[str, Any]:
    """Return what *sent* declares, as the file would say it; what is not set is left out."""
    found: dict[str, Any] = {"name": sent.name, "transport": {"kind": "http", "url": sent.http.url}}
    found["tier"] = pb.Tier.Name(sent.tier).removeprefix("TIER_")
    for key in ("description", "secret"):
        if getattr(sent, key):
            found[key] = getattr(sent, key)
    for key in ("capabilities", "requires"):
        if getattr(sent, key):
            found[key] = list(getattr(sent, key))
    for key, part in (("limits", sent.limits), ("health", sent.health)):
        given = {each.name: value for each, value in part.ListFields()}
        if given:
            found[key] = given
    if sent.HasField("equivalence"):
        found["equivalence"] = _equivalence(sent.equivalence)
    if sent.bindings:
        found["bindings"] = {name: _binding(each) for name, each in sent.bindings.items()}
    return found


def server_in(sent: pb.Server) -> Server:
    """Return the server that was sent."""
    found = declaration(sent)
    found["capabilities"] = [each for each in sent.capabilities if each in _CAPABILITIES]
    return Server.model_validate(found)


def health_out(name: str, health: ServerHealth) -> pb.ServerHealth:
    """Return the *health* of the server called *name* as it is sent."""
    sent = pb.ServerHealth(
        server=name, state=pb.State.Value(f"STATE_{health.state}"), reason=health.reason
    )
    sent.since.FromDatetime(health.since)
    for fact, found in health.facts.items():
        told = sent.facts.add(name=fact.value, detail=found.detail)
        told.status = pb.FactStatus.Value(f"FACT_STATUS_{found.status.upper()}")
        told.since.FromDatetime(found.since)
    return sent


def health_in(sent: Iterable[pb.ServerHealth]) -> dict[str, ServerHealth]:
    """Return the health that was sent, by server."""
    return {each.server: _health(each) for each in sent}


def snapshot_out(snapshot: Snapshot) -> pb.Snapshot:
    """Return *snapshot* as it is sent."""
    return pb.Snapshot(
        revision=snapshot.revision,
        servers=[server_out(each) for each in snapshot.servers],
        health=[health_out(name, each) for name, each in snapshot.health.items()],
        source=snapshot.source,
        servers_digest=snapshot.servers_digest,
    )


def snapshot_in(sent: pb.Snapshot, source: str) -> Snapshot:
    """Return the snapshot that was sent; *source* is by whom."""
    return Snapshot(
        revision=sent.revision,
        servers=tuple(server_in(each) for each in sent.servers),
        health=health_in(sent.health),
        source=f"{sent.source} by {source}",
        servers_digest=sent.servers_digest,
    )


def changed(before: Mapping[str, ServerHealth], now: Mapping[str, ServerHealth]) -> pb.HealthUpdate:
    """Return what turns *before* into *now*, without a revision."""
    moved = {name: health for name, health in now.items() if before.get(name) is not health}
    return pb.HealthUpdate(health=[health_out(name, each) for name, each in moved.items()])


def load_error_out(error: LoadError | None) -> pb.LoadError | None:
    """Return *error* as it is sent."""
    if error is None:
        return None
    sent = pb.LoadError(message=error.message)
    sent.at.FromDatetime(error.at)
    return sent


def load_error_in(sent: pb.LoadError) -> LoadError:
    """Return the error that was sent."""
    return LoadError(sent.message, sent.at.ToDatetime(UTC))


def _equivalence(sent: pb.Equivalence) -> dict[str, Any]:
    kind = pb.EquivalenceClass.Name(sent.kind).removeprefix("EQUIVALENCE_CLASS_").lower()
    found: dict[str, Any] = {"to": sent.to, "class": kind}
    if sent.HasField("max_age_seconds"):
        found["max_age_seconds"] = sent.max_age_seconds
    return found


def _binding(sent: pb.Binding) -> dict[str, Any]:
    found: dict[str, Any] = {"tool": sent.tool}
    if sent.HasField("arguments"):
        found["arguments"] = dict(sent.arguments.names)
    if sent.HasField("result"):
        found["result"] = sent.result
    return found


def _health(sent: pb.ServerHealth) -> ServerHealth:
    facts = {
        _FACTS[each.name]: Fact(_status(each.status), each.detail, each.since.ToDatetime(UTC))
        for each in sent.facts
        if each.name in _FACTS
    }
    state = _named(pb.State, sent.state, "STATE_")
    known = State(state) if state in State.__members__ else State.UNKNOWN
    return ServerHealth(known, sent.since.ToDatetime(UTC), sent.reason, facts)


def _status(number: int) -> FactStatus:
    name = _named(pb.FactStatus, number, "FACT_STATUS_").lower()
    return FactStatus(name) if name in {each.value for each in FactStatus} else FactStatus.UNKNOWN


def _named(kind: Any, number: int, prefix: str) -> str:
    """Return the name of an enum's value; empty for one that this version does not know."""
    found: str = kind.Name(number) if number in kind.values() else ""
    return found.removeprefix(prefix)
