"""The registry's gauges, read from the snapshot whenever somebody asks."""

from kit.metrics import Attributes, gauge
from registry.store import Store


def expose(store: Store) -> None:
    """Have ``/metrics`` tell of what is in force in *store*."""

    def states() -> dict[Attributes, float]:
        snapshot = store.snapshot
        return {
            (
                ("server", server.name),
                ("state", snapshot.health_of(server.name).state.value),
                ("tier", server.tier.value),
            ): 1
            for server in snapshot.servers
        }

    gauge("fleet.server.state", states, "1 for the state that a server is in", "1")
    gauge("fleet.registry.revision", lambda: store.snapshot.revision, "Snapshot in force", "1")
    gauge(
        "fleet.registry.refused",
        lambda: float(store.load_error is not None),
        "1 while the registry file as it stands was refused",
        "1",
    )
