"""``sophia status``: what runs, and which servers are up."""

from typing import Any, Final

from cli import settings, show
from cli.address import Address, gateway
from cli.api import fetch, get
from cli.failure import Failure
from cli.fleet.look import look
from cli.fleet.processes import GATEWAY, REGISTRY
from cli.fleet.record import Record, needed
from cli.overview import overview
from cli.servers import server_table
from kit.errors import FleetError

_SECONDS: Final = 5.0
_FIELDS: Final = ("name", "tier", "state", "since", "reason")


def status(*, json: bool = False) -> int:
    """Show the fleet.

    Args:
        json: Print `processes` and `servers` as JSON.
    """
    places = settings.places()
    record = needed(places)
    seen = look(record, places)
    rows = _servers(record)
    if json:
        show.as_json(
            {
                "processes": [each.as_json() for each in seen],
                "servers": [{field: row.get(field) for field in _FIELDS} for row in rows],
            }
        )
    else:
        overview(seen, record)
        if rows:
            show.line()
            server_table(rows)
    return 0 if all(each.well for each in seen) else 1


def _servers(record: Record) -> list[dict[str, Any]]:
    """Return the servers as the gateway sees them, else as the registry does; say which."""
    if record.gateway is None:
        return _from_registry(record, f"this fleet has no {GATEWAY}")
    try:
        address = Address(record.gateway, gateway(record.gateway).key)
        found: list[dict[str, Any]] = get(address, "servers", seconds=_SECONDS)["servers"]
    except (Failure, FleetError) as error:
        return _from_registry(record, str(error))
    return found


def _from_registry(record: Record, why: str) -> list[dict[str, Any]]:
    url = record.urls.get(REGISTRY)
    if url is None and record.gateway is None:
        return []
    if url is None:
        show.note(f"the servers' states are not known: {why}")
        return []
    try:
        answer = fetch(Address(url), "GET", "/", seconds=_SECONDS)
    except (Failure, FleetError) as error:
        show.note(f"the servers' states are not known: {why}; and the registry: {error}")
        return []
    show.note(f"the gateway is away, so servers are as the registry sees them ({why})")
    found: list[dict[str, Any]] = answer["servers"]
    return found
