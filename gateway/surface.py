"""What an MCP client sees at each endpoint: a list of tools, and calls to them.

- ``/mcp``: the contract's operations, and ``find_tools`` and ``call_tool`` over the rest
- ``/mcp/all``: every tool of every server, prefixed
- ``/mcp/servers/{name}``: one server as it is
"""

from typing import Any, Protocol

from gateway import operations
from gateway.attempt.ask import Caller
from gateway.fleet import Fleet
from gateway.native import NATIVE, native_call, native_tools
from gateway.relay import Passed, relay
from gateway.results import structured
from kit.contract.catalogue import OPERATIONS
from kit.contract.operation import Operation, Safety
from kit.errors import NotFound
from kit.schema import arguments_schema, result_schema

Json = dict[str, Any]


class Surface(Protocol):
    """One endpoint's tools."""

    def instructions(self) -> str:
        """Return what a model should know before it uses the tools."""
        ...

    def tools(self) -> list[Json]:
        """Return the tools in a stable order."""
        ...

    async def call(self, params: Json, caller: Caller) -> Json:
        """Return the result of ``tools/call`` with *params*.

        Raises:
            FleetError: it failed.
            RpcError: the server's own JSON-RPC error.
        """
        ...


def described(operation: Operation) -> Json:
    """Return *operation* as an MCP tool."""
    read = operation.safety is Safety.READ
    return {
        "name": operation.tool,
        "title": operation.title,
        "description": operation.description,
        "inputSchema": arguments_schema(operation.arguments),
        "outputSchema": result_schema(operation.result),
        "annotations": {
            "readOnlyHint": read,
            "destructiveHint": operation.destructive,
            "idempotentHint": read or operation.safety is Safety.IDEMPOTENT,
            "openWorldHint": True,
        },
    }


class FleetSurface:
    """The operations, and a door to everything else.

    Args:
        fleet: The live view.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._tools = [described(operation) for operation in OPERATIONS.values()] + native_tools()
        self._operations = {operation.tool: operation.name for operation in OPERATIONS.values()}

    def instructions(self) -> str:
        """Return how to work with the fleet."""
        return (
            "One gateway over the company's systems. Tools such as tasks_search ask several "
            "systems at once: providers[] says who answered, complete=false that one did not. "
            "Name things by the ref of an earlier answer. For a system's own tools use "
            "find_tools, then call_tool."
        )

    def tools(self) -> list[Json]:
        """Return the operations and the gateway's own tools."""
        return self._tools

    async def call(self, params: Json, caller: Caller) -> Json:
        """Run an operation or one of the gateway's own tools."""
        name, arguments = params["name"], params.get("arguments") or {}
        operation = self._operations.get(name)
        if operation is not None:
            outcome = await run_operation(self._fleet, operation, arguments, caller)
            return structured(outcome.result, outcome.meta)
        if name in NATIVE:
            return await native_call(self._fleet, name, arguments, caller)
        raise NotFound(f"there is no tool {name!r} here; find_tools finds the servers' own")


class ServerSurface:
    """One server, unprefixed.

    Args:
        fleet: The live view.
        server: The server's name.
    """

    def __init__(self, fleet: Fleet, server: str) -> None:
        self._fleet = fleet
        self._server = server

    def instructions(self) -> str:
        """Return what the registry says about the server."""
        server = self._fleet.table.snapshot.server(self._server)
        return server.description if server else ""

    def tools(self) -> list[Json]:
        """Return its tools as it lists them; the last good list while it is away."""
        catalogue = self._fleet.table.catalogues.get(self._server)
        return list(catalogue.tools) if catalogue else []

    async def call(self, params: Json, caller: Caller) -> Json:
        """Pass the call through."""
        return await pass_through(self._fleet, self._server, params["name"], params, caller)


class AllSurface:
    """Every tool under ``<server>_<tool>``.

    Args:
        fleet: The live view.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def instructions(self) -> str:
        """Return how names are made."""
        return "Every tool of every server of the fleet, named <server>_<tool>."

    def tools(self) -> list[Json]:
        """Return all tools, in the registry's order."""
        table = self._fleet.table
        return [
            {**table.catalogues[each.server].by_name[each.tool], "name": each.name}
            for each in table.exposed.values()
        ]

    async def call(self, params: Json, caller: Caller) -> Json:
        """Pass the call through to the server that the name belongs to."""
        exposed = self._fleet.table.exposed.get(params["name"])
        if exposed is None:
            raise NotFound(f"there is no tool {params['name']!r}")
        return await pass_through(self._fleet, exposed.server, exposed.tool, params, caller)


async def run_operation(
    fleet: Fleet, name: str, arguments: Json, caller: Caller
) -> operations.Outcome:
    """Run an operation on the live fleet."""
    return await operations.run(
        name,
        arguments,
        caller,
        table=fleet.table,
        peers=fleet.peers,
        refusal=fleet.refusal,
        patience_seconds=fleet.settings.patience_seconds,
    )


async def pass_through(fleet: Fleet, server: str, tool: str, params: Json, caller: Caller) -> Json:
    """Pass one call through to *server* of the live fleet."""
    return await relay(
        Passed(server, tool, params),
        caller,
        table=fleet.table,
        peers=fleet.peers,
        refusal=fleet.refusal,
    )
