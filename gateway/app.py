"""The gateway as one ASGI app: MCP straight to its endpoint, everything else by routes."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.app import build_api
from gateway.edge.mcp import McpEndpoint
from gateway.edge.protocol import McpProtocol
from gateway.fleet import Fleet
from gateway.settings import GatewaySettings
from gateway.surface import AllSurface, FleetSurface, ServerSurface, Surface
from kit import telemetry
from kit.clock import Clock, SystemClock
from kit.errors import Unavailable
from kit.health import Check, Readiness, health_routes
from registry.client import RegistrySource

_SERVERS = "/mcp/servers/"


class Gateway:
    """Sends ``/mcp`` and what is below it to the MCP endpoint, the rest to Starlette.

    Args:
        mcp: The MCP endpoint.
        rest: Everything else.
        readiness: Of the process.
        settings: Limits.
    """

    def __init__(
        self, mcp: McpEndpoint, rest: ASGIApp, readiness: Readiness, settings: GatewaySettings
    ) -> None:
        self._mcp = mcp
        self._rest = rest
        self.readiness = readiness
        self._settings = settings

    def protocol(self, **uvicorns: Any) -> McpProtocol:
        """Return the protocol of one connection, for uvicorn's ``http=``."""
        return McpProtocol(self._mcp, self.readiness, self._settings.max_body_bytes, **uvicorns)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI scope."""
        if scope["type"] == "http":
            path = scope["path"]
            if path == "/mcp" or path.startswith("/mcp/"):
                await self._mcp(scope, receive, send)
                return
        await self._rest(scope, receive, send)


class Surfaces:
    """Knows which surface is at which path; a server that is not registered has none."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._fixed: dict[str, Surface] = {
            "/mcp": FleetSurface(fleet),
            "/mcp/all": AllSurface(fleet),
        }

    def __call__(self, path: str) -> Surface | None:
        """Return the surface at *path*."""
        path = path.rstrip("/")
        fixed = self._fixed.get(path)
        if fixed is not None or not path.startswith(_SERVERS):
            return fixed
        name = path.removeprefix(_SERVERS)
        if self._fleet.table.snapshot.server(name) is None:
            return None
        return ServerSurface(self._fleet, name)


def build(settings: GatewaySettings, source: RegistrySource, clock: Clock | None = None) -> Gateway:
    """Return the gateway as an ASGI app; it starts with the app's lifespan."""
    clock = clock or SystemClock()
    fleet = Fleet(settings, source, clock)

    async def registry() -> str:
        if fleet.snapshot.revision == 0:
            detail = source.status.detail or "not heard yet"
            raise Unavailable(f"no snapshot of the registry: {detail}")
        return f"revision {fleet.snapshot.revision} from {fleet.snapshot.source}"

    async def tools() -> str:
        if not fleet.ready.is_set():
            raise Unavailable("the servers' tools are still being read")
        return f"{sum(len(each.tools) for each in fleet.catalogues.values())} tools known"

    readiness = Readiness([Check("registry", registry), Check("tools", tools)])
    readiness.when_draining(fleet.notices.end)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with source, fleet.running():
            yield

    rest = Starlette(
        routes=[
            *health_routes(readiness),
            telemetry.metrics_route(),
            Mount("/api/v1", build_api(fleet, settings)),
        ],
        lifespan=lifespan,
    )
    endpoint = McpEndpoint(Surfaces(fleet), settings, clock)
    return Gateway(endpoint, rest, readiness, settings)
