"""Waiting until the gateway uses the servers of a fleet that has just become ready."""

import threading
import time
from typing import Any, Final

from cli.address import Address, gateway
from cli.api import get
from cli.failure import Failure
from cli.fleet.record import Record
from cli.fleet.waiting import Interrupted
from kit.errors import FleetError

STEP: Final = "servers in use"
_TICK_SECONDS: Final = 0.15
_LIMIT_SECONDS: Final = 10.0  # three quick probes and the tool lists take less
_ASK_SECONDS: Final = 5.0
_USED: Final = frozenset({"UP", "DEGRADED"})


def expected(record: Record) -> frozenset[str]:
    """Return the servers that the gateway of *record* should come to use."""
    if record.gateway is None:
        return frozenset()
    return frozenset(each.name for each in record.processes if each.talks_to is not None)


def await_servers(record: Record, stop: threading.Event) -> list[str]:
    """Return once the gateway uses its fleet's servers; one line for each that it does not.

    A process is ready before the registry has probed it and the gateway has read its tools.

    Raises:
        Interrupted: *stop* was set.
    """
    if record.gateway is None:
        return []
    address = Address(record.gateway, gateway(record.gateway).key)
    names = expected(record)
    end = time.monotonic() + _LIMIT_SECONDS
    while True:
        missing = _missing(address, names)
        if not missing or time.monotonic() > end:
            return missing
        if stop.wait(_TICK_SECONDS):
            raise Interrupted("interrupted")


def _missing(address: Address, names: frozenset[str]) -> list[str]:
    try:
        rows: list[dict[str, Any]] = get(address, "servers", seconds=_ASK_SECONDS)["servers"]
    except (Failure, FleetError) as error:
        return [f"the gateway does not say how its servers are: {error}"]
    return [
        f"{row['name']} is {row['state']} at the gateway: {row['reason'] or 'no tools known yet'}"
        for row in rows
        if row["name"] in names and (row["state"] not in _USED or not row.get("tools"))
    ]
