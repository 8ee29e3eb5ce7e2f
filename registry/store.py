"""The current snapshot: swapped whole, watched by any number, latest wins."""

import hashlib
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, replace

from kit.latest import Latest
from registry.model import LoadError, Server, ServerHealth, Snapshot


@dataclass(frozen=True, slots=True)
class Published:
    """What watchers see: the snapshot in force, and why a newer file is not."""

    snapshot: Snapshot
    load_error: LoadError | None = None


class Store:
    """Holds the snapshot in force.

    Args:
        source: Where the servers come from, for people.
    """

    def __init__(self, source: str) -> None:
        self._latest = Latest(Published(Snapshot.empty(source)))

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot in force."""
        return self._latest.value.snapshot

    @property
    def load_error(self) -> LoadError | None:
        """Why the newest file was refused, if it was."""
        return self._latest.value.load_error

    def watch(self) -> AsyncGenerator[Published]:
        """Yield what is in force, then the newest after each change."""
        return self._latest.watch()

    def swap(self, servers: Iterable[Server], health: Mapping[str, ServerHealth]) -> bool:
        """Put a new snapshot in force; False when nothing differs from the old one."""
        before = self.snapshot
        ordered = tuple(sorted(servers, key=lambda server: server.tier.rank))
        if before.revision and ordered == before.servers:
            if health == before.health:
                return False
            ordered, found = before.servers, before.servers_digest
        else:
            found = digest(ordered)
        snapshot = Snapshot(before.revision + 1, ordered, dict(health), before.source, found)
        self._latest.set(replace(self._latest.value, snapshot=snapshot))
        return True

    def learn(self, name: str, health: ServerHealth) -> None:
        """Put a new snapshot in force in which the server called *name* has this *health*."""
        before = self.snapshot
        if before.health.get(name) != health:
            learnt = replace(
                before, revision=before.revision + 1, health={**before.health, name: health}
            )
            self._latest.set(replace(self._latest.value, snapshot=learnt))

    def refuse(self, error: LoadError | None) -> None:
        """Let watchers know that the newest file was refused, or (None) that it is in force."""
        if error != self.load_error:
            self._latest.set(replace(self._latest.value, load_error=error))


def digest(servers: Iterable[Server]) -> str:
    """Return the same text for the same servers in the same order, whoever asks."""
    found = hashlib.sha256()
    for server in servers:
        found.update(server.model_dump_json(by_alias=True).encode())
    return found.hexdigest()
