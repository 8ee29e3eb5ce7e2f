"""What one leg of a call came to: a value, since failing is an ordinary answer here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kit.errors import FleetError
from kit.wire import to_wire

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one server.

    Attributes:
        server: Which.
        outcome: ``ok``, or the code of the failure.
        latency_ms: How long it took.
    """

    server: str
    outcome: str
    latency_ms: float

    def as_json(self) -> Json:
        """Return it as answers carry it."""
        return {
            "server": self.server,
            "outcome": self.outcome,
            "latency_ms": round(self.latency_ms, 2),
        }


@dataclass(frozen=True, slots=True)
class Answered:
    """A server answered.

    Attributes:
        provider: Whose things they are.
        server: Who answered.
        tier: Its tier.
        result: The operation's result.
        attempts: All tries, the last one the answer.
        equivalence: The class under which a stand-in answered; empty: the provider itself.
    """

    provider: str
    server: str
    tier: str
    result: Json
    attempts: Sequence[Attempt]
    equivalence: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """Every try failed; *error* is the last one's."""

    provider: str
    error: FleetError
    attempts: Sequence[Attempt]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nobody was asked, and why."""

    provider: str
    reason: str


Reply = Answered | Failed | Skipped


def spent_ms(attempts: Sequence[Attempt]) -> float:
    """Return how long all tries took together."""
    return round(sum(each.latency_ms for each in attempts), 2)


def report(reply: Reply, *, empty: bool = False) -> Json:
    """Return the entry of ``providers[]`` for *reply*."""
    match reply:
        case Answered(provider=provider, attempts=attempts):
            status = "empty" if empty else "ok"
            return {"provider": provider, "status": status, "latency_ms": spent_ms(attempts)}
        case Failed(provider=provider, error=error, attempts=attempts):
            return {
                "provider": provider,
                "status": "error",
                "error": to_wire(error),
                "latency_ms": spent_ms(attempts),
            }
        case Skipped(provider=provider, reason=reason):
            body = {"code": "unavailable", "message": reason, "provider": provider}
            return {"provider": provider, "status": "skipped", "error": body}
