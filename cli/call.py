"""``sophia call``: run an operation, or a server's own tool."""

from typing import Any

from cli import show
from cli.address import Address, gateway
from cli.answer import show_answer
from cli.api import get, post
from cli.arguments import parsed
from cli.failure import Usage
from cli.passing import call_tool, endpoint


def call(
    name: str,
    /,
    *words: str,
    server: str | None = None,
    url: str | None = None,
    timeout: float = 30.0,
    json: bool = False,
) -> int:
    """Call an operation or a tool.

    Args:
        name: An operation (`tasks.search`) or a tool (`linear_get_issue`).
        words: Arguments: key=value, key:=JSON, outer.inner=value.
        server: Ask this server alone, for a tool by the server's own name.
        url: The gateway (the fleet's that is up here).
        timeout: Seconds for the whole call.
        json: Print the answer as JSON, nothing left out.
    """
    if timeout <= 0:
        raise Usage("--timeout: more than 0 seconds")
    address = gateway(url)
    arguments = parsed(words)
    operation = None if server is not None else _operation(address, name)
    if operation is not None:
        answer: Any = post(address, "operations", operation, body=arguments, seconds=timeout)
    else:
        path = endpoint(server, everything=True)
        answer = call_tool(address, path, name, arguments, timeout)
    if json:
        show.as_json(answer)
    else:
        show_answer(_content(answer) if operation is None else answer)
    return 0


def _operation(address: Address, name: str) -> str | None:
    """Return the operation that *name* means, by its own name or by its tool's, if any."""
    if "." in name:
        return name
    rows = get(address, "operations")["operations"]
    return next((row["name"] for row in rows if row["tool"] == name), None)


def _content(result: dict[str, Any]) -> Any:
    """Return what a tool's result says: the structured form, else its texts."""
    if "structuredContent" in result:
        return result["structuredContent"]
    parts = result.get("content") or []
    return "\n".join(part.get("text") or f"({part.get('type')})" for part in parts)
