"""Probes every server in its own time, while this registry holds the role."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from kit.clock import Clock
from kit.metrics import histogram
from registry.background import Background
from registry.health import Observation, Track, begin, level, next_probe_seconds, observe
from registry.model import Server

AT_ONCE: Final = 48
"""Probes in flight; below the connections of one ``kit.http`` client, so that none waits."""
DURATION: Final = histogram("fleet.probe.duration", "Time that one probe of a server took")

Look = Callable[[Server, str | None], Awaitable[Observation]]
Found = Callable[[str, Track], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Target:
    """A server to probe, and the token for it if it takes one."""

    server: Server
    token: str | None = None


class Prober:
    """One loop a server.

    Args:
        look: Makes one probe.
        clock: For the time between probes.
        found: Told the track after each probe.
        spread: Returns jitter, from -1 to 1.
    """

    def __init__(
        self,
        look: Look,
        clock: Clock,
        found: Found,
        spread: Callable[[], float] = lambda: random.uniform(-1, 1),  # noqa: S311 -- jitter
    ) -> None:
        self.tracks: dict[str, Track] = {}
        self._look = look
        self._clock = clock
        self._found = found
        self._spread = spread
        self._loops = Background(clock)
        self._targets: dict[str, Target] = {}
        self._pokes: dict[str, asyncio.Event] = {}
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._active = False

    def use(self, targets: Mapping[str, Target]) -> None:
        """Probe *targets* and no others; one that has changed is probed at once."""
        for name in [name for name in self._targets if name not in targets]:
            self._end(name)
        for name, target in targets.items():
            known = self._targets.get(name)
            if known == target:
                continue
            if known is not None and known.server.transport != target.server.transport:
                self.tracks.pop(name, None)  # another server: its history is not this one's
            self._targets[name] = target
            self._pokes.setdefault(name, asyncio.Event())
            if self._active:
                self._begin(name)

    def start(self) -> None:
        """Begin to probe: this registry holds the role."""
        self._active = True
        for name in self._targets:
            self._begin(name)

    def rest(self) -> None:
        """Leave it to another registry."""
        self._active = False
        for name in self._targets:
            self._loops.stop(name)

    def poke(self, name: str) -> None:
        """Probe the server called *name* as soon as its last probe is a quick interval ago."""
        if name in self._pokes:
            self._pokes[name].set()

    async def close(self) -> None:
        """End all loops."""
        await self._loops.__aexit__(None, None, None)

    def _begin(self, name: str) -> None:
        self._loops.start(name, lambda: self._watch_over(name))

    def _end(self, name: str) -> None:
        self._loops.stop(name)
        self._targets.pop(name, None)
        self._pokes.pop(name, None)
        self.tracks.pop(name, None)

    async def _watch_over(self, name: str) -> None:
        target, poked = self._targets[name], self._pokes[name]
        policy = target.server.health
        while True:
            async with self._slots:
                start = self._clock.now()
                seen = await self._look(target.server, target.token)
                took = self._clock.now() - start
            outcome = level(seen.findings).name.lower()
            DURATION.observe(took, (("outcome", outcome), ("server", name)))
            before = self.tracks.get(name) or begin(self._clock.utc())
            track = self.tracks[name] = observe(before, seen, policy, self._clock.utc())
            await self._found(name, track)
            wait = next_probe_seconds(track.health, policy, self._spread())
            gap = min(wait, policy.quick_interval_seconds)
            poked.clear()
            await self._clock.sleep(gap)
            if wait > gap:
                await self._poked_or_slept(poked, wait - gap)

    async def _poked_or_slept(self, poked: asyncio.Event, seconds: float) -> None:
        waits = [
            asyncio.ensure_future(self._clock.sleep(seconds)),
            asyncio.ensure_future(poked.wait()),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
