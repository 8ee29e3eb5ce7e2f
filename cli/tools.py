"""``sophia tools``: what an MCP client is offered."""

from typing import Any

from cli import show
from cli.address import gateway
from cli.failure import Usage
from cli.passing import endpoint, list_tools

_SECONDS = 30.0


def tools(
    query: str | None = None,
    /,
    *,
    server: str | None = None,
    all: bool = False,  # noqa: A002 -- the option's name
    url: str | None = None,
    json: bool = False,
) -> int:
    """List tools.

    Args:
        query: Only tools with all of these words in name, title or description.
        server: Of this server, by its own names.
        all: Of all servers, as <server>_<tool>.
        url: The gateway (the fleet's that is up here).
        json: Print the tools as JSON, with their schemas.
    """
    if server is not None and all:
        raise Usage("--server and --all exclude each other")
    found = list_tools(gateway(url), endpoint(server, everything=all), _SECONDS)
    words = (query or "").lower().split()
    kept = [tool for tool in found if all_in(words, tool)]
    if json:
        show.as_json({"tools": kept})
        return 0
    if not kept:
        show.note(f"none of {len(found)} tools has the words {query!r}" if query else "no tools")
        return 0
    show.table(
        ("tool", "arguments", "description"),
        [(tool["name"], _arguments(tool), tool.get("description", "")) for tool in kept],
    )
    return 0


def all_in(words: list[str], tool: dict[str, Any]) -> bool:
    """Return whether *tool* has all *words*."""
    about = (tool["name"], tool.get("title") or "", tool.get("description") or "")
    text = " ".join(about).lower()
    return all(word in text for word in words)


def _arguments(tool: dict[str, Any]) -> str:
    """Return the arguments' names, required ones first, the others in brackets."""
    schema = tool.get("inputSchema") or {}
    required = list(schema.get("required") or ())
    optional = [name for name in schema.get("properties") or {} if name not in required]
    return " ".join([*required, *(f"[{name}]" for name in optional)])
