"""A gateway on a port of its own, in front of servers of the test's own."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2
import yaml
from starlette.types import ASGIApp

from gateway.app import build
from gateway.settings import GatewaySettings
from registry.local import FileSource
from tests.support.serving import serving
from tests.support.task_server import Shelf, task_app

QUICK = {"interval_seconds": 0.2, "quick_interval_seconds": 0.05, "timeout_seconds": 1}
CAPABILITIES = ["TASKS", "PEOPLE"]


@dataclass
class Running:
    """A running gateway.

    Attributes:
        url: Its base URL.
        file: Its registry file.
        http: A client for its base URL.
    """

    url: str
    file: Path
    http: httpx2.AsyncClient

    @property
    def mcp(self) -> str:
        """The MCP endpoint."""
        return f"{self.url}/mcp"

    async def states(self) -> dict[str, str]:
        """Return every server's state."""
        answer = await self.http.get("/api/v1/servers")
        return {each["name"]: each["state"] for each in answer.json()["servers"]}

    async def until(self, server: str, *states: str) -> None:
        """Return once *server* is in one of *states*."""
        async with asyncio.timeout(8):
            async with self.http.stream("GET", "/api/v1/events") as events:
                seen = await self.states()
                lines = events.aiter_lines()
                while seen[server] not in states:
                    await anext(lines)
                    seen = await self.states()


def entry(name: str, url: str, **more: object) -> dict[str, object]:
    """Return a server's entry in a registry file."""
    given: dict[str, object] = {
        "name": name,
        "tier": "PRIMARY",
        "capabilities": CAPABILITIES,
        "transport": {"kind": "http", "url": url},
    }
    return {**given, **more}


@contextlib.asynccontextmanager
async def gateway(
    folder: Path,
    servers: list[dict[str, object]],
    settings: GatewaySettings | None = None,
    variables: Mapping[str, str] | None = None,
) -> AsyncGenerator[Running]:
    """Run a gateway over *servers* and yield it once it is ready."""
    file = folder / "registry.yaml"
    document = {"version": 2, "defaults": {"health": QUICK}, "servers": servers}
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    settings = settings or GatewaySettings(patience_seconds=1, call_seconds=3)
    app = build(settings, FileSource(file, variables=variables))
    async with serving(app, http=app.protocol) as url, httpx2.AsyncClient(base_url=url) as http:
        running = Running(url, file, http)
        await ready(http)
        yield running


async def ready(http: httpx2.AsyncClient) -> None:
    """Return once ``/readyz`` says so."""
    async with asyncio.timeout(8):
        while (await http.get("/readyz")).status_code != 200:  # noqa: ASYNC110 -- HTTP only answers
            await asyncio.sleep(0.02)  # noqa: TID251 -- as a probe does


@contextlib.asynccontextmanager
async def fleet_of(
    folder: Path,
    *shelves: Shelf,
    settings: GatewaySettings | None = None,
    wrap: Mapping[str, ASGIApp] | None = None,
    more: list[dict[str, object]] | None = None,
) -> AsyncGenerator[Running]:
    """Run a gateway in front of one server a shelf."""
    async with contextlib.AsyncExitStack() as stack:
        servers = []
        for shelf in shelves:
            app: ASGIApp = (wrap or {}).get(shelf.provider) or task_app(shelf)
            url = await stack.enter_async_context(serving(app))
            servers.append(entry(shelf.provider, f"{url}/mcp"))
        yield await stack.enter_async_context(gateway(folder, servers + (more or []), settings))
