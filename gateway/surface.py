"""What an MCP client sees at each endpoint.

- ``/mcp``: the contract's operations, and ``find_tools`` and ``call_tool`` over the rest;
  resources and prompts of all servers
- ``/mcp/all``: everything of every server; tools and prompts prefixed
- ``/mcp/servers/{name}``: one server as it is
"""

from typing import Any, Protocol

from gateway import operations
from gateway.attempt.ask import Caller
from gateway.entries import Entries, Entry
from gateway.fleet import Fleet
from gateway.listing import KEPT, Kind
from gateway.native import NATIVE, native_call, native_tools
from gateway.notices import Notice, Notices
from gateway.primitives import AllServers, OneServer
from gateway.relay import Passed, relay
from gateway.results import structured
from gateway.standing import Subscriptions
from kit.contract.catalogue import OPERATIONS
from kit.contract.operation import Operation, Safety
from kit.errors import NotFound
from kit.schema import arguments_schema, result_schema

Json = dict[str, Any]


class Surface(Protocol):
    """What one endpoint has."""

    def instructions(self) -> str:
        """Return what a model should know before it uses the tools."""
        ...

    def capabilities(self) -> Json:
        """Return what is advertised, as MCP's ``ServerCapabilities``."""
        ...

    def entries(self, kind: Kind) -> Entries:
        """Return a list in a stable order."""
        ...

    def problems(self, kind: Kind) -> dict[str, str]:
        """Return by server why its part of a list may be out of date."""
        ...

    async def call(self, params: Json, caller: Caller) -> Json:
        """Return the result of ``tools/call`` with *params*.

        Raises:
            FleetError: it failed.
            RpcError: the server's own JSON-RPC error.
        """
        ...

    async def request(self, method: str, params: Json, caller: Caller) -> Json:
        """Return the result of ``resources/read``, ``prompts/get`` or ``completion/complete``.

        Raises:
            FleetError: it failed.
            RpcError: the server's own JSON-RPC error.
        """
        ...

    @property
    def notices(self) -> Notices:
        """What has changed, of all servers."""
        ...

    @property
    def subscriptions(self) -> Subscriptions:
        """What servers are asked to tell."""
        ...

    def alive(self) -> bool:
        """Say whether there is still something to be told of."""
        ...

    def locate(self, uri: str) -> tuple[str, str] | None:
        """Return whose resource *uri* is, and what it is called there; None: nobody's."""
        ...

    def shown(self, notice: Notice) -> str | None:
        """Return the URI here that *notice* is about, empty for a list; None: not for here."""
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


class FleetSurface(AllServers):
    """The operations, and a door to everything else.

    Args:
        fleet: The live view.
    """

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(fleet)
        tools = [described(operation) for operation in OPERATIONS.values()] + native_tools()
        self._tools = Entries((Entry("", tool["name"], tool) for tool in tools), KEPT)
        self._operations = {operation.tool: operation.name for operation in OPERATIONS.values()}

    def instructions(self) -> str:
        """Return how to work with the fleet."""
        return (
            "One gateway over the company's systems. Tools such as tasks_search ask several "
            "systems at once: providers[] says who answered, complete=false that one did not. "
            "Name things by the ref of an earlier answer. For a system's own tools use "
            "find_tools, then call_tool."
        )

    def capabilities(self) -> Json:
        """Return what any server declares; the tools are always the same."""
        return {**super().capabilities(), "tools": {"listChanged": False}}

    def entries(self, kind: Kind) -> Entries:
        """Return the operations and the gateway's own tools, and all servers' other lists."""
        return self._tools if kind is Kind.TOOLS else super().entries(kind)

    def problems(self, kind: Kind) -> dict[str, str]:
        """Return by server why its part of a list may be out of date."""
        return {} if kind is Kind.TOOLS else super().problems(kind)

    def shown(self, notice: Notice) -> str | None:
        """Return the URI here that *notice* is about; the servers' tools are not shown here."""
        return None if notice.kind is Kind.TOOLS else super().shown(notice)

    async def call(self, params: Json, caller: Caller) -> Json:
        """Run an operation or one of the gateway's own tools."""
        name, arguments = params["name"], params.get("arguments") or {}
        operation = self._operations.get(name)
        if operation is not None:
            outcome = await run_operation(self._fleet, operation, arguments, caller)
            return structured(outcome.result, outcome.meta)
        if name in NATIVE:
            result = await native_call(self._fleet, name, arguments, caller)
            called = arguments.get("server") if name == "call_tool" else None
            return self.renamed("tools/call", str(called), result) if called else result
        raise NotFound(f"there is no tool {name!r} here; find_tools finds the servers' own")


class ServerSurface(OneServer):
    """One server, unprefixed.

    Args:
        fleet: The live view.
        server: The server's name.
    """

    def instructions(self) -> str:
        """Return what the server says of itself, else what the registry says of it."""
        table = self._fleet.table
        catalogue, server = table.catalogues.get(self._server), table.snapshot.server(self._server)
        own = catalogue.about.instructions if catalogue else ""
        return own or (server.description if server else "")

    async def call(self, params: Json, caller: Caller) -> Json:
        """Pass the call through."""
        return await pass_through(self._fleet, self._server, params["name"], params, caller)


class AllSurface(AllServers):
    """Every tool under ``<server>_<tool>``.

    Args:
        fleet: The live view.
    """

    def instructions(self) -> str:
        """Return how names are made."""
        return (
            "Every tool and prompt of every server of the fleet, named <server>_<name>; resources "
            "under their own URIs, or scheme://~<server>~... where two servers have the same."
        )

    async def call(self, params: Json, caller: Caller) -> Json:
        """Pass the call through to the server that the name belongs to."""
        exposed = self._fleet.table.exposed.get(params["name"])
        if exposed is None:
            raise NotFound(f"there is no tool {params['name']!r}")
        result = await pass_through(self._fleet, exposed.server, exposed.own, params, caller)
        return self.renamed("tools/call", exposed.server, result)


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
