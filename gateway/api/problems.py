"""Errors as problem+json (RFC 9457): what went wrong, and what to do."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException

from kit.errors import FleetError
from kit.wire import http_status, to_wire

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    "unauthenticated": "A credential is missing or not accepted",
    "permission": "A server's credential does not allow this",
    "plan_required": "The vendor's plan does not include this",
    "not_found": "Not found",
    "invalid": "An argument is wrong",
    "conflict": "It conflicts with what is there",
    "rate_limited": "Too many calls",
    "quota_exhausted": "The quota is used up",
    "unavailable": "Nobody can answer now",
    "timeout": "No answer in time",
    "unknown_outcome": "It may or may not have happened",
    "unsupported": "This cannot be done",
    "internal": "Something is broken",
}


class Problem(BaseModel):
    """A failure; further members depend on the code (``kit.wire``)."""

    model_config = ConfigDict(extra="allow")

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str


def problem(code: str, detail: str, status: int, **more: Any) -> JSONResponse:
    """Return a problem response; ``retry_after_seconds`` becomes a header too."""
    body = {
        "type": "about:blank",
        "title": _TITLES.get(code, code),
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    headers = {}
    if isinstance(more.get("retry_after_seconds"), int | float):
        headers["retry-after"] = str(max(1, round(more["retry_after_seconds"])))
    return JSONResponse(body, status, headers, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let *app* answer every failure as a problem."""

    @app.exception_handler(FleetError)
    async def _foreseen(_: Request, error: FleetError) -> JSONResponse:
        wire = to_wire(error)
        return problem(wire.pop("code"), wire.pop("message"), http_status(error), **wire)

    @app.exception_handler(RequestValidationError)
    async def _refused(_: Request, error: RequestValidationError) -> JSONResponse:
        mistakes = [
            {"field": ".".join(str(part) for part in each["loc"][1:]), "message": each["msg"]}
            for each in error.errors()
        ]
        told = "; ".join(f"{each['field'] or 'body'}: {each['message']}" for each in mistakes)
        return problem("invalid", told, 422, errors=mistakes)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        code = {404: "not_found", 401: "unauthenticated"}.get(error.status_code, "invalid")
        detail = f"{error.detail}: {request.method} {request.url.path}"
        return problem(code, detail, error.status_code)

    @app.exception_handler(Exception)
    async def _crashed(_: Request, __: Exception) -> JSONResponse:
        return problem("internal", "the gateway's log has the details", 500)
