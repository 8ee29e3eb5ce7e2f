"""The gateway's own tools: finding and calling what is not an operation, and the fleet's state."""

from dataclasses import replace
from typing import Any, Final

from gateway.attempt.ask import Caller
from gateway.explain import explained
from gateway.finder import finder
from gateway.fleet import Fleet
from gateway.relay import Passed, relay
from gateway.results import structured
from gateway.status import server_rows
from kit.contract.catalogue import OPERATIONS
from kit.errors import Invalid, NotFound

Json = dict[str, Any]
_READS: Final = {
    "readOnlyHint": True,
    "destructiveHint": False,
    "idempotentHint": True,
    "openWorldHint": False,
}
_OBJECT: Final = {"type": "object"}
MAX_FOUND: Final = 20


def _tool(
    name: str, title: str, description: str, properties: Json, required: list[str], hints: Json
) -> Json:
    return {
        "name": name,
        "title": title,
        "description": description,
        "inputSchema": {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        },
        "outputSchema": _OBJECT,
        "annotations": hints,
    }


NATIVE: Final = {
    tool["name"]: tool
    for tool in (
        _tool(
            "find_tools",
            "Find tools",
            "Find tools of any server of the fleet by words of what you want to do. Returns each "
            "tool's server, name, description and input schema, best first; use call_tool to call.",
            {
                "query": {"type": "string", "minLength": 1, "maxLength": 500},
                "server": {"type": "string", "description": "only this server's tools"},
                "limit": {"type": "integer", "minimum": 1, "maximum": MAX_FOUND, "default": 5},
            },
            ["query"],
            _READS,
        ),
        _tool(
            "call_tool",
            "Call a tool",
            "Call one server's own tool, as find_tools returned it.",
            {
                "server": {"type": "string"},
                "tool": {"type": "string"},
                "arguments": {"type": "object", "description": "as the tool's input schema says"},
            },
            ["server", "tool"],
            {"readOnlyHint": False, "destructiveHint": True, "openWorldHint": True},
        ),
        _tool(
            "fleet_status",
            "Fleet status",
            "Which servers are up, degraded or down, since when and why.",
            {},
            [],
            _READS,
        ),
        _tool(
            "fleet_explain",
            "Explain routing",
            "Which servers an operation such as tasks.search would use now, and why others not.",
            {
                "operation": {"type": "string", "enum": list(OPERATIONS)},
                "arguments": {"type": "object", "description": "as for the operation itself"},
            },
            ["operation"],
            _READS,
        ),
    )
}


def native_tools() -> list[Json]:
    """Return the gateway's own tools as MCP lists them."""
    return list(NATIVE.values())


async def native_call(fleet: Fleet, name: str, arguments: Json, caller: Caller) -> Json:
    """Return the result of the gateway's own tool *name*.

    Raises:
        FleetError: it failed.
        RpcError: the called server's own JSON-RPC error.
    """
    schema = NATIVE[name]["inputSchema"]
    unknown = sorted(arguments.keys() - schema["properties"].keys())
    missing = sorted(set(schema["required"]) - arguments.keys())
    if unknown or missing:
        said = [f"{each} is not an argument" for each in unknown]
        said += [f"{each} is missing" for each in missing]
        raise Invalid("; ".join(said), field=(unknown or missing)[0])
    match name:
        case "find_tools":
            return structured(_find(fleet, arguments))
        case "call_tool":
            return await _call(fleet, arguments, caller)
        case "fleet_status":
            return structured({"servers": server_rows(fleet)})
        case _:
            given = _object(arguments, "arguments")
            operation = _string(arguments, "operation")
            return structured(explained(fleet.table, operation, given, fleet.refusal))


def _find(fleet: Fleet, arguments: Json) -> Json:
    limit = arguments.get("limit", 5)
    if not isinstance(limit, int) or not 1 <= limit <= MAX_FOUND:
        raise Invalid(f"limit must be a number from 1 to {MAX_FOUND}", field="limit")
    server = arguments.get("server")
    if server is not None and fleet.table.snapshot.server(str(server)) is None:
        raise NotFound(f"there is no server {server!r}")
    found = finder(fleet.table).find(_string(arguments, "query"), limit, server)
    return {"tools": found}


async def _call(fleet: Fleet, arguments: Json, caller: Caller) -> Json:
    passed = Passed(
        _string(arguments, "server"),
        _string(arguments, "tool"),
        {"arguments": _object(arguments, "arguments")},
    )
    if fleet.table.snapshot.server(passed.server) is None:
        raise NotFound(f"there is no server {passed.server!r}")
    chosen_here = replace(caller, headers=None)
    return await relay(
        passed, chosen_here, table=fleet.table, peers=fleet.peers, refusal=fleet.refusal
    )


def _string(arguments: Json, field: str) -> str:
    value = arguments.get(field)
    if not isinstance(value, str) or not value:
        raise Invalid(f"{field} must be a string", field=field)
    return value


def _object(arguments: Json, field: str) -> Json:
    value = arguments.get(field, {})
    if not isinstance(value, dict):
        raise Invalid(f"{field} must be an object", field=field)
    return value
