"""Tells what changed from one snapshot to the next: in the log, and as events."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from kit import log
from registry.model import ServerHealth, Snapshot, State
from registry.store import Published

HEALTH_CHANGED: Final = "fleet.health.changed"
SNAPSHOT_SWAPPED: Final = "fleet.snapshot.swapped"
_log = log.get(__name__)


class Publisher(Protocol):
    """Where events go: ``kit.events.Events`` fits."""

    async def publish(self, subject: str, payload: dict[str, Any]) -> None:
        """Tell everybody."""
        ...


@dataclass(frozen=True, slots=True)
class HealthChange:
    """One server's change of state."""

    server: str
    before: State
    now: ServerHealth


async def announce(
    published: AsyncGenerator[Published],
    events: Publisher | None = None,
    leads: Callable[[], bool] = lambda: True,
) -> None:
    """Log every change, and publish it while *leads* says that it is for us to tell."""
    last: Snapshot | None = None
    async with contextlib.aclosing(published) as changes:
        async for each in changes:
            snapshot = each.snapshot
            await _told_swap(last, snapshot, events if leads() else None)
            for change in moves(last, snapshot):
                await _told_health(change, events if leads() else None)
            last = snapshot


def moves(before: Snapshot | None, now: Snapshot) -> Iterator[HealthChange]:
    """Yield the servers whose state differs between two snapshots."""
    known = {} if before is None else before.health
    for name, health in now.health.items():
        state = known[name].state if name in known else State.UNKNOWN
        if health.state is not state:
            yield HealthChange(name, state, health)


async def _told_swap(before: Snapshot | None, now: Snapshot, events: Publisher | None) -> None:
    if not now.revision or (before is not None and before.servers_digest == now.servers_digest):
        return
    old = set() if before is None else set(before.by_name)
    facts: dict[str, Any] = {
        "revision": now.revision,
        "servers_digest": now.servers_digest,
        "servers": len(now.servers),
        "added": sorted(now.by_name.keys() - old),
        "removed": sorted(old - now.by_name.keys()),
    }
    _log.info("snapshot.swapped", **facts)
    if events is not None:
        await events.publish(SNAPSHOT_SWAPPED, facts)


async def _told_health(change: HealthChange, events: Publisher | None) -> None:
    facts: dict[str, Any] = {
        "server": change.server,
        "before": change.before.value,
        "state": change.now.state.value,
        "reason": change.now.reason,
        "since": change.now.since.isoformat(),
    }
    _log.info("server.state_changed", **facts)
    if events is not None:
        await events.publish(HEALTH_CHANGED, facts)
