"""What the gateway tells people about its servers."""

from typing import Any

from gateway.fleet import Fleet
from registry.model import Server

Json = dict[str, Any]


def server_rows(fleet: Fleet) -> list[Json]:
    """Return every server with its state, since when and why, in the registry's order."""
    return [server_row(fleet, server) for server in fleet.snapshot.servers]


def server_row(fleet: Fleet, server: Server) -> Json:
    """Return one server's state and what is known of it."""
    health = fleet.snapshot.health_of(server.name)
    catalogue = fleet.catalogues.get(server.name)
    bulkhead = fleet.peers.bulkheads.get(server.name)
    row: Json = {
        "name": server.name,
        "tier": server.tier.value,
        "state": health.state.value,
        "since": health.since.isoformat(),
        "reason": health.reason,
        "capabilities": [each.value for each in server.capabilities],
        "description": server.description,
        "url": server.transport.url,
        "tools": len(catalogue.tools) if catalogue else 0,
        "calls_running": bulkhead.running if bulkhead else 0,
        "breakers_open": fleet.peers.breakers.open().get(server.name, []),
        "facts": {
            name.value: {
                "status": fact.status.value,
                "detail": fact.detail,
                "since": fact.since.isoformat(),
            }
            for name, fact in health.facts.items()
        },
    }
    if catalogue is not None and catalogue.problem:
        row["tools_problem"] = catalogue.problem
        row["tools_at"] = catalogue.at.isoformat()
    if server.equivalence is not None:
        row["equivalence"] = {
            "to": server.equivalence.to,
            "class": server.equivalence.kind.value,
        }
    return row


def registry_row(fleet: Fleet) -> Json:
    """Return how fresh the registry's snapshot is."""
    status = fleet.source.status
    row: Json = {
        "source": fleet.snapshot.source,
        "revision": fleet.snapshot.revision,
        "connected": status.connected,
        "since": status.since.isoformat(),
        "detail": status.detail,
    }
    if status.load_error is not None:
        row["load_error"] = {
            "message": status.load_error.message,
            "at": status.load_error.at.isoformat(),
        }
    return row
