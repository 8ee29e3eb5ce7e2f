"""The registry for Python code that is not async: notebooks, scripts, jobs.

registry = get_registry()
server = registry.get_primary_server_for_capability("ANALYTICS")
print(server.transport.url)
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Final, TypeVar

from kit.clock import Clock, SystemClock
from kit.errors import Unavailable
from registry.client import GRPC, RegistrySource, open_source
from registry.model import Server, ServerHealth, Snapshot, State, capability_named
from registry.settings import RegistrySettings

FRESH_SECONDS: Final = 5.0
HEARD_SECONDS: Final = 3.0
PROBED_SECONDS: Final = 10.0
T = TypeVar("T")


class Registry:
    """What the registry knows; every question is answered from a snapshot five seconds old at most.

    Args:
        ask: Returns the newest snapshot.
        clock: For its age.
    """

    def __init__(self, ask: Callable[[], Snapshot], clock: Clock | None = None) -> None:
        self._ask = ask
        self._clock = clock or SystemClock()
        self._kept: tuple[float, Snapshot] | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The servers and their health.

        Raises:
            Unavailable: the registry process cannot be reached.
            RegistryInvalid: the registry file has mistakes.
        """
        now = self._clock.now()
        if self._kept is None or now - self._kept[0] > FRESH_SECONDS:
            self._kept = (now, self._ask())
        return self._kept[1]

    def get_server(self, name: str) -> Server | None:
        """Return the server called *name*."""
        return self.snapshot.server(name)

    def get_health(self, name: str) -> ServerHealth:
        """Return how the server called *name* is."""
        return self.snapshot.health_of(name)

    def get_servers_for_capability(self, capability: str) -> list[Server]:
        """Return the servers that declare *capability*, in order of preference, down or not.

        Raises:
            Invalid: there is no such capability.
        """
        return list(self.snapshot.with_capability(capability_named(capability)))

    def get_primary_server_for_capability(self, capability: str) -> Server | None:
        """Return the most preferred server of *capability* that can be called now.

        Raises:
            Invalid: there is no such capability.
        """
        snapshot = self.snapshot
        found = snapshot.with_capability(capability_named(capability))
        usable = (each for each in found if snapshot.health_of(each.name).state.takes_calls)
        return next(usable, None)

    def get_healthy_servers(self) -> list[Server]:
        """Return the servers that are UP."""
        snapshot = self.snapshot
        return [s for s in snapshot.servers if snapshot.health_of(s.name).state is State.UP]


def get_registry(path: str | Path | None = None) -> Registry:
    """Return the registry.

    Args:
        path: ``grpc://host:port`` of a registry process, or a registry file, whose servers are
            then probed from here at each look. None: the process that ``REGISTRY_HOST`` and
            ``REGISTRY_GRPC_PORT`` name, by default at 127.0.0.1:9100.
    """
    if path is None:
        settings = RegistrySettings()
        path = f"{GRPC}{settings.host}:{settings.grpc_port}"
    named = str(path)
    seconds = HEARD_SECONDS if named.startswith(GRPC) else PROBED_SECONDS
    return Registry(lambda: _in_a_loop(_look(open_source(named), seconds)))


async def _look(source: RegistrySource, seconds: float) -> Snapshot:
    """Return the first snapshot in which every state is known, or the last after *seconds*."""
    async with source:
        try:
            async with asyncio.timeout(seconds):
                async for snapshot in source.changes():
                    states = (health.state for health in snapshot.health.values())
                    if snapshot.revision and State.UNKNOWN not in states:
                        return snapshot
        except TimeoutError:
            if source.snapshot.revision:
                return source.snapshot
        raise Unavailable(source.status.detail or "the registry gave no snapshot")


def _in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run *work* to its end, whether or not a loop runs in this thread (as in notebooks)."""
    found: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            found.append(asyncio.run(work))
        except BaseException as error:  # noqa: BLE001 -- raised again in the caller's thread
            failures.append(error)

    thread = threading.Thread(target=run, name="registry")
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
    return found[0]
