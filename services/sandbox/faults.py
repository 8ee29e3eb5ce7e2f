"""Faults on request: what is to go wrong, and for which requests."""

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.sandbox.vendor import Call, Vendor


class Kind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"  # the answer comes `seconds` later
    RATE_LIMITED = "rate_limited"  # the vendor's own, with Retry-After `seconds`
    ERROR_500 = "error_500"
    ERROR_503 = "error_503"
    RESET = "reset"  # the connection is reset before anything was done
    RESET_AFTER_COMMIT = "reset_after_commit"  # it is done, then the connection is reset
    HANG = "hang"  # no answer until the client goes or the fault is cleared
    MALFORMED = "malformed"  # status 200 and half a JSON document; nothing was done
    UNAUTHORIZED = "unauthorized"  # the vendor's own


class Match(BaseModel):
    """Which requests; what is not given matches all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str | None = Field(default=None, description="HTTP method")
    path: str | None = Field(
        default=None, description="glob on the path below the base address, such as /tasks/*"
    )
    operation: str | None = Field(
        default=None, description="GraphQL operation name or root field, such as issueCreate"
    )


class FaultRequest(BaseModel):
    """The body of ``POST /_sandbox/faults``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str
    kind: Kind
    seconds: float = Field(default=1.0, ge=0, le=600)
    times: int | None = Field(default=None, ge=1, description="none: until it is cleared")
    match: Match = Match()


@dataclass
class Fault:
    """A fault that waits for its requests."""

    id: int
    asked: FaultRequest
    hits: int = 0
    cleared: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def spent(self) -> bool:
        """Return whether it has gone wrong as often as it was asked to."""
        return self.asked.times is not None and self.hits >= self.asked.times

    def report(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"id": self.id, "hits": self.hits, **self.asked.model_dump(mode="json")}


class Faults:
    """All faults, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._count = 0

    def add(self, asked: FaultRequest) -> Fault:
        """Add a fault and return it."""
        self._count += 1
        fault = Fault(self._count, asked)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Remove all; what hangs goes on."""
        for fault in self._faults:
            fault.cleared.set()
        self._faults.clear()

    def all(self) -> list[Fault]:
        """Return every fault that was not cleared, spent ones too."""
        return list(self._faults)

    def any_for(self, vendor: Vendor) -> bool:
        """Return whether any fault still waits for *vendor*."""
        return any(f.asked.vendor == vendor.name and not f.spent for f in self._faults)

    def take(self, vendor: Vendor, call: Call) -> Fault | None:
        """Return the first fault that waits for *call*, and count it."""
        for fault in self._faults:
            if not fault.spent and _matches(fault.asked, vendor, call):
                fault.hits += 1
                return fault
        return None


def _matches(asked: FaultRequest, vendor: Vendor, call: Call) -> bool:
    match = asked.match
    return (
        asked.vendor == vendor.name
        and (match.method is None or match.method.upper() == call.method)
        and (match.path is None or fnmatchcase(call.path, match.path))
        and (match.operation is None or match.operation in vendor.operations(call))
    )
