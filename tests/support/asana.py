"""The Asana server against the sandbox, called as an MCP client calls it."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

import httpx2
from mcp import Client

from kit.clock import Clock
from kit.errors import FleetError
from kit.settings import FleetSettings
from kit.wire import META_ERROR, from_wire
from services.asana.client import AsanaClient, connected
from services.asana.server import service
from services.asana.settings import AsanaSettings
from tests.support.sandbox import RunningSandbox
from tests.support.serving import serving

PROJECT = "Billing Migration"


@dataclass(frozen=True, slots=True)
class RunningAsana:
    """A connected client; ``url`` is the server's base address."""

    client: Client
    url: str

    async def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Return a tool's answer; a failed call fails the test."""
        answer = await self.client.call_tool(tool, arguments)
        assert not answer.is_error, answer.content
        assert isinstance(answer.structured_content, dict)
        return answer.structured_content

    async def refused(self, tool: str, /, **arguments: Any) -> FleetError:
        """Return a tool's failure; a call that succeeds fails the test."""
        answer = await self.client.call_tool(tool, arguments)
        assert answer.is_error, answer.structured_content
        return from_wire((answer.meta or {})[META_ERROR])


def settings_for(box: RunningSandbox, **given: Any) -> AsanaSettings:
    """Return settings that point to the sandbox."""
    values = {"base_url": box.asana_url, "access_token": box.asana_token, "timeout_seconds": 5}
    return AsanaSettings(**{**values, **given})


@contextlib.asynccontextmanager
async def asana(
    box: RunningSandbox, *, clock: Clock | None = None, mode: Any = "auto", **given: Any
) -> AsyncGenerator[RunningAsana]:
    """Run the server against *box* with settings *given* and yield a connected client."""
    app, _ = service(settings_for(box, **given), FleetSettings(), clock).build()
    async with serving(app) as url, Client(f"{url}/mcp", mode=mode) as client:
        yield RunningAsana(client, url)


@contextlib.asynccontextmanager
async def asana_client(box: RunningSandbox, **given: Any) -> AsyncGenerator[AsanaClient]:
    """Yield the client that the server would use."""
    async with connected(settings_for(box, **given)) as client:
        yield client


class Vendor:
    """Asana itself as another of its users sees it, to set a scene or to look at what is there."""

    def __init__(self, box: RunningSandbox, *, oauth: bool = False) -> None:
        token = box.asana_oauth_token if oauth else box.asana_token
        self._base = box.asana_url
        self._headers = {"authorization": f"Bearer {token}"}
        self.workspace: str = self.get("/workspaces")[0]["gid"]
        self.projects: dict[str, str] = {
            each["name"]: each["gid"] for each in self.get("/projects", workspace=self.workspace)
        }

    def get(self, path: str, **params: Any) -> Any:
        """Return what is at *path*."""
        return self._send("GET", path, params=params)

    def post(self, path: str, **data: Any) -> Any:
        """Write *data*."""
        return self._send("POST", path, json={"data": data})

    def task(self, name: str, project: str = PROJECT, **data: Any) -> str:
        """Create a task and return its gid."""
        made = self.post("/tasks", name=name, projects=[self.projects[project]], **data)
        return str(made["gid"])

    def named(self, name: str) -> list[dict[str, Any]]:
        """Return the tasks of that name in the project."""
        fields = "name,notes,completed,due_on,assignee.name,tags.name,memberships.section.name"
        found = self.get("/tasks", project=self.projects[PROJECT], limit=100, opt_fields=fields)
        return [each for each in found if each["name"] == name]

    def _send(self, method: str, path: str, **request: Any) -> Any:
        answer = httpx2.request(
            method, self._base + path, headers=self._headers, timeout=5, **request
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()["data"]
