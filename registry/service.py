"""The registry's gRPC face: RegistryService, grpc.health.v1 and reflection."""
# ruff: noqa: N802, ARG002 -- methods and their arguments are named by the proto

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Final

import grpc
from grpc_health.v1 import health as grpc_health
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from kit import log
from kit.clock import Clock
from kit.errors import FleetError, Internal, NotFound
from kit.run import listen
from kit.wire import META_ERROR, grpc_status, to_wire
from registry import wire
from registry.background import Background
from registry.fleet import Fleet
from registry.model import Server, ServerHealth, Snapshot, State, capability_named
from registry.store import Published
from registry.v1 import registry_pb2 as pb
from registry.v1.registry_pb2_grpc import (
    RegistryServiceServicer,
    add_RegistryServiceServicer_to_server,
)

DEFAULT_TTL_SECONDS: Final = 30.0
STOP_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 2.0
ERROR_KEY: Final = f"{META_ERROR.replace('/', '-')}-bin"
"""Trailing metadata in which a failure's whole form travels."""
OPTIONS: Final = (
    ("grpc.so_reuseport", 0),  # a second registry on the port is a mistake, not a partner
)
CALLS_AT_ONCE: Final = 2000
_log = log.get(__name__)
_Context = grpc.aio.ServicerContext[object, object]


class RegistryService(RegistryServiceServicer):
    """Answers for one fleet.

    Args:
        fleet: What is asked about.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    @property
    def _snapshot(self) -> Snapshot:
        return self._fleet.store.snapshot

    async def GetSnapshot(
        self, request: pb.GetSnapshotRequest, context: _Context
    ) -> pb.GetSnapshotResponse:
        """Return the snapshot in force."""
        return pb.GetSnapshotResponse(
            snapshot=wire.snapshot_out(self._snapshot),
            load_error=wire.load_error_out(self._fleet.store.load_error),
        )

    async def WatchSnapshots(
        self, request: pb.WatchSnapshotsRequest, context: _Context
    ) -> AsyncIterator[pb.WatchSnapshotsResponse]:
        """Yield the snapshot, then what changes it."""
        sent: Snapshot | None = None
        async with contextlib.aclosing(_or_beats(self._fleet.store.watch())) as changes:
            async for _ in changes:
                now, error = self._snapshot, self._fleet.store.load_error
                response = pb.WatchSnapshotsResponse(load_error=wire.load_error_out(error))
                if sent is None or sent.servers_digest != now.servers_digest:
                    response.snapshot.CopyFrom(wire.snapshot_out(now))
                elif now.revision != sent.revision:
                    response.health_update.CopyFrom(wire.changed(sent.health, now.health))
                    response.health_update.revision = now.revision
                sent = now
                yield response

    async def ListServers(
        self, request: pb.ListServersRequest, context: _Context
    ) -> pb.ListServersResponse:
        """Return the servers in order of preference."""
        async with _told(context):
            servers = self._snapshot.servers
            if request.capability:
                servers = self._snapshot.with_capability(capability_named(request.capability))
            return pb.ListServersResponse(servers=[self._status(each) for each in servers])

    async def GetServer(
        self, request: pb.GetServerRequest, context: _Context
    ) -> pb.GetServerResponse:
        """Return one server."""
        async with _told(context):
            server = self._snapshot.server(request.name)
            if server is None:
                raise NotFound(f"there is no server called {request.name}")
            return pb.GetServerResponse(status=self._status(server))

    async def WatchHealth(
        self, request: pb.WatchHealthRequest, context: _Context
    ) -> AsyncIterator[pb.WatchHealthResponse]:
        """Yield every server's health, then what changes."""
        sent: Mapping[str, ServerHealth] | None = None
        async with contextlib.aclosing(self._fleet.store.watch()) as changes:
            async for each in changes:
                now = each.snapshot.health
                if request.server:
                    now = {name: found for name, found in now.items() if name == request.server}
                moved = wire.changed(sent or {}, now)
                if moved.health or sent is None:
                    yield pb.WatchHealthResponse(
                        revision=each.snapshot.revision, health=moved.health
                    )
                sent = now

    async def RegisterServer(
        self, request: pb.RegisterServerRequest, context: _Context
    ) -> pb.RegisterServerResponse:
        """Take a server in until its lease runs out."""
        async with _told(context):
            given = request.HasField("ttl")
            ttl = request.ttl.ToTimedelta().total_seconds() if given else DEFAULT_TTL_SECONDS
            lease = await self._fleet.register(wire.declaration(request.server), ttl)
            response = pb.RegisterServerResponse(lease_id=lease.id)
            response.expires_at.FromDatetime(lease.expires_at)
            return response

    async def Heartbeat(
        self, request: pb.HeartbeatRequest, context: _Context
    ) -> pb.HeartbeatResponse:
        """Renew a lease."""
        async with _told(context):
            lease = await self._fleet.heartbeat(request.server, request.lease_id)
            response = pb.HeartbeatResponse()
            response.expires_at.FromDatetime(lease.expires_at)
            return response

    async def DeregisterServer(
        self, request: pb.DeregisterServerRequest, context: _Context
    ) -> pb.DeregisterServerResponse:
        """End a lease."""
        async with _told(context):
            await self._fleet.deregister(request.server, request.lease_id)
            return pb.DeregisterServerResponse()

    async def SetDrain(self, request: pb.SetDrainRequest, context: _Context) -> pb.SetDrainResponse:
        """Take a server out of use, or back in."""
        async with _told(context):
            await self._fleet.set_drain(
                request.server, draining=request.draining, reason=request.reason
            )
            return pb.SetDrainResponse()

    async def ReportFailure(
        self, request: pb.ReportFailureRequest, context: _Context
    ) -> pb.ReportFailureResponse:
        """Probe a server at once."""
        async with _told(context):
            await self._fleet.report_failure(request.server, request.reason)
            return pb.ReportFailureResponse()

    def _status(self, server: Server) -> pb.ServerStatus:
        known = self._snapshot.health_of(server.name)
        return pb.ServerStatus(
            server=wire.server_out(server), health=wire.health_out(server.name, known)
        )


@contextlib.asynccontextmanager
async def grpc_face(fleet: Fleet, host: str, port: int, clock: Clock) -> AsyncGenerator[int]:
    """Serve *fleet* on *host* and *port* (0: a free one) and yield the port.

    Raises:
        StartFailed: the address cannot be had.
    """
    server = grpc.aio.server(options=OPTIONS, maximum_concurrent_rpcs=CALLS_AT_ONCE)
    servicer = grpc_health.aio.HealthServicer()
    add_RegistryServiceServicer_to_server(RegistryService(fleet), server)
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    names = [
        pb.DESCRIPTOR.services_by_name["RegistryService"].full_name,
        health_pb2.DESCRIPTOR.services_by_name["Health"].full_name,
        reflection.SERVICE_NAME,
    ]
    reflection.enable_server_reflection(names, server)
    listen("registry", host, port).close()  # gRPC would tell of a taken port in its own log
    taken = server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    await server.start()
    async with Background(clock) as background:
        background.start("grpc health", lambda: _keep_told(fleet, servicer))
        try:
            yield taken
        finally:
            await servicer.enter_graceful_shutdown()
            await server.stop(STOP_SECONDS)


async def _or_beats(changes: AsyncGenerator[Published]) -> AsyncGenerator[None]:
    """Yield at each of *changes*, and after ``BEAT_SECONDS`` without one."""

    async def changed() -> None:
        await anext(changes)

    change = asyncio.create_task(changed())
    try:
        while True:
            done, _ = await asyncio.wait({change}, timeout=BEAT_SECONDS)
            if done:
                await change
                change = asyncio.create_task(changed())
            yield
    finally:
        change.cancel()
        await asyncio.gather(change, return_exceptions=True)
        await changes.aclose()


async def _keep_told(fleet: Fleet, servicer: grpc_health.aio.HealthServicer) -> None:
    """Keep grpc.health.v1 at what the snapshot says."""
    before: dict[str, State] = {}
    async with contextlib.aclosing(fleet.store.watch()) as changes:
        async for each in changes:
            now = {name: health.state for name, health in each.snapshot.health.items()}
            for name in now.keys() | before.keys():
                if now.get(name) is before.get(name):
                    continue
                await servicer.set(name, _serving(now.get(name)))
            before = now


def _serving(state: State | None) -> int:
    form = health_pb2.HealthCheckResponse
    if state is None:
        return form.SERVICE_UNKNOWN
    if state is State.UNKNOWN:
        return form.UNKNOWN
    return form.SERVING if state.takes_calls else form.NOT_SERVING


@contextlib.asynccontextmanager
async def _told(context: _Context) -> AsyncGenerator[None]:
    """Turn a failure into a gRPC status, its whole form beside it."""
    try:
        yield
    except FleetError as error:
        failure = error
    except Exception:  # noqa: BLE001 -- the top of a call: a crash is logged, not told
        _log.exception("registry.call_crashed")
        failure = Internal("the registry failed unexpectedly; its log has the details")
    else:
        return
    form = json.dumps(to_wire(failure)).encode()
    status = grpc.StatusCode[grpc_status(failure)]
    await context.abort(status, failure.message, ((ERROR_KEY, form),))
