"""Registry files, probes that answer as told, and waiting on snapshots."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import yaml

from registry.health import Finding, Observation
from registry.model import FactName, FactStatus, Server, Snapshot

GOOD = Observation(
    {FactName.REACHABLE: Finding(FactStatus.OK), FactName.PROTOCOL: Finding(FactStatus.OK)},
    frozenset({"tasks_search"}),
)
BAD = Observation({FactName.REACHABLE: Finding(FactStatus.FAILED, "connection refused")})


def server(name: str, **more: Any) -> dict[str, Any]:
    """Return a server's part of a registry file."""
    return {
        "name": name,
        "tier": "PRIMARY",
        "capabilities": ["TASKS"],
        "transport": {"kind": "http", "url": f"http://{name}.test/mcp"},
        **more,
    }


def text(*servers: Mapping[str, Any], **health: Any) -> str:
    """Return a registry file."""
    document: dict[str, Any] = {"version": 2, "servers": [dict(each) for each in servers]}
    if health:
        document["defaults"] = {"health": health}
    return yaml.safe_dump(document, sort_keys=False)


def write(path: Path, *servers: Mapping[str, Any], **health: Any) -> Path:
    """Write a registry file as a careful editor does: beside it, then in its place."""
    beside = path.with_suffix(".new")
    beside.write_text(text(*servers, **health), encoding="utf-8")
    return beside.replace(path)


class Answers:
    """Probes that find what the test says, and count themselves."""

    def __init__(self, **by_server: Observation) -> None:
        self.by_server = by_server
        self.asked: list[str] = []
        self.tokens: dict[str, str | None] = {}

    async def __call__(self, server: Server, token: str | None) -> Observation:
        self.asked.append(server.name)
        self.tokens[server.name] = token
        return self.by_server.get(server.name, GOOD)


class Watched(Protocol):
    """A source of snapshots."""

    def changes(self) -> AsyncGenerator[Snapshot]: ...


async def until(
    changes: AsyncGenerator[Snapshot], holds: Callable[[Snapshot], object], seconds: float = 5
) -> Snapshot:
    """Return the first snapshot for which *holds* is true."""
    async with asyncio.timeout(seconds), contextlib.aclosing(changes):
        async for snapshot in changes:
            if holds(snapshot):
                return snapshot
    raise AssertionError("the snapshots ended")


async def turns(count: int = 20) -> None:
    """Let other tasks take *count* turns."""
    for _ in range(count):
        await asyncio.sleep(0)  # noqa: TID251 -- a turn, not a pause


async def settled(holds: Callable[[], object], seconds: float = 5) -> None:
    """Let other tasks take their turns until *holds* is true."""
    async with asyncio.timeout(seconds):
        while not holds():
            await turns(1)
