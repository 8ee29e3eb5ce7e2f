"""The Linear server: its resources, its readiness, its ASGI app."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from importlib.metadata import version

from kit.clock import Clock, SystemClock
from kit.errors import QuotaExhausted
from kit.health import Check
from kit.run import StartFailed
from kit.server import McpService
from kit.settings import FleetSettings
from kit.telemetry import metrics_route
from services.linear.client import LinearClient
from services.linear.comments import Comments
from services.linear.deps import Deps
from services.linear.errors import VENDOR
from services.linear.issues import Issues
from services.linear.names import Names
from services.linear.projects import Projects
from services.linear.settings import LinearSettings
from services.linear.tools import tools

INSTRUCTIONS = (
    "Linear: issues, projects, cycles, teams. Name things as people do: issues by key (ENG-12), "
    'people by e-mail or "me", teams, states, projects and labels by name. Lists are pages: '
    "pass next_cursor as cursor. Repeat a write only with its idempotency_key."
)
_FRESH_SECONDS = 15.0


def service(
    settings: LinearSettings, fleet: FleetSettings, clock: Clock | None = None
) -> McpService[Deps]:
    """Return the server; nothing is opened until its app starts.

    Raises:
        StartFailed: in production the address is not https.
    """
    if fleet.profile == "production" and settings.base_url.scheme != "https":
        raise StartFailed(
            f"LINEAR_BASE_URL: {settings.base_url} is not https, as FLEET_PROFILE=production wants"
        )
    time = clock or SystemClock()

    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncGenerator[Deps]:
        async with LinearClient(settings, time) as client:
            names = Names(client, time, settings.names_ttl_seconds)
            yield Deps(
                client=client,
                names=names,
                issues=Issues(client, names, settings.default_team),
                comments=Comments(client),
                projects=Projects(client, names),
            )

    def checks(deps: Deps) -> Sequence[Check]:
        return (
            Check("vendor_auth", lambda: _auth(deps.client), fresh_seconds=_FRESH_SECONDS),
            Check("vendor_quota", lambda: _quota(deps.client, time), required=False),
        )

    return McpService(
        name=VENDOR,
        title="Linear",
        version=version("sophia-fleet"),
        instructions=INSTRUCTIONS,
        tools=tools,
        lifespan=lifespan,
        checks=checks,
        hosts=settings.hosts,
        routes=(metrics_route(),),
    )


async def _auth(client: LinearClient) -> str:
    return f"signed in as {(await client.viewer()).email}"


async def _quota(client: LinearClient, clock: Clock) -> str:
    """Say what the last answers told of our limits; past its reset a limit is whole again."""
    now = clock.utc()
    for each in client.quota.values():
        if each.remaining <= 0 and each.resets_at > now:
            back = f"{each.resets_at:%H:%M:%S} UTC"
            message = f"no {each.scope} left; all {each.limit} are back at {back}"
            raise QuotaExhausted(message, provider=VENDOR, reset_at=each.resets_at)
    left = [
        f"{each.remaining if each.resets_at > now else each.limit} of {each.limit} {each.scope}"
        for each in client.quota.values()
    ]
    return f"{', '.join(left)} left" if left else "not told yet: no call was answered"
