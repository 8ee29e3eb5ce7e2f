"""What the dashboard's HTTP face answers, as models: its OpenAPI is made from them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class FactRow(BaseModel):
    """One thing known about a server."""

    status: str
    detail: str
    since: datetime


class EquivalenceRow(BaseModel):
    """Which server it may stand in for, and why."""

    to: str
    class_: str = Field(alias="class")


class ServerRow(BaseModel):
    """One server and its state."""

    name: str
    tier: str
    state: str
    since: datetime
    reason: str
    capabilities: list[str]
    description: str
    url: str
    tools: int
    calls_running: int
    breakers_open: list[str]
    facts: dict[str, FactRow]
    tools_problem: str | None = None
    tools_at: datetime | None = None
    equivalence: EquivalenceRow | None = None


class LoadErrorRow(BaseModel):
    """Why the registry file as it now stands is not in force."""

    message: str
    at: datetime


class RegistryRow(BaseModel):
    """How fresh the gateway's snapshot is."""

    source: str
    revision: int
    connected: bool
    since: datetime
    detail: str
    load_error: LoadErrorRow | None = None


class Servers(BaseModel):
    """All servers."""

    servers: list[ServerRow]
    registry: RegistryRow


class CapabilityRow(BaseModel):
    """One capability: what can be asked, and of whom."""

    name: str
    operations: list[str]
    servers: list[str]


class Capabilities(BaseModel):
    """All capabilities that a server or an operation has."""

    capabilities: list[CapabilityRow]


class OperationRow(BaseModel):
    """One operation."""

    name: str
    title: str
    description: str
    capability: str
    route: str
    safety: str
    tool: str
    arguments: dict[str, Any]
    result: dict[str, Any]


class Operations(BaseModel):
    """All operations."""

    operations: list[OperationRow]


class CandidateRow(BaseModel):
    """A server that would be asked."""

    server: str
    tier: str
    tool: str


class OutRow(BaseModel):
    """A server that would not, and why."""

    server: str
    reason: str


class LegRow(BaseModel):
    """One provider's part of a call."""

    provider: str
    candidates: list[CandidateRow]
    out: list[OutRow]
    container: str | None = None


class Explanation(BaseModel):
    """Where a call would go now."""

    operation: str
    capability: str
    route: str
    safety: str
    revision: int
    legs: list[LegRow]
    outcome: str


class Simulate(BaseModel):
    """What to suppose."""

    down: list[str] = Field(min_length=1, max_length=100, description="servers that are down")


class SimulatedRow(BaseModel):
    """What would change for one operation."""

    operation: str
    changes: bool
    before: str
    after: str
    legs: list[LegRow]


class Simulation(BaseModel):
    """What would change."""

    down: list[str]
    operations: list[SimulatedRow]


class DrainRequest(BaseModel):
    """Take a server out of use, or back in."""

    draining: bool = True
    reason: str = Field(default="", max_length=200)
