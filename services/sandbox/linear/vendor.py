"""Linear's end of HTTP: who asks, what it costs, and the answer's headers and status."""

from collections.abc import Mapping
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kit.clock import Clock
from services.sandbox.company.model import Company
from services.sandbox.ledger import Ledger
from services.sandbox.linear import errors
from services.sandbox.linear.budget import SEARCH, Budget, Spent
from services.sandbox.linear.engine import Engine, Prepared
from services.sandbox.linear.mutation import Mutation
from services.sandbox.linear.query import Query
from services.sandbox.linear.seeded import build
from services.sandbox.settings import SandboxSettings
from services.sandbox.vendor import Call

_API_KEY_PREFIX = "lin_api_"


class Linear:
    """``POST`` one GraphQL document."""

    name = "linear"
    path = "/linear/graphql"

    def __init__(self, company: Company, settings: SandboxSettings, clock: Clock) -> None:
        self.ledger = Ledger()
        self.tokens = {
            "token": settings.linear_token,
            "oauth_token": settings.linear_oauth_token,
        }
        self._company = company
        self._settings = settings
        self._clock = clock
        self._engine = Engine(clock.utc)
        self.reset()

    def reset(self) -> None:
        """Be as at the start."""
        allowed = self._settings.allowed
        requests = allowed(self._settings.linear_requests_per_hour)
        searches = allowed(self._settings.linear_searches_per_minute)
        points = {
            self._settings.linear_token: self._settings.linear_points_per_hour,
            self._settings.linear_oauth_token: self._settings.linear_oauth_points_per_hour,
        }
        self._budgets = {
            token: Budget(requests, allowed(limit), searches, self._clock)
            for token, limit in points.items()
        }
        self._store = build(self._company)
        self.ledger.clear()

    def objects(self) -> dict[str, int]:
        """Return how many of each kind there are."""
        return self._store.counts()

    def operations(self, call: Call) -> frozenset[str]:
        """Return the operation's name and its root fields."""
        try:
            prepared = self._engine.prepare(_document(call.body))
        except GraphQLError:
            return frozenset()
        return prepared.names

    def failure(self, status: int, retry_after_seconds: int) -> Response:
        """Return Linear's own answer for a status that the sandbox was asked for."""
        if status == 503:  # noqa: PLR2004 -- what stands before Linear says this, not Linear
            return Response("upstream connect error", status_code=status, media_type="text/plain")
        if status == 429:  # noqa: PLR2004 -- Linear has another status for it
            error = errors.rate_limited("requests", self._settings.linear_requests_per_hour)
            return _answer(400, {"errors": [error.formatted]}, _retry_after(retry_after_seconds))
        error = errors.unauthenticated() if status == 401 else errors.internal()  # noqa: PLR2004 -- HTTP's own numbers
        return _answer(status, {"errors": [error.formatted]})

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        answer = self._answer(request.method, request.headers, await request.body())
        await answer(scope, receive, send)

    def _answer(self, method: str, headers: Mapping[str, str], body: bytes) -> Response:
        if method != "POST":
            return Response(status_code=405, headers={"Allow": "POST"})
        token = _token(headers.get("authorization", ""))
        if token not in self._budgets:
            return self.failure(401, 0)
        try:
            prepared = self._engine.prepare(_document(body))
        except GraphQLError as error:
            return _answer(400, {"errors": [error.formatted]})
        for name in prepared.names:
            self.ledger.calls[name] += 1
        limit = self._settings.linear_points_per_query
        if prepared.points > limit:
            refused = errors.too_complex(prepared.points, limit)
            return _answer(400, {"errors": [refused.formatted]})
        budget = self._budgets[token]
        try:
            own = budget.search(prepared.points) if SEARCH in prepared.names else {}
            said = budget.spend(prepared.points) | own
        except Spent as spent:
            retry = _retry_after(max(1, round(spent.wait_seconds)))
            return _answer(400, {"errors": [spent.error.formatted]}, {**spent.headers, **retry})
        return _answer(*self._run(prepared, budget), said)

    def _run(self, prepared: Prepared, budget: Budget) -> tuple[int, dict[str, Any]]:
        root = (
            Mutation(self._store, self.ledger, self._clock)
            if prepared.writes
            else Query(self._store, budget)
        )
        return self._engine.run(prepared, root)


def _token(authorization: str) -> str:
    """Return the token; like Linear, take an API key only bare and any other only as Bearer."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() == "bearer" and not token.startswith(_API_KEY_PREFIX):
        return token
    return authorization if authorization.startswith(_API_KEY_PREFIX) else ""


def _document(body: bytes) -> dict[str, Any]:
    """Return the request's ``query``, ``variables`` and ``operationName``.

    Raises:
        GraphQLError: it is no such thing.
    """
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        sent = None
    shaped = (
        isinstance(sent, dict)
        and isinstance(sent.get("query"), str)
        and isinstance(sent.get("variables"), dict | None)
        and isinstance(sent.get("operationName"), str | None)
    )
    if not shaped:
        error = GraphQLError("POST body missing, invalid Content-Type, or JSON object has no keys.")
        raise errors.refused(error, "BAD_REQUEST")
    return dict(sent)


def _retry_after(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}


def _answer(
    status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(content),
        status_code=status,
        headers=headers,
        media_type="application/json",
    )
