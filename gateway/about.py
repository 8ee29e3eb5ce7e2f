"""What a server says of itself: which primitives it has, and how to use them."""

from dataclasses import dataclass, field
from typing import Any, Final

from gateway.listing import Kind
from gateway.upstream.client import Upstream
from gateway.upstream.replies import BrokenOff, Hung, Outage, RpcError
from kit.errors import FleetError

Json = dict[str, Any]


@dataclass(frozen=True)
class About:
    """One server's declaration.

    Attributes:
        capabilities: As MCP's ``ServerCapabilities``; only keys whose value is an object.
        instructions: For a model, from the server; empty when it has none.
    """

    capabilities: Json = field(default_factory=dict)
    instructions: str = ""

    def lists(self, kind: Kind) -> bool:
        """Say whether the server has a list of *kind*; what it did not declare is not asked."""
        return kind.capability in self.capabilities

    def says(self, capability: str, feature: str) -> bool:
        """Say whether the server declares *feature*, such as ``subscribe``, of *capability*."""
        return (self.capabilities.get(capability) or {}).get(feature) is True


UNKNOWN: Final = About({"tools": {}})
"""Of a server that does not say: whoever is registered is asked for tools."""


async def read_about(upstream: Upstream, seconds: float) -> About | None:
    """Return what *upstream* says of itself; None when it does not say.

    Raises:
        FleetError: it did not answer at all.
    """
    try:
        result = await upstream.ask("server/discover", {}, seconds=seconds)
    except (Outage, BrokenOff, Hung):
        raise
    except (FleetError, RpcError):
        return None
    declared = result.get("capabilities")
    if not isinstance(declared, dict):
        return None
    instructions = result.get("instructions")
    return About(
        {key: value for key, value in declared.items() if isinstance(value, dict)},
        instructions if isinstance(instructions, str) else "",
    )
