"""What runs where, and how to use it: the end of `sophia up` and of `sophia status`."""

from collections.abc import Sequence

from cli import show
from cli.fleet.look import Seen
from cli.fleet.record import Record


def overview(seen: Sequence[Seen], record: Record) -> None:
    """Print the processes of the fleet and how a client connects."""
    show.table(
        ("process", "port", "pid", "state", "for", "memory", "talks to", "note"),
        [
            (
                each.name,
                _ports(each, record),
                each.pid,
                each.state if each.ready or each.state != "RUNNING" else "not ready",
                show.ago(each.since),
                show.megabytes(each.memory_bytes),
                each.talks_to,
                each.detail,
            )
            for each in seen
        ],
    )
    sandboxed = [each.name for each in seen if each.talks_to == "sandbox"]
    if sandboxed:
        show.line(f"{' and '.join(sandboxed)}: sandbox data, since no credential is set")
    if record.gateway is not None:
        show.line(
            f"MCP clients connect to {record.gateway}/mcp (sophia connect claude|cursor|vscode)"
        )


def _ports(seen: Seen, record: Record) -> str:
    """Return the process's port, and its further ones with what they are for."""
    prefix = f"{seen.name}-"
    further = [
        f"{name.removeprefix(prefix)} {port}"
        for name, port in record.ports.items()
        if name.startswith(prefix)
    ]
    return ", ".join([str(seen.port), *further])
