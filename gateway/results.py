"""MCP tool results as the gateway writes them."""

from typing import Any

import orjson

from kit.errors import FleetError
from kit.wire import META_ERROR, to_wire

Json = dict[str, Any]


def structured(value: Json, meta: Json | None = None) -> Json:
    """Return a result with *value* as structured content, and as text for older clients."""
    result: Json = {
        "content": [{"type": "text", "text": orjson.dumps(value).decode()}],
        "structuredContent": value,
    }
    if meta:
        result["_meta"] = meta
    return result


def failed(error: FleetError) -> Json:
    """Return the result of a call that failed in a foreseen way; the model reads its text."""
    return {
        "content": [{"type": "text", "text": f"{error.code}: {error.message}"}],
        "isError": True,
        "_meta": {META_ERROR: to_wire(error)},
    }
