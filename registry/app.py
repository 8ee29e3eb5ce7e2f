"""The registry as a process: the fleet's state over gRPC, a small HTTP face beside it."""

import contextlib
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kit import log
from kit.clock import SystemClock
from kit.errors import FleetError, Unavailable
from kit.events import Events, open_events
from kit.health import Check, Readiness, health_routes
from kit.kv import KeyValue, bucket
from kit.settings import FleetSettings, environment
from kit.telemetry import metrics_route
from registry import numbers
from registry.announce import announce
from registry.background import Background
from registry.fleet import Engines, Fleet
from registry.model import ServerHealth
from registry.probe import probe, probing_client
from registry.service import grpc_face
from registry.settings import RegistrySettings
from registry.store import Store

_log = log.get(__name__)


def build(settings: RegistrySettings, shared: FleetSettings) -> tuple[Starlette, Readiness]:
    """Return the HTTP app and its readiness; everything opens with the app's lifespan."""
    clock = SystemClock()
    volatile = bucket(shared.nats_url, "fleet-registry")
    lasting = bucket(shared.nats_url, "fleet-drains", lasting=True)
    http = probing_client()
    engines = Engines(partial(probe, http), environment(), clock, volatile, lasting)
    fleet = Fleet(settings.file, engines)
    readiness = Readiness(())

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with (
            http,
            open_events(shared, "registry") as events,
            fleet,
            grpc_face(fleet, settings.host, settings.grpc_port, clock) as grpc_port,
            Background(clock) as background,
        ):
            _log.info("registry.serving", grpc_port=grpc_port, file=str(settings.file))
            background.start(
                "announce", lambda: announce(fleet.store.watch(), events, lambda: fleet.leads)
            )
            numbers.expose(fleet.store)
            readiness.use(_checks(fleet.store, events, volatile))
            yield

    async def summary(_: Request) -> JSONResponse:
        return JSONResponse(summarised(fleet))

    routes = [Route("/", summary), *health_routes(readiness), metrics_route()]
    return Starlette(routes=routes, lifespan=lifespan), readiness


def summarised(fleet: Fleet) -> dict[str, Any]:
    """Return what a person wants to know at a glance."""
    snapshot, error = fleet.store.snapshot, fleet.store.load_error
    return {
        "revision": snapshot.revision,
        "source": snapshot.source,
        "probes": fleet.leads,
        "load_error": error and {"message": error.message, "at": error.at.isoformat()},
        "servers": [
            {
                "name": server.name,
                "description": server.description,
                "tier": server.tier,
                "capabilities": server.capabilities,
                **_told(snapshot.health_of(server.name)),
            }
            for server in snapshot.servers
        ],
    }


def _told(health: ServerHealth) -> dict[str, Any]:
    facts = {
        name: {"status": fact.status, "detail": fact.detail, "since": fact.since.isoformat()}
        for name, fact in health.facts.items()
    }
    since = health.since.isoformat()
    return {"state": health.state, "since": since, "reason": health.reason, "facts": facts}


def _checks(store: Store, events: Events, volatile: KeyValue) -> list[Check]:
    async def snapshot() -> str:
        if not store.snapshot.revision:
            raise Unavailable("the registry file has not been read yet")
        return f"revision {store.snapshot.revision}"

    async def file() -> str:
        if store.load_error is not None:
            raise Unavailable(f"refused: {store.load_error.message}")
        return "in force"

    async def shared_state() -> str:
        try:
            await volatile.get("role.prober")
        except FleetError as error:
            raise Unavailable(f"{error.message}; this registry goes on alone") from error
        return "reached"

    return [
        Check("snapshot", snapshot),
        Check("file", file, required=False),
        Check("shared_state", shared_state, required=False),
        Check("events", events.check, required=False),
    ]
