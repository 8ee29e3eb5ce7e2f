"""The routing table: compiled once a snapshot or a tool list changes, then only read."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import jmespath

from gateway.catalogue import Catalogue
from gateway.listing import Kind
from gateway.routing.uris import Claim, Uris
from kit.contract.catalogue import OPERATIONS
from kit.contract.operation import Operation
from registry.model import Binding, EquivalenceClass, Server, Snapshot

Json = dict[str, Any]
SEPARATOR: Final = "_"
_EXPOSED: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True)
class Candidate:
    """One server as it would serve one operation.

    Attributes:
        server: Who.
        tool: Its tool.
        arguments: Contract argument to tool argument; None: sent under their own names.
        result: From the tool's structured content to the operation's result; None: as it is.
        ineligible: Why it cannot serve at all; empty when it can.
    """

    server: Server
    tool: str
    arguments: Mapping[str, str] | None = None
    result: Any = None
    ineligible: str = ""

    @property
    def provider(self) -> str:
        """Whose things it answers for."""
        return self.server.provider


@dataclass(frozen=True)
class Exposed:
    """A server's tool or prompt under the name that ``/mcp/all`` gives it.

    Attributes:
        name: There.
        server: Whose.
        own: Its name at its server.
    """

    name: str
    server: str
    own: str


@dataclass(frozen=True, eq=False)
class Table:
    """Everything a call needs to know, by key.

    Attributes:
        revision: The snapshot it was compiled from.
        candidates: By operation name, in order of preference.
        exposed: The tools of ``/mcp/all`` by exposed name.
        prompts: The prompts of all servers by exposed name.
        uris: Whose every resource is.
        collisions: Names and URIs that two servers want, and what was done.
        catalogues: By server name.
        snapshot: The registry at that revision.
    """

    snapshot: Snapshot
    candidates: Mapping[str, tuple[Candidate, ...]]
    exposed: Mapping[str, Exposed]
    prompts: Mapping[str, Exposed]
    uris: Uris
    collisions: tuple[str, ...]
    catalogues: Mapping[str, Catalogue]
    operations: Mapping[str, Operation] = field(default_factory=lambda: OPERATIONS)


def compile_table(
    snapshot: Snapshot, catalogues: Mapping[str, Catalogue], last: Table | None = None
) -> Table:
    """Return the table for *snapshot* and what the servers list; *last* saves work."""
    candidates = {
        operation.name: tuple(
            _candidate(server, operation, catalogues.get(server.name))
            for server in snapshot.with_capability(operation.capability)
        )
        for operation in OPERATIONS.values()
    }
    exposed, collisions = _exposed(snapshot, catalogues)
    prompts, also = _prompts(snapshot, catalogues)
    uris = _uris(snapshot, catalogues, last)
    collisions += also + uris.collisions
    return Table(snapshot, candidates, exposed, prompts, uris, collisions, catalogues)


def _candidate(server: Server, operation: Operation, catalogue: Catalogue | None) -> Candidate:
    binding = server.bindings.get(operation.name) or Binding(tool=operation.tool)
    why = ""
    if catalogue is None:
        why = "its tools are not known yet"
    elif binding.tool not in catalogue.by_name:
        why = catalogue.problem or f"it has no tool {binding.tool}"
    return Candidate(
        server=server,
        tool=binding.tool,
        arguments=binding.arguments,
        result=None if binding.result is None else jmespath.compile(binding.result),
        ineligible=why,
    )


def exposed_name(server: str, tool: str) -> str:
    """Return the name of *tool* in ``/mcp/all``: ``<server>_<tool>``, never doubled."""
    prefix = server + SEPARATOR
    return tool if tool.startswith(prefix) else prefix + tool


def _exposed(
    snapshot: Snapshot, catalogues: Mapping[str, Catalogue]
) -> tuple[dict[str, Exposed], tuple[str, ...]]:
    found: dict[str, Exposed] = {}
    told: list[str] = []
    for server in snapshot.servers:
        catalogue = catalogues.get(server.name)
        for tool in catalogue.tools if catalogue else ():
            name = exposed_name(server.name, tool["name"])
            if not _EXPOSED.fullmatch(name):
                told.append(
                    f"{server.name}: tool {tool['name']!r} is left out of /mcp/all: {name!r} is "
                    "not 1 to 64 of A-Z a-z 0-9 _ -"
                )
            elif name in found:
                told.append(
                    f"{server.name}: tool {tool['name']!r} is left out of /mcp/all: "
                    f"{found[name].server} has {name!r} already"
                )
            else:
                found[name] = Exposed(name, server.name, tool["name"])
    return found, tuple(told)


def home(server: Server) -> str:
    """Return the server whose resources *server* has: itself, or what it is a replica of."""
    same = server.equivalence is not None and server.equivalence.kind is EquivalenceClass.REPLICA
    return server.provider if same else server.name


def _prompts(
    snapshot: Snapshot, catalogues: Mapping[str, Catalogue]
) -> tuple[dict[str, Exposed], tuple[str, ...]]:
    found: dict[str, Exposed] = {}
    told: list[str] = []
    for server in snapshot.servers:
        catalogue = catalogues.get(server.name)
        for prompt in catalogue.listing(Kind.PROMPTS).items if catalogue else ():
            name = exposed_name(server.name, prompt["name"])
            first = found.setdefault(name, Exposed(name, server.name, prompt["name"]))
            if first.server != server.name or first.own != prompt["name"]:
                told.append(
                    f"{server.name}: prompt {prompt['name']!r} is left out of /mcp/all: "
                    f"{first.server} has {name!r} already"
                )
    return found, tuple(told)


def _uris(snapshot: Snapshot, catalogues: Mapping[str, Catalogue], last: Table | None) -> Uris:
    claims = tuple(
        Claim(
            home(server),
            tuple(each["uri"] for each in catalogue.listing(Kind.RESOURCES).items),
            tuple(each["uriTemplate"] for each in catalogue.listing(Kind.TEMPLATES).items),
        )
        for server in snapshot.servers
        if (catalogue := catalogues.get(server.name)) is not None
    )
    names = tuple(snapshot.by_name)
    if last is not None and (last.uris.claims, last.uris.servers) == (claims, names):
        return last.uris
    return Uris(claims, names)
