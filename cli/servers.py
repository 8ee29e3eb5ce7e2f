"""``sophia servers``: what the gateway thinks of each MCP server."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cli import show
from cli.address import gateway
from cli.api import get


def servers(*, url: str | None = None, json: bool = False) -> int:
    """List servers.

    Args:
        url: The gateway (the fleet's that is up here).
        json: Print all that is known of them as JSON.
    """
    answer = get(gateway(url), "servers")
    if json:
        show.as_json(answer)
        return 0
    server_table(answer["servers"])
    about = answer.get("registry") or {}
    if about.get("load_error"):
        show.note(f"registry file refused: {about['load_error']['message']}")
    if about.get("connected") is False:
        show.note(f"the gateway has lost the registry: {about.get('detail')}")
    return 0


def server_table(rows: Sequence[Mapping[str, Any]]) -> None:
    """Print servers with state, since when and why."""
    show.table(
        ("server", "tier", "state", "for", "capabilities", "tools", "reason"),
        [
            (
                row["name"],
                row["tier"],
                row["state"],
                show.ago(datetime.fromisoformat(row["since"])) if row.get("since") else "",
                ", ".join(row.get("capabilities") or ()),
                row.get("tools"),
                row.get("reason"),
            )
            for row in rows
        ],
    )
