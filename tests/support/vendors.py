"""The sandbox's vendors inside the test's own process, for tests of what they answer."""

from collections.abc import Mapping
from typing import Any

import httpx2

from services.sandbox.app import Sandbox
from services.sandbox.settings import SandboxSettings

LINEAR_TOKEN = SandboxSettings.model_fields["linear_token"].default
ASANA_TOKEN = SandboxSettings.model_fields["asana_token"].default


class Caller:
    """Sends requests to a sandbox without a socket."""

    def __init__(self, app: Sandbox) -> None:
        self._http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://127.0.0.1"
        )

    async def get(self, path: str) -> Any:
        """Return the JSON of one of the sandbox's own paths."""
        return (await self._http.get(path)).json()

    async def post(self, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """Send JSON to one of the sandbox's own paths, and return what it answers."""
        answer = await self._http.post(path, json=content)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def linear(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        token: str = LINEAR_TOKEN,
    ) -> httpx2.Response:
        """Send a GraphQL document to Linear."""
        return await self._http.post(
            "/linear/graphql",
            json={"query": query, "variables": dict(variables or {})},
            headers={"Authorization": token},
        )

    async def data(self, query: str, **variables: Any) -> Any:
        """Return what Linear answers under ``data``; it must have no errors."""
        answer = (await self.linear(query, variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def error(self, query: str, **variables: Any) -> Any:
        """Return Linear's only error."""
        answer = (await self.linear(query, variables)).json()
        (error,) = answer["errors"]
        return error

    async def asana(
        self,
        method: str,
        path: str,
        data: Mapping[str, Any] | None = None,
        *,
        token: str = ASANA_TOKEN,
        **query: str,
    ) -> httpx2.Response:
        """Send a request to Asana; *query*'s ``assignee__any`` is ``assignee.any``."""
        return await self._http.request(
            method,
            f"/asana/api/1.0{path}",
            params={name.replace("__", "."): value for name, value in query.items()},
            json=None if data is None else {"data": data},
            headers={"Authorization": f"Bearer {token}"},
        )

    async def raw(self, path: str, body: bytes, token: str) -> httpx2.Response:
        """Send *body* as it is to a vendor's path."""
        return await self._http.post(path, content=body, headers={"Authorization": token})

    async def ok(
        self, method: str, path: str, data: Mapping[str, Any] | None = None, **query: str
    ) -> Any:
        """Return what Asana answers under ``data``; it must have gone well."""
        answer = await self.asana(method, path, data, **query)
        assert answer.is_success, answer.text
        return answer.json()["data"]
