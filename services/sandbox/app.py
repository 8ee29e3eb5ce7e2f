"""The whole sandbox as one ASGI application."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from kit.clock import Clock, SystemClock
from kit.errors import Unavailable
from kit.health import Check, Readiness, health_routes
from kit.telemetry import metrics_route
from services.sandbox.asana.vendor import Asana
from services.sandbox.company.seed import found
from services.sandbox.control import control_routes
from services.sandbox.faults import Faults
from services.sandbox.hosts import Hosts
from services.sandbox.layer import FaultLayer
from services.sandbox.linear.vendor import Linear
from services.sandbox.settings import SandboxSettings
from services.sandbox.vendor import Vendor


class Sandbox:
    """Sends a request to its vendor, and everything else to the sandbox's own routes."""

    def __init__(
        self, vendors: Sequence[Vendor], readiness: Readiness, hosts: Hosts, clock: Clock
    ) -> None:
        faults = Faults()
        self._hosts = hosts
        self._vendors = {vendor.path: FaultLayer(vendor, faults, clock) for vendor in vendors}
        readiness.use([_counted(vendor) for vendor in vendors])
        routes = [
            *control_routes(vendors, faults),
            *health_routes(readiness),
            metrics_route(),
        ]
        self._own = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            if not self._hosts.serve(scope):
                await PlainTextResponse("This Host is not served here\n", 403)(scope, receive, send)
                return
            for path, layer in self._vendors.items():
                if scope["path"] == path or scope["path"].startswith(f"{path}/"):
                    await layer({**scope, "root_path": path}, receive, send)
                    return
        await self._own(scope, receive, send)


def _counted(vendor: Vendor) -> Check:
    """Return the check that *vendor* has something to show."""

    async def ask() -> str:
        objects = vendor.objects()
        if not objects:
            raise Unavailable(f"{vendor.name} has no objects", provider=vendor.name)
        return f"{sum(objects.values())} objects"

    return Check(vendor.name, ask)


def build(
    settings: SandboxSettings, readiness: Readiness | None = None, clock: Clock | None = None
) -> Sandbox:
    """Return the sandbox; nothing is opened, so it needs no lifespan."""
    clock = clock or SystemClock()
    company = found(settings.seed, clock.utc())
    vendors: list[Vendor] = [
        Asana(company, settings, clock),
        Linear(company, settings, clock),
    ]
    hosts = Hosts(settings.host, settings.hosts)
    return Sandbox(vendors, readiness or Readiness([]), hosts, clock)
