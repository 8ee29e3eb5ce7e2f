"""The registry at work: file and leases in, probes over them, one snapshot out.

The same in a registry process and inside a gateway that reads the file itself.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from kit import log
from kit.clock import Clock, SystemClock
from kit.errors import Conflict, FleetError, NotFound
from kit.kv import KeyValue, MemoryKeyValue
from registry import leases as lease_form
from registry.background import Background
from registry.health import Drain, Track
from registry.known import Known
from registry.leases import Lease, Leases
from registry.load import declared, load_content
from registry.mistakes import RegistryInvalid
from registry.model import Document, LoadError
from registry.places import Mistake
from registry.prober import Look, Prober
from registry.role import Role
from registry.shared import ASK, ASKED, DRAIN, DRAINED, NOTED, TRACK, Ask, Noted, read
from registry.store import Store
from registry.watch import changes
from registry.watch import read as read_file

SWEEP_SECONDS: Final = 1.0
HEAR_SECONDS: Final = 2.0
_FRESH_SECONDS: Final = 15.0
_NOT_LEASED: Final = ("secret", "requires", "enabled")
_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Engines:
    """What a fleet runs on.

    Attributes:
        look: Makes one probe.
        environment: What secrets and requirements name.
        clock: For probes and leases.
        volatile: Leases, probe results, the role of prober.
        lasting: Drains.
    """

    look: Look
    environment: Mapping[str, str]
    clock: Clock = field(default_factory=SystemClock)
    volatile: KeyValue = field(default_factory=MemoryKeyValue)
    lasting: KeyValue = field(default_factory=MemoryKeyValue)


class Fleet:
    """All that is known of the servers; an async context manager.

    Args:
        path: The registry file.
        engines: What it runs on.

    Attributes:
        store: The snapshot in force.
    """

    def __init__(self, path: Path, engines: Engines) -> None:
        self.store = Store(f"file {path}")
        self._path = path
        self._engines = engines
        self._clock = engines.clock
        self._content: bytes | None = None
        self._entries: Mapping[str, bytes] = {}
        self._leases = Leases(engines.volatile, engines.clock)
        self._prober = Prober(engines.look, engines.clock, self._probed)
        self._known = Known(engines.environment, self._prober.tracks)
        self._role = Role(engines.volatile, engines.clock, self._prober.start, self._prober.rest)
        self._volatile_heard = asyncio.Event()
        self._lasting_heard = asyncio.Event()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        self._content = read_file(self._path)
        self._known.use(await self._read(self._content))
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._engines.volatile)
            await stack.enter_async_context(self._engines.lasting)
            stack.push_async_callback(self._prober.close)
            stack.push_async_callback(self._role.give_up)
            background = await stack.enter_async_context(Background(self._clock))
            self._compose()
            for loop in (self._follow_file, self._follow_volatile, self._follow_lasting):
                background.start(loop.__name__, loop)
            await self._hear_others()
            await self._role.take()
            background.start("role", self._role.keep)
            background.start("sweep", self._sweep)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    @property
    def leads(self) -> bool:
        """Whether this registry is the one that probes."""
        return self._role.held

    async def register(self, data: Mapping[str, Any], ttl_seconds: float) -> Lease:
        """Return a lease for the server that *data* declares.

        Raises:
            RegistryInvalid: a key is wrong, or one that only the file may have.
            Conflict: the name is taken.
        """
        refused = [Mistake((key,), "may only be in the file") for key in _NOT_LEASED if key in data]
        if refused:
            raise RegistryInvalid("registration", refused)
        server = declared(data, "registration", self.store.snapshot.by_name)
        if self._known.in_file(server.name):
            raise Conflict(f"{server.name} is declared in the registry file")
        lease = await self._leases.register(server, ttl_seconds)
        self._hold(lease)
        return lease

    async def heartbeat(self, name: str, lease_id: str) -> Lease:
        """Return the lease, renewed; see ``Leases.heartbeat``."""
        lease = await self._leases.heartbeat(name, lease_id)
        self._hold(lease)
        return lease

    async def deregister(self, name: str, lease_id: str) -> None:
        """Give the lease up; see ``Leases.deregister``."""
        await self._leases.deregister(name, lease_id)
        self._known.leased.pop(name, None)
        self._compose()

    async def set_drain(self, name: str, *, draining: bool, reason: str = "") -> None:
        """Take the server called *name* out of use, or back in.

        Raises:
            NotFound: there is no such server.
            Unavailable: the order could not be kept.
        """
        self._must_have(name)
        key = f"{DRAIN}{name}"
        if draining:
            drain = Drain(reason, self._clock.utc())
            await self._engines.lasting.put(key, DRAINED.dump_json(drain))
            self._known.drains[name] = drain
        else:
            await self._engines.lasting.delete(key)
            self._known.drains.pop(name, None)
        _log.info("server.drain_set", server=name, draining=draining, reason=reason)
        self._compose()

    async def report_failure(self, name: str, reason: str) -> None:
        """Have the server called *name* probed at once, here or where the prober is.

        Raises:
            NotFound: there is no such server.
        """
        self._must_have(name)
        _log.debug("server.failure_reported", server=name, reason=reason)
        if self._role.held:
            self._prober.poke(name)
            return
        ask = ASKED.dump_json(Ask(reason[:200], self._clock.utc()))
        with contextlib.suppress(FleetError):  # a hint: without it the next probe finds out
            await self._engines.volatile.put(f"{ASK}{name}", ask)

    async def _hear_others(self) -> None:
        """Learn what stands in the buckets before anything is probed or told, or go on without."""
        try:
            async with asyncio.timeout(HEAR_SECONDS):
                await self._volatile_heard.wait()
                await self._lasting_heard.wait()
        except TimeoutError:
            _log.warning("registry.alone", reason="what registries share cannot be reached yet")

    def _must_have(self, name: str) -> None:
        if self.store.snapshot.server(name) is None:
            raise NotFound(f"there is no server called {name}")

    def _hold(self, lease: Lease) -> None:
        self._known.leased[lease.server.name] = lease
        self._compose()

    async def _read(self, content: bytes | None) -> Document:
        if content is None:
            mistake = Mistake((), "cannot be read; is it there?")
            raise RegistryInvalid(str(self._path), [mistake])
        environment = self._engines.environment
        return await asyncio.to_thread(load_content, content, str(self._path), environment)

    async def _follow_file(self) -> None:
        async with contextlib.aclosing(changes(self._path)) as contents:
            async for content in contents:
                if content == self._content:
                    continue
                self._content = content
                try:
                    self._known.use(await self._read(content))
                except RegistryInvalid as error:
                    _log.error("registry.refused", path=str(self._path), mistakes=error.lines)
                    self.store.refuse(LoadError(error.message, self._clock.utc()))
                else:
                    self.store.refuse(None)
                    self._compose()

    async def _follow_volatile(self) -> None:
        async with contextlib.aclosing(self._engines.volatile.watch()) as buckets:
            async for entries in buckets:
                before, self._entries = self._entries, entries
                fresh = {key: value for key, value in entries.items() if before.get(key) != value}
                moved = fresh.keys() | (before.keys() - entries.keys())
                for name in read(fresh, ASK, ASKED):
                    self._prober.poke(name)
                leased = any(key.startswith(lease_form.PREFIX) for key in moved)
                if leased:
                    self._known.leased = lease_form.leases(entries)
                if self._adopt(read(fresh, TRACK, NOTED)) or leased:
                    self._compose()
                self._volatile_heard.set()

    async def _follow_lasting(self) -> None:
        async with contextlib.aclosing(self._engines.lasting.watch()) as buckets:
            async for entries in buckets:
                self._known.drains = read(entries, DRAIN, DRAINED)
                self._compose()
                self._lasting_heard.set()

    async def _sweep(self) -> None:
        while True:
            now = self._clock.utc()
            for name in [n for n, lease in self._known.leased.items() if lease.expires_at <= now]:
                _log.info("lease.expired", server=name)
                self._known.leased.pop(name)
                self._compose()
                with contextlib.suppress(FleetError):  # another look comes in a second
                    await self._leases.clear(name)
            await self._clock.sleep(SWEEP_SECONDS)

    def _adopt(self, noted: Mapping[str, Noted]) -> bool:
        """Take over what another prober found, unless it is old or we know better."""
        adopted = False
        for name, note in noted.items():
            server = self.store.snapshot.server(name)
            if server is None or (self._role.held and name in self._prober.tracks):
                continue
            age = self._clock.utc() - note.at
            fresh = max(_FRESH_SECONDS, 3 * server.health.interval_seconds)
            if age <= timedelta(seconds=fresh):
                self._prober.tracks[name] = note.track
                adopted = True
        return adopted

    async def _probed(self, name: str, track: Track) -> None:
        server = self.store.snapshot.server(name)
        if server is not None:
            self.store.learn(name, self._known.health(server))
        note = NOTED.dump_json(Noted(track, self._clock.utc()))
        with contextlib.suppress(FleetError):  # the others probe for themselves meanwhile
            await self._engines.volatile.put(f"{TRACK}{name}", note)

    def _compose(self) -> None:
        """Put what is known now in force."""
        servers = self._known.servers(self._clock.utc())
        health = {name: self._known.health(server) for name, server in servers.items()}
        self.store.swap(servers.values(), health)
        self._prober.use(
            {
                name: self._known.target(server)
                for name, server in servers.items()
                if not self._known.missing(server)
            }
        )
