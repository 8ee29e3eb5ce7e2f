"""MCP clients: where each keeps its servers, and how an entry of ours looks there.

Sources, read 2026-11: code.claude.com/docs/en/mcp (``.mcp.json``, ``${NAME}``),
cursor.com/docs/mcp (``~/.cursor/mcp.json``, ``${env:NAME}``) and
code.visualstudio.com/docs/copilot/reference/mcp-configuration (``.vscode/mcp.json``, inputs).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

KEY_NAME: Final = "FLEET_API_KEY"
_INPUT: Final = "sophia-api-key"


@dataclass(frozen=True, slots=True)
class Client:
    """One MCP client.

    Attributes:
        title: What people call it.
        file: Where it keeps its servers; ``~`` is the home folder, else the project's.
        section: The key that holds the servers.
        typed: An entry says ``"type": "http"``.
        key: How an entry refers to the API key, which is never written down.
        inputs: What it must ask a person for, if it needs a key.
        after: What to do once the entry is there.
    """

    title: str
    file: str
    section: str
    key: str
    after: str
    typed: bool = True
    inputs: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def path(self) -> Path:
        """The file's place for the person and the folder that we run in."""
        return Path(self.file).expanduser()

    def block(self, name: str, url: str, *, keyed: bool) -> dict[str, Any]:
        """Return what the file must hold for the server *name* at *url*."""
        entry: dict[str, Any] = {"type": "http", "url": url} if self.typed else {"url": url}
        if keyed:
            entry["headers"] = {"Authorization": f"Bearer {self.key}"}
        block: dict[str, Any] = {self.section: {name: entry}}
        if keyed and self.inputs:
            block["inputs"] = [dict(each) for each in self.inputs]
        return block


CLIENTS: Final[Mapping[str, Client]] = {
    "claude": Client(
        title="Claude Code",
        file=".mcp.json",
        section="mcpServers",
        key=f"${{{KEY_NAME}}}",
        after="start `claude` in this folder and approve the server (or check it with /mcp)",
    ),
    "cursor": Client(
        title="Cursor",
        file="~/.cursor/mcp.json",
        section="mcpServers",
        key=f"${{env:{KEY_NAME}}}",
        after="restart Cursor and switch the server on under MCP",
        typed=False,
    ),
    "vscode": Client(
        title="VS Code",
        file=".vscode/mcp.json",
        section="servers",
        key=f"${{input:{_INPUT}}}",
        after="open this folder in VS Code and start the server from the file's lens",
        inputs=(
            {
                "type": "promptString",
                "id": _INPUT,
                "description": "API key of the Sophia gateway",
                "password": True,
            },
        ),
    ),
}


def merged(present: Mapping[str, Any], block: Mapping[str, Any]) -> dict[str, Any]:
    """Return *present* with *block* put in: what is there stays, an entry of ours is replaced.

    Raises:
        TypeError: a section is there and is not what the client would take.
    """
    result = dict(present)
    for key, value in block.items():
        there = result.get(key)
        if isinstance(value, Mapping):
            if there is not None and not isinstance(there, Mapping):
                raise TypeError(f"{key} is not an object")
            result[key] = {**(there or {}), **value}
        else:
            if there is not None and not isinstance(there, list):
                raise TypeError(f"{key} is not a list")
            ids = {each["id"] for each in value}
            kept = [e for e in there or () if not isinstance(e, Mapping) or e.get("id") not in ids]
            result[key] = [*kept, *value]
    return result
