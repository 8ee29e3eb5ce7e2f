"""The same gate for the HTTP face as for MCP: Host, Origin, API key."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.api.problems import problem
from gateway.policy.keys import Keys
from gateway.policy.origin import OriginPolicy
from gateway.settings import GatewaySettings


class Guard:
    """ASGI layer that lets through only who may call.

    Args:
        app: What is guarded.
        settings: Who may call.
    """

    def __init__(self, app: ASGIApp, settings: GatewaySettings) -> None:
        self._app = app
        self._origin = OriginPolicy(settings.hosts, settings.origins)
        self._keys = Keys(settings.keys)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer with a problem."""
        if scope["type"] == "http":
            headers = HTTPConnection(scope).headers
            refusal = self._origin.refusal(headers.get("host"), headers.get("origin"))
            if refusal:
                await problem("permission", refusal, 403)(scope, receive, send)
                return
            if self._keys.principal(headers.get("authorization")) is None:
                answer = problem("unauthenticated", "an API key is needed", 401)
                answer.headers["www-authenticate"] = "Bearer"
                await answer(scope, receive, send)
                return
        await self._app(scope, receive, send)
