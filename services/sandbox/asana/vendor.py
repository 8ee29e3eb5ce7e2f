"""Asana's end of HTTP: who asks, whether they may, and the answer's headers and status."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from kit.clock import Clock
from services.sandbox.asana import errors, params
from services.sandbox.asana.dispatch import find
from services.sandbox.asana.errors import Refused
from services.sandbox.asana.index import SearchIndex
from services.sandbox.asana.limits import Limits
from services.sandbox.asana.runner import Caller, Runner
from services.sandbox.asana.seeded import build
from services.sandbox.company.model import Company
from services.sandbox.ledger import Ledger
from services.sandbox.settings import SandboxSettings
from services.sandbox.vendor import Call


class Asana:
    """Everything below ``/api/1.0``."""

    name = "asana"
    path = "/asana/api/1.0"

    def __init__(self, company: Company, settings: SandboxSettings, clock: Clock) -> None:
        self.ledger = Ledger()
        self.tokens = {"token": settings.asana_token, "oauth_token": settings.asana_oauth_token}
        self._company = company
        self._settings = settings
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Be as at the start."""
        settings = self._settings
        self._limits = {
            token: Limits(
                settings.allowed(settings.asana_per_minute),
                settings.allowed(settings.asana_search_per_minute),
                settings.allowed(settings.asana_concurrent_reads),
                settings.allowed(settings.asana_concurrent_writes),
                self._clock,
            )
            for token in self.tokens.values()
        }
        store = build(self._company)
        self._runner = Runner(
            store,
            SearchIndex(store, settings.asana_search_lag_seconds),
            self._limits,
            self.ledger,
            self._clock,
            free=settings.asana_plan == "free",
        )
        self.ledger.clear()

    def objects(self) -> dict[str, int]:
        """Return how many of each kind there are."""
        return self._runner.store.counts()

    def operations(self, call: Call) -> frozenset[str]:
        """Return the endpoint's name, such as ``POST /tasks/{task_gid}/stories``."""
        try:
            return frozenset({find(call.method, call.path).endpoint.name})
        except Refused:
            return frozenset()

    def failure(self, status: int, retry_after_seconds: int) -> Response:
        """Return Asana's own answer for a status that the sandbox was asked for."""
        refusals = {
            401: errors.unauthorized(),
            429: errors.too_many(retry_after_seconds),
            500: Refused(500, "Server Error"),
            503: Refused(503, "Service Unavailable"),
        }
        return _refusal(refusals[status])

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        path = scope["path"].removeprefix(self.path)
        try:
            token = _token(request.headers.get("authorization", ""))
            if token not in self._limits:
                await request.body()
                raise errors.unauthorized()
            limits = self._limits[token]
            with limits.under_way(writes=request.method != "GET"):
                limits.spend(search=path.endswith("/tasks/search"))
                body = await request.body()
                answer = self._answer(request, path, body, token)
        except Refused as refused:
            answer = _refusal(refused)
        await answer(scope, receive, send)

    def _answer(self, request: Request, path: str, body: bytes, token: str) -> Response:
        data, options = _sent(body)
        query = {**dict(request.query_params), **options}
        base_url = f"{request.url.scheme}://{request.url.netloc}{self.path}"
        caller = Caller(base_url, token, oauth=token == self._settings.asana_oauth_token)
        if (request.method, path) == ("POST", "/batch"):
            return _json(200, {"data": self._runner.batch(data, caller)})
        return _json(*self._runner.run(request.method, path, query, data, caller))


def _token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _sent(body: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the body's ``data``, and what its ``options`` mean as query parameters.

    Raises:
        Refused: 400, it is no such thing.
    """
    if not body:
        return {}, {}
    try:
        sent = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "Could not parse request data, invalid JSON") from None
    if not isinstance(sent, dict):
        raise errors.wrong("body", "Not an object")
    for name in ("data", "options"):
        if not isinstance(sent.get(name, {}), dict):
            raise errors.wrong(name, "Not an object")
    fields = sent.get("options", {}).get("fields")
    named = {} if fields is None else {"opt_fields": ",".join(params.listed("fields", fields))}
    return sent.get("data", {}), named


def _refusal(refused: Refused) -> Response:
    return _json(refused.status, refused.body, refused.headers)


def _json(
    status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        orjson.dumps(content),
        status_code=status,
        headers=headers,
        media_type="application/json; charset=UTF-8",
    )
