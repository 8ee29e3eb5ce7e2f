"""The registry's values: what the YAML file says, and what is known of it at one moment.

The first half is the file (``Document`` and below): frozen, every key has a reader, an
unknown one is refused. The second half is what the gateway works on: a ``Snapshot`` of the
servers and their health, immutable and swapped whole.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kit.contract.operation import Capability
from kit.errors import Invalid

NAME_PATTERN: Final = r"^[a-z][a-z0-9-]*$"
NAME_LENGTH: Final = 40
_ENV_REFERENCE: Final = r"^env:[A-Za-z_][A-Za-z0-9_]*$"


def _http_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        named, parts = False, urlsplit("")
    if parts.scheme not in {"http", "https"} or not named or re.search(r"\s", text):
        raise ValueError("must be an http:// or https:// URL with a host")
    if parts.username or parts.password:
        raise ValueError("must not hold a credential; name it in `secret`")
    if parts.fragment:
        raise ValueError("must not have a #fragment")
    return text


ServerName = Annotated[str, Field(pattern=NAME_PATTERN, max_length=NAME_LENGTH)]
EnvReference = Annotated[str, Field(pattern=_ENV_REFERENCE)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Strict(BaseModel):
    """Base of the file's models: frozen, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Tier(StrEnum):
    """Rank of preference, and how much a server's loss matters."""

    PRIMARY = "PRIMARY"
    SECONDARY = "SECONDARY"
    TERTIARY = "TERTIARY"

    @property
    def rank(self) -> int:
        """0 for PRIMARY, 2 for TERTIARY: sorts in order of preference."""
        return list(Tier).index(self)


class EquivalenceClass(StrEnum):
    """Why one server may stand in for another."""

    REPLICA = "replica"
    SAME_SOURCE = "same_source"
    SNAPSHOT = "snapshot"
    FUNGIBLE = "fungible"


def capability_named(name: str) -> Capability:
    """Return the capability called *name*.

    Raises:
        Invalid: there is none; the message lists them.
    """
    if name not in Capability.__members__:
        known = ", ".join(Capability)
        raise Invalid(f"{name!r} is no capability; known are {known}", field="capability")
    return Capability(name)


class HttpTransport(Strict):
    """An MCP server behind Streamable HTTP."""

    kind: Literal["http"] = Field(description="how the server is reached")
    url: HttpUrl = Field(description="the MCP endpoint, such as http://127.0.0.1:9004/mcp")

    @model_validator(mode="before")
    @classmethod
    def _refuse_stdio(cls, value: Any) -> Any:
        if isinstance(value, dict) and value.get("kind") == "stdio":
            raise ValueError("kind: stdio is not supported yet; use kind: http")
        return value


class Limits(Strict):
    """How much the gateway asks of a server at once, and how long it waits."""

    max_concurrency: int = Field(default=32, ge=1, le=10_000, description="calls in flight")
    timeout_seconds: Seconds = Field(default=30.0, description="longest wait for one call")


class HealthPolicy(Strict):
    """How a server is probed; what it leaves out comes from ``defaults.health``."""

    interval_seconds: Seconds = Field(default=30.0, description="between probes while it is well")
    timeout_seconds: Seconds = Field(default=5.0, description="longest wait for one probe")
    fall: int = Field(default=3, ge=1, le=100, description="bad probes in a row to get worse")
    rise: int = Field(default=2, ge=1, le=100, description="good probes in a row to get better")
    quick_interval_seconds: Seconds = Field(
        default=1.0, description="between probes while it is down or suspect"
    )


class Equivalence(Strict):
    """A declaration that this server may answer in place of another."""

    to: ServerName = Field(description="the server that this one may stand in for")
    kind: EquivalenceClass = Field(
        alias="class",
        description="replica: the same data and rights; same_source: another way to the same "
        "system; snapshot: an older copy; fungible: any will do",
    )
    max_age_seconds: int | None = Field(
        default=None, ge=1, description="how old a snapshot may be; only with class: snapshot"
    )

    @model_validator(mode="after")
    def _age_goes_with_snapshot(self) -> Self:
        if self.kind is EquivalenceClass.SNAPSHOT and self.max_age_seconds is None:
            raise ValueError("class: snapshot needs max_age_seconds")
        if self.kind is not EquivalenceClass.SNAPSHOT and self.max_age_seconds is not None:
            raise ValueError("max_age_seconds goes only with class: snapshot")
        return self


class Binding(Strict):
    """How one server serves one operation of the contract."""

    tool: str = Field(min_length=1, max_length=128, description="the server's own tool")
    arguments: Mapping[str, str] | None = Field(
        default=None,
        description="contract argument to tool argument; one that is not named here cannot be "
        "asked of this tool; left out: all are sent under their own names",
    )
    result: str | None = Field(
        default=None,
        description="JMESPath from the tool's structured content to the operation's result; "
        "left out: it has that form already",
    )


class Server(Strict):
    """One server, as the file or a lease declares it."""

    name: ServerName = Field(
        description="lower-case letters, digits and hyphens; the provider in refs"
    )
    description: str = Field(default="", max_length=500, description="one line for people")
    enabled: bool = Field(default=True, description="false: as if it were not in the file")
    tier: Tier = Field(description="PRIMARY before SECONDARY before TERTIARY")
    capabilities: tuple[Capability, ...] = Field(
        default=(), description="families of operations it serves; none: only its own tools"
    )
    transport: HttpTransport = Field(description="how it is reached")
    limits: Limits = Field(default=Limits(), description="how much is asked of it")
    health: HealthPolicy = Field(
        default=HealthPolicy(), description="what differs from defaults.health"
    )
    secret: EnvReference | None = Field(
        default=None, description="env:NAME of the bearer token sent to it"
    )
    requires: tuple[EnvReference, ...] = Field(
        default=(), description="env:NAME that must be set, else the server is UNCONFIGURED"
    )
    equivalence: Equivalence | None = Field(
        default=None, description="which server it may stand in for; none: no failover to it"
    )
    bindings: Mapping[str, Binding] = Field(
        default={}, description="per operation, where the tool is not named like the operation"
    )

    @property
    def provider(self) -> str:
        """The provider in refs that it answers for: itself, or what it is equivalent to."""
        return self.equivalence.to if self.equivalence else self.name


class Defaults(Strict):
    """What holds for every server that does not say otherwise."""

    health: HealthPolicy = Field(default=HealthPolicy(), description="how servers are probed")


class Document(Strict):
    """The registry file."""

    version: Literal[2] = Field(description="2")
    defaults: Defaults = Field(default=Defaults(), description="for every server")
    servers: tuple[Server, ...] = Field(description="in order of preference within a tier")

    def resolved(self) -> tuple[Server, ...]:
        """Return the enabled servers, each with its whole health policy."""
        return tuple(with_defaults(each, self.defaults) for each in self.servers if each.enabled)


def with_defaults(server: Server, defaults: Defaults) -> Server:
    """Return *server* with what its health policy leaves out taken from *defaults*."""
    own = {name: getattr(server.health, name) for name in server.health.model_fields_set}
    return server.model_copy(update={"health": defaults.health.model_copy(update=own)})


class State(StrEnum):
    """What a server's facts amount to."""

    UP = "UP"
    DEGRADED = "DEGRADED"
    DOWN = "DOWN"
    DRAINING = "DRAINING"
    UNCONFIGURED = "UNCONFIGURED"
    UNKNOWN = "UNKNOWN"

    @property
    def takes_calls(self) -> bool:
        """Whether a call may be sent: not yet probed is worth a try, known bad is not."""
        return self in {State.UP, State.DEGRADED, State.UNKNOWN}


class FactName(StrEnum):
    """What is found out about a server, each on its own."""

    REACHABLE = "reachable"
    PROTOCOL = "protocol"
    CONTRACT = "contract"
    AUTH = "auth"
    QUOTA = "quota"


class FactStatus(StrEnum):
    """The outcome of one check."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known about a server.

    Attributes:
        status: Whether it holds.
        detail: In words, for people; empty when there is nothing to add.
        since: When the status was first seen (aware).
    """

    status: FactStatus
    detail: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """What is known about one server.

    Attributes:
        state: What the facts amount to.
        since: When it took on this state (aware).
        reason: Why it is not UP, or what is suspected; empty when all is well.
        facts: The facts that have been looked into.
    """

    state: State
    since: datetime
    reason: str = ""
    facts: Mapping[FactName, Fact] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoadError:
    """Why the registry file as it now stands is not in force; the snapshot is the last good one.

    Attributes:
        message: Every mistake with its place, one a line.
        at: When it was refused (aware).
    """

    message: str
    at: datetime


NOT_PROBED: Final = "not probed yet"


@dataclass(frozen=True)
class Snapshot:
    """The registry at one revision; look-ups take constant time.

    Attributes:
        revision: Grows by one at every change within one source; 0: nothing is known yet.
        servers: All enabled servers, in order of preference: tier, then the file's order.
        health: By server name; every server has an entry.
        source: Where it comes from, for people.
        servers_digest: Equal digests mean equal servers, whichever registry said so:
            what is compiled from *servers* needs compiling again only when it moves.
    """

    revision: int
    servers: tuple[Server, ...]
    health: Mapping[str, ServerHealth]
    source: str
    servers_digest: str

    @classmethod
    def empty(cls, source: str) -> Self:
        """Return the snapshot of a registry that has not been heard yet."""
        return cls(0, (), {}, source, "")

    @cached_property
    def by_name(self) -> Mapping[str, Server]:
        """The servers by name."""
        return {server.name: server for server in self.servers}

    @cached_property
    def by_capability(self) -> Mapping[Capability, tuple[Server, ...]]:
        """The servers of each capability, in order of preference."""
        found: dict[Capability, list[Server]] = {}
        for server in self.servers:
            for capability in server.capabilities:
                found.setdefault(capability, []).append(server)
        return {capability: tuple(servers) for capability, servers in found.items()}

    @cached_property
    def by_provider(self) -> Mapping[str, tuple[Server, ...]]:
        """The servers that may answer for each provider: itself first, then its equivalents."""
        found: dict[str, list[Server]] = {}
        for server in sorted(self.servers, key=lambda each: each.equivalence is not None):
            found.setdefault(server.provider, []).append(server)
        return {provider: tuple(servers) for provider, servers in found.items()}

    def server(self, name: str) -> Server | None:
        """Return the server called *name*."""
        return self.by_name.get(name)

    def with_capability(self, capability: Capability) -> tuple[Server, ...]:
        """Return the servers that declare *capability*, in order of preference."""
        return self.by_capability.get(capability, ())

    def answering_for(self, provider: str) -> tuple[Server, ...]:
        """Return the servers that may answer for *provider*, itself first."""
        return self.by_provider.get(provider, ())

    def health_of(self, name: str) -> ServerHealth:
        """Return what is known about the server called *name*; UNKNOWN if nothing is."""
        return self.health.get(name, UNHEARD)


UNHEARD: Final = ServerHealth(State.UNKNOWN, datetime(1970, 1, 1, tzinfo=UTC), NOT_PROBED)
