"""What the gateway knows of the fleet, kept current in the background.

Calls only read it: a table compiled when something changes, pools that outlive changes,
breakers. The registry says who there is and how they are; each server's tool list is read
from the server itself, when it comes up and every so often.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from functools import partial

from gateway.attempt.ask import Peers
from gateway.attempt.breaker import BreakerPolicy, Breakers
from gateway.attempt.bulkhead import Bulkhead
from gateway.catalogue import Catalogue
from gateway.catalogues import Catalogues
from gateway.changes import Changes
from gateway.routing.plan import Refusal
from gateway.routing.table import Table, compile_table
from gateway.settings import GatewaySettings
from gateway.upstream.client import Upstream
from gateway.upstream.http1 import Pool
from kit import log
from kit.clock import Clock
from kit.errors import FleetError
from kit.secrets import secret
from registry.client import RegistrySource
from registry.model import Server, Snapshot, State

_log = log.get(__name__)
_WELL = frozenset({State.UP, State.DEGRADED})


class Fleet:
    """The gateway's view of all servers; start it with ``running``.

    Args:
        settings: Waits, limits, breaker policy.
        source: Where snapshots come from.
        clock: Monotonic seconds and time of day.
    """

    def __init__(self, settings: GatewaySettings, source: RegistrySource, clock: Clock) -> None:
        self.settings = settings
        self.source = source
        self.changes = Changes()
        policy = BreakerPolicy(settings.breaker_failures, settings.breaker_seconds)
        self._upstreams: dict[str, Upstream] = {}
        self._bulkheads: dict[str, Bulkhead] = {}
        self._lists = Catalogues(
            settings.refresh_seconds,
            clock,
            self._upstreams,
            self._server,
            self.changes,
            self._compile,
        )
        self.ready = self._lists.ready
        self.notices = self._lists.notices
        self.subscriptions = self._lists.subscriptions
        self.peers = Peers(
            self._upstreams, self._bulkheads, Breakers(policy, clock), clock, self._lost
        )
        self._adopted = Snapshot.empty("nobody yet")
        self.table: Table = compile_table(self._adopted, {})
        self._reports: asyncio.Queue[tuple[str, str]] = asyncio.Queue(maxsize=256)

    @property
    def snapshot(self) -> Snapshot:
        """The registry as last heard, health included."""
        return self.source.snapshot

    def refusal(self, server: str, operation: str) -> str:
        """Return why *server* takes no call for *operation* now; empty when it does."""
        health = self.snapshot.health_of(server)
        if not health.state.takes_calls:
            return f"{health.state.value}: {health.reason}" if health.reason else health.state.value
        return self.peers.breakers.refusal(server, operation)

    def without(self, down: frozenset[str]) -> Refusal:
        """Return ``refusal`` as it would be if *down* were down."""

        def refusal(server: str, operation: str) -> str:
            if server in down:
                return "DOWN: simulated"
            return self.refusal(server, operation)

        return refusal

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Keep the view current while the block runs."""
        async with asyncio.TaskGroup() as tasks:
            background = [
                tasks.create_task(self._follow(), name="follow the registry"),
                tasks.create_task(self._lists.run(), name="read lists"),
                tasks.create_task(self._report(), name="report failures"),
            ]
            try:
                yield
            finally:
                for task in background:
                    task.cancel()
                for upstream in self._upstreams.values():
                    upstream.close()

    # The registry.

    async def _follow(self) -> None:
        last: Snapshot | None = None
        async for snapshot in self.source.changes():
            if last is None or snapshot.servers_digest != last.servers_digest:
                self._adopt(snapshot)
            self._note_health(last, snapshot)
            last = snapshot

    def _adopt(self, snapshot: Snapshot) -> None:
        """Take on the servers of *snapshot*; what did not change keeps its connections."""
        for server in snapshot.servers:
            known = self._upstreams.get(server.name)
            token = secret(server.secret) if server.secret else None
            if known is None or known.pool.url != server.transport.url or known.token != token:
                if known is not None:
                    known.close()
                pool = Pool(
                    server.transport.url,
                    self.settings.max_answer_bytes,
                    partial(self._lost, server.name, "it closed an idle connection"),
                )
                self._upstreams[server.name] = Upstream(server.name, pool, token)
                self._lists.renew(server.name)
            bulkhead = self._bulkheads.get(server.name)
            if bulkhead is None or bulkhead.places != server.limits.max_concurrency:
                self._bulkheads[server.name] = self._bulkhead(server)
        for name in self._upstreams.keys() - snapshot.by_name.keys():
            self._upstreams.pop(name).close()
            self._bulkheads.pop(name)
        self._adopted = snapshot
        self._compile()
        self._lists.adopt(snapshot.by_name.keys(), heard=snapshot.revision > 0)
        self.changes.publish("snapshot.swapped", {"revision": snapshot.revision})
        _log.info("snapshot.swapped", revision=snapshot.revision, servers=len(snapshot.servers))

    def _bulkhead(self, server: Server) -> Bulkhead:
        return Bulkhead(server.name, server.limits.max_concurrency, self.settings.queue_seconds)

    def _note_health(self, last: Snapshot | None, snapshot: Snapshot) -> None:
        for name in snapshot.by_name:
            before = last.health_of(name).state if last else None
            health = snapshot.health_of(name)
            if health.state is before:
                continue
            if health.state in _WELL and before is not None and before not in _WELL:
                self.peers.breakers.forget(name)
                self._lists.renew(name)
            fields = {"server": name, "state": health.state.value, "reason": health.reason}
            self.changes.publish("health.changed", {**fields, "since": health.since.isoformat()})
            if last is not None:
                _log.info("server.state_changed", before=before and before.value, **fields)

    def _server(self, name: str) -> Server | None:
        return self._adopted.server(name)

    def _compile(self) -> None:
        last = self.table
        self.table = compile_table(self._adopted, dict(self._lists.known), last)
        for told in set(self.table.collisions).difference(last.collisions):
            _log.warning("name.collides", why=told)

    # What calls found out.

    def _lost(self, server: str, reason: str) -> None:
        with contextlib.suppress(asyncio.QueueFull):  # one report of many is enough
            self._reports.put_nowait((server, reason))

    async def _report(self) -> None:
        while True:
            server, reason = await self._reports.get()
            try:
                await self.source.report_failure(server, reason)
            except FleetError as error:
                _log.warning("failure.unreported", server=server, error=error.message)

    @property
    def catalogues(self) -> Mapping[str, Catalogue]:
        """What every server offers, as last known."""
        return self._lists.known
