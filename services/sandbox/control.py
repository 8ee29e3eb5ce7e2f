"""``/`` and ``/_sandbox``: where the vendors are, faults, counts and a fresh start."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.sandbox.faults import FaultRequest, Faults
from services.sandbox.vendor import Vendor


def control_routes(vendors: Sequence[Vendor], faults: Faults) -> list[Route]:
    """Return the routes that people and tests use; no vendor has them."""
    by_name = {vendor.name: vendor for vendor in vendors}

    async def index(request: Request) -> JSONResponse:
        root = str(request.base_url).rstrip("/")
        return JSONResponse({"vendors": {name: _found(root, v) for name, v in by_name.items()}})

    async def list_faults(_: Request) -> JSONResponse:
        return JSONResponse({"faults": [fault.report() for fault in faults.all()]})

    async def add_fault(request: Request) -> JSONResponse:
        try:
            asked = FaultRequest.model_validate_json(await request.body())
        except ValidationError as error:
            where = error.errors()[0]
            place = ".".join(str(part) for part in where["loc"])
            return JSONResponse({"error": f"{place}: {where['msg']}"}, status_code=400)
        if asked.vendor not in by_name:
            known = ", ".join(by_name)
            message = f"vendor: {asked.vendor!r} is none of {known}"
            return JSONResponse({"error": message}, status_code=400)
        return JSONResponse(faults.add(asked).report(), status_code=201)

    async def clear_faults(_: Request) -> Response:
        faults.clear()
        return Response(status_code=204)

    async def state(_: Request) -> JSONResponse:
        return JSONResponse({"vendors": _counts(by_name)})

    async def reset(_: Request) -> Response:
        faults.clear()
        for vendor in vendors:
            vendor.reset()
        return Response(status_code=204)

    return [
        Route("/", index, methods=["GET"]),
        Route("/_sandbox/faults", list_faults, methods=["GET"]),
        Route("/_sandbox/faults", add_fault, methods=["POST"]),
        Route("/_sandbox/faults", clear_faults, methods=["DELETE"]),
        Route("/_sandbox/state", state, methods=["GET"]),
        Route("/_sandbox/reset", reset, methods=["POST"]),
    ]


def _found(root: str, vendor: Vendor) -> dict[str, str]:
    return {"base_url": f"{root}{vendor.path}", **vendor.tokens}


def _counts(vendors: Mapping[str, Vendor]) -> dict[str, Any]:
    return {
        name: {**vendor.ledger.report(), "objects": vendor.objects()}
        for name, vendor in vendors.items()
    }
