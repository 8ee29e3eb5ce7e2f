"""The Asana server: its resources, its readiness, its ASGI app."""

import contextlib
from collections.abc import AsyncGenerator, Sequence
from importlib.metadata import version

from kit.clock import Clock, SystemClock
from kit.health import Check
from kit.run import StartFailed
from kit.server import McpService
from kit.settings import FleetSettings
from kit.telemetry import metrics_route
from services.asana.client import AsanaClient, connected
from services.asana.comments import Comments
from services.asana.deps import Deps
from services.asana.errors import PROVIDER
from services.asana.names import Names
from services.asana.projects import Projects
from services.asana.search import Searcher
from services.asana.settings import AsanaSettings
from services.asana.tasks import Tasks
from services.asana.tools import tools

INSTRUCTIONS = (
    "Asana: tasks, projects, people. Name things as people do: tasks by gid or URL, people by "
    'e-mail or "me", projects, sections and tags by name. Lists are pages: pass next_cursor as '
    "cursor. Repeat a write only with its idempotency_key. A search is up to a minute behind."
)
_FRESH_SECONDS = 15.0


def service(
    settings: AsanaSettings, fleet: FleetSettings, clock: Clock | None = None
) -> McpService[Deps]:
    """Return the server; nothing is opened until its app starts.

    Raises:
        StartFailed: in production the address is not https.
    """
    if fleet.profile == "production" and settings.base_url.scheme != "https":
        told = f"ASANA_BASE_URL: {settings.base_url} is not https"
        raise StartFailed(f"{told}, which FLEET_PROFILE=production wants")
    time = clock or SystemClock()

    @contextlib.asynccontextmanager
    async def lifespan() -> AsyncGenerator[Deps]:
        async with connected(settings, time) as client:
            names = Names(client, settings, time)
            yield Deps(
                client=client,
                names=names,
                searcher=Searcher(client, time, settings.search_requests),
                tasks=Tasks(client, names, settings, time),
                comments=Comments(client, names, time),
                projects=Projects(client, names),
                default_project=settings.default_project,
            )

    def checks(deps: Deps) -> Sequence[Check]:
        return (
            Check("vendor_auth", lambda: _auth(deps), fresh_seconds=_FRESH_SECONDS),
            Check("vendor_quota", lambda: _quota(deps.client), required=False),
        )

    return McpService(
        name=PROVIDER,
        title="Asana",
        version=version("sophia-fleet"),
        instructions=INSTRUCTIONS,
        tools=tools,
        lifespan=lifespan,
        checks=checks,
        hosts=settings.hosts,
        routes=(metrics_route(),),
    )


async def _auth(deps: Deps) -> str:
    """Say whose token it is, and that there is one workspace to work in."""
    me = await deps.client.me()
    workspace = await deps.names.workspace()
    return f"signed in as {me.email or me.name}, workspace {workspace}"


async def _quota(client: AsanaClient) -> str:
    return client.quota.state()
