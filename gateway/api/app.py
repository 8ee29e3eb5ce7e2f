"""``/api/v1``: the same operations as typed HTTP, and what SREs ask; OpenAPI at ``/docs``.

FastAPI stays off the MCP path; here its OpenAPI is worth its cost.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Annotated, Any

import orjson
from fastapi import FastAPI, Header
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel
from starlette.types import ASGIApp

from gateway.api import models
from gateway.api.guard import Guard
from gateway.api.problems import Problem, install
from gateway.attempt.ask import Caller
from gateway.explain import explained, simulated
from gateway.fleet import Fleet
from gateway.settings import GatewaySettings
from gateway.status import registry_row, server_row, server_rows
from gateway.surface import run_operation
from kit.contract.catalogue import OPERATIONS, served_by
from kit.contract.operation import Capability, Operation
from kit.deadline import Deadline
from kit.errors import Invalid, NotFound
from kit.schema import arguments_schema, result_schema

_PING_SECONDS = 15.0
_PROBLEMS: dict[int | str, dict[str, Any]] = {"default": {"model": Problem}}


def build_api(fleet: Fleet, settings: GatewaySettings) -> ASGIApp:
    """Return the app to mount at ``/api/v1``."""
    app = FastAPI(
        title="Sophia fleet gateway",
        version="1",
        description="Operations over all servers of the fleet, and the fleet's own state.",
        responses=_PROBLEMS,
    )
    install(app)
    _state(app, fleet)
    _routing(app, fleet)
    for operation in OPERATIONS.values():
        _operation(app, fleet, operation)

    @app.post("/operations/{operation}", include_in_schema=False)
    async def unknown(operation: str) -> None:
        raise NotFound(f"there is no operation {operation!r}; there are {', '.join(OPERATIONS)}")

    return Guard(app, settings)


def _state(app: FastAPI, fleet: Fleet) -> None:
    @app.get("/servers", tags=["fleet"], response_model=models.Servers)
    async def servers() -> Response:
        """Every server with its tier, state, since when and why."""
        return _json({"servers": server_rows(fleet), "registry": registry_row(fleet)})

    @app.get("/servers/{name}", tags=["fleet"], response_model=models.ServerRow)
    async def server(name: str) -> Response:
        """One server."""
        found = fleet.snapshot.server(name)
        if found is None:
            raise NotFound(f"there is no server {name!r}")
        return _json(server_row(fleet, found))

    @app.put("/servers/{name}/drain", tags=["fleet"], status_code=204)
    async def drain(name: str, body: models.DrainRequest) -> None:
        """Take a server out of use, or back in; running calls finish."""
        await fleet.source.set_drain(name, draining=body.draining, reason=body.reason)

    @app.get("/capabilities", tags=["fleet"], response_model=models.Capabilities)
    async def capabilities() -> Response:
        """What can be asked, and of whom."""
        rows = [
            {
                "name": each.value,
                "operations": [operation.name for operation in served_by(each)],
                "servers": [server.name for server in fleet.snapshot.with_capability(each)],
            }
            for each in Capability
        ]
        return _json({"capabilities": [r for r in rows if r["operations"] or r["servers"]]})

    @app.get("/events", tags=["fleet"], response_class=StreamingResponse)
    async def events() -> StreamingResponse:
        """Changes of health, registry and tools from now on, as server-sent events."""
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(_events(fleet), headers=headers, media_type="text/event-stream")


async def _events(fleet: Fleet) -> AsyncGenerator[bytes]:
    yield _event(0, "servers", {"servers": server_rows(fleet)})
    changes = fleet.changes.watch()
    pending: asyncio.Task[Any] | None = None
    try:
        while True:
            pending = pending or asyncio.ensure_future(anext(changes))
            done, _ = await asyncio.wait({pending}, timeout=_PING_SECONDS)
            if not done:
                yield b": ping\n\n"
                continue
            change, pending = pending.result(), None
            yield _event(change.number, change.kind, change.data)
    finally:
        if pending is not None:
            pending.cancel()


def _event(number: int, kind: str, data: Any) -> bytes:
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (number, kind.encode(), orjson.dumps(data))


def _routing(app: FastAPI, fleet: Fleet) -> None:
    @app.get("/operations", tags=["routing"], response_model=models.Operations)
    async def operations() -> Response:
        """Every operation with its route class, safety class and schemas."""
        return _json({"operations": [_row(each) for each in OPERATIONS.values()]})

    @app.get("/operations/{operation}/explain", tags=["routing"], response_model=models.Explanation)
    async def explain(operation: str, arguments: str = "{}") -> Response:
        """Where a call would go now and why; *arguments* is a JSON object."""
        return _json(explained(fleet.table, operation, _object(arguments), fleet.refusal))

    @app.post("/simulate", tags=["routing"], response_model=models.Simulation)
    async def simulate(body: models.Simulate) -> Response:
        """What would change if servers were down."""
        down = frozenset(body.down)
        return _json(simulated(fleet.table, down, fleet.refusal, fleet.without(down)))


def _object(text: str) -> dict[str, Any]:
    try:
        parsed = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise Invalid(f"arguments is not JSON: {error}", field="arguments") from error
    if not isinstance(parsed, dict):
        raise Invalid("arguments must be a JSON object", field="arguments")
    return parsed


def _row(operation: Operation) -> dict[str, Any]:
    return {
        "name": operation.name,
        "title": operation.title,
        "description": operation.description,
        "capability": operation.capability.value,
        "route": operation.route.value,
        "safety": operation.safety.value,
        "tool": operation.tool,
        "arguments": arguments_schema(operation.arguments),
        "result": result_schema(operation.result),
    }


def _operation(app: FastAPI, fleet: Fleet, operation: Operation) -> None:
    """Add ``POST /operations/{name}`` with the operation's own models."""
    app.post(
        f"/operations/{operation.name}",
        tags=["operations"],
        summary=operation.title,
        description=operation.description,
        response_model=operation.result,
        operation_id=operation.tool,
    )(_endpoint(fleet, operation))


def _endpoint(fleet: Fleet, operation: Operation) -> Callable[..., Awaitable[Response]]:
    async def endpoint(
        body: BaseModel,
        fleet_budget_ms: Annotated[int | None, Header(ge=1, le=600_000)] = None,
    ) -> Response:
        seconds = fleet.settings.call_seconds if fleet_budget_ms is None else fleet_budget_ms / 1000
        arguments = body.model_dump(mode="json", exclude_unset=True)
        caller = Caller(Deadline.after(seconds))
        outcome = await run_operation(fleet, operation.name, arguments, caller)
        served = ",".join(outcome.meta["fleet/served_by"])
        return _json(outcome.result, {"fleet-served-by": served})

    endpoint.__annotations__["body"] = operation.arguments
    return endpoint


def _json(value: Any, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(value), headers=headers, media_type="application/json")
