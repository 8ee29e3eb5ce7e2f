"""The Linear server against the sandbox, called as an MCP client calls it."""

import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any, Literal

import httpx2
from mcp import Client

from kit.clock import Clock
from kit.errors import FleetError
from kit.settings import FleetSettings
from kit.wire import META_ERROR, from_wire
from services.linear.server import service
from services.linear.settings import LinearSettings
from tests.support.sandbox import RunningSandbox
from tests.support.serving import serving

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RunningLinear:
    """A connected client; ``url`` is the server's base address."""

    client: Client
    url: str

    async def call(self, tool: str, /, **arguments: Any) -> Json:
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

    async def all(self, tool: str, items: str, /, **arguments: Any) -> list[Json]:
        """Return what all pages of a list hold, and see that they end."""
        found: list[Json] = []
        cursor: str | None = None
        for _ in range(100):
            given = arguments if cursor is None else {**arguments, "cursor": cursor}
            page = await self.call(tool, **given)
            found += page[items]
            cursor = page.get("next_cursor")
            if cursor is None:
                return found
        raise AssertionError(f"{tool} did not end within 100 pages")

    async def ready(self) -> tuple[int, Json]:
        """Return the status and body of ``/readyz``."""
        async with httpx2.AsyncClient() as http:
            answer = await http.get(f"{self.url}/readyz")
        return answer.status_code, answer.json()


def settings_for(box: RunningSandbox, **given: Any) -> LinearSettings:
    """Return settings that point to the sandbox."""
    values = {"base_url": box.linear_url, "api_key": box.linear_token, "timeout_seconds": 5}
    return LinearSettings(**{**values, **given})


@contextlib.asynccontextmanager
async def linear(
    box: RunningSandbox,
    *,
    clock: Clock | None = None,
    mode: Literal["auto", "legacy"] = "auto",
    **given: Any,
) -> AsyncGenerator[RunningLinear]:
    """Run the server against *box* with settings *given* and yield a connected client."""
    app, _ = service(settings_for(box, **given), FleetSettings(), clock).build()
    async with serving(app) as url, Client(f"{url}/mcp", mode=mode) as client:
        yield RunningLinear(client, url)


class Workspace:
    """Linear itself as another of its users sees it, to set a scene or to look at what is there."""

    def __init__(self, box: RunningSandbox) -> None:
        self._url = box.linear_url
        self._headers = {"authorization": box.linear_token}

    def ask(self, document: str, **variables: Any) -> Json:
        """Return the data of a GraphQL call."""
        answer = httpx2.post(
            self._url,
            json={"query": document, "variables": variables},
            headers=self._headers,
            timeout=5,
        )
        body: Json = answer.json()
        assert "errors" not in body, body
        data: Json = body["data"]
        return data

    def team(self, key: str) -> str:
        """Return the id of a team."""
        return str(self.ask("query T($k: String!) { team(id: $k) { id } }", k=key)["team"]["id"])

    def create(self, title: str, team: str = "ENG", **fields: Any) -> str:
        """Create an issue and return its key."""
        document = """mutation C($input: IssueCreateInput!) {
          issueCreate(input: $input) { issue { identifier } }
        }"""
        made = self.ask(document, input={"title": title, "teamId": self.team(team), **fields})
        return str(made["issueCreate"]["issue"]["identifier"])

    def titled(self, title: str) -> list[Json]:
        """Return the issues with that title."""
        document = """query F($title: String!) {
          issues(filter: {title: {eq: $title}}, first: 50) { nodes {
            id identifier title priority dueDate description estimate
            state { name } team { key } assignee { email } project { name }
            projectMilestone { name } cycle { number } parent { identifier }
            labels { nodes { name } } comments { nodes { body } }
          } }
        }"""
        found: list[Json] = self.ask(document, title=title)["issues"]["nodes"]
        return found
