"""Between the contract's arguments and results and a server's own."""

from typing import Any

from gateway.routing.table import Candidate
from kit.errors import Internal, Unsupported

Json = dict[str, Any]


def mapped(candidate: Candidate, arguments: Json) -> Json:
    """Return the tool's arguments for the operation's.

    Raises:
        Unsupported: an argument was given that this binding cannot ask for.
    """
    if candidate.arguments is None:
        return arguments
    unknown = sorted(name for name in arguments if name not in candidate.arguments)
    if unknown:
        raise Unsupported(
            f"{candidate.server.name} cannot take {', '.join(unknown)}",
            provider=candidate.server.name,
        )
    return {candidate.arguments[name]: value for name, value in arguments.items()}


def shaped(candidate: Candidate, reply: Json) -> Json:
    """Return the operation's result from the tool's.

    Raises:
        Internal: the server answered without structured content, or not with an object.
    """
    content = reply.get("structuredContent")
    if candidate.result is not None:
        content = candidate.result.search(content)
    if not isinstance(content, dict):
        raise Internal(
            f"{candidate.server.name} answered {candidate.tool} without an object",
            provider=candidate.server.name,
        )
    return content
