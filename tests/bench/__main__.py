"""What the fleet costs: the gateway beside the same tool called directly, in one run.

Everything runs on this machine and talks to loopback only; the load is bounded by count.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from gateway.upstream.client import Upstream
from gateway.upstream.http1 import Pool
from tests.bench.load import Measured, load
from tests.support.fleet import Fleet, running

ROUNDS = 5
CALLS = 400
TOKEN = 4  # characters, roughly
SEARCH = {"query": "billing", "limit": 5}


def main() -> None:
    """Start a fleet, measure, print tables."""
    console = Console(width=110)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        # The vendors' own limits would end the load.
        with running(Path(folder), SANDBOX_LIMITS="generous") as fleet:
            console.print(f"cold to ready: {time.perf_counter() - began:.1f} s")
            console.print(memory(fleet))
            uvloop.run(measure(fleet, console))


def memory(fleet: Fleet) -> Table:
    """Return the resident memory of each process."""
    table = Table("process", "resident MB", title="memory, idle")
    for name, each in fleet.processes().items():
        status = Path(f"/proc/{each['pid']}/status").read_text(encoding="utf-8")
        kilobytes = int(status.split("VmRSS:")[1].split()[0])
        table.add_row(name, f"{kilobytes / 1024:.0f}")
    return table


async def measure(fleet: Fleet, console: Console) -> None:
    """Print calls a second and latencies, each pair alternating so that noise hits both."""
    linear, gateway = fleet.url("linear") + "/mcp", fleet.url("gateway")
    through = f"{gateway}/mcp/servers/linear"
    pairs: list[tuple[tuple[str, str, str, Any], ...]] = [
        (
            ("linear_list_users, direct", linear, "linear_list_users", {}),
            ("linear_list_users, through the gateway", through, "linear_list_users", {}),
        ),
        (
            ("tasks_search, one server directly", linear, "tasks_search", SEARCH),
            ("tasks_search, merged over two", f"{gateway}/mcp", "tasks_search", SEARCH),
        ),
    ]
    table = Table("what", "calls/s", "of the first", "p50 ms", "p99 ms", "errors")
    for callers in (1, 16):
        for pair in pairs:
            rounds: dict[str, list[Measured]] = {}
            for _ in range(ROUNDS):
                for name, url, tool, arguments in pair:
                    count = CALLS // 4 if callers == 1 else CALLS
                    done = await load(name, url, tool, arguments, callers=callers, calls=count)
                    rounds.setdefault(name, []).append(done)
            first = None
            for name, measured in rounds.items():
                middle = sorted(measured, key=lambda each: each.rate)[len(measured) // 2]
                first = first or middle.rate
                table.add_row(
                    f"{name} ({callers} at once)",
                    f"{middle.rate:.0f}",
                    f"{middle.rate / first:.2f}",
                    f"{middle.median:.2f}",
                    f"{middle.percentile(0.99):.2f}",
                    str(middle.errors),
                )
    table.title = f"medians of {ROUNDS} rounds"
    console.print(table)
    console.print(await tokens(gateway))


async def tokens(gateway: str) -> str:
    """Return how large the tool list is that a model sees."""
    upstream = Upstream("bench", Pool(f"{gateway}/mcp", 1 << 24))
    tools = (await upstream.ask("tools/list", {}, seconds=10))["tools"]
    upstream.close()
    size = len(json.dumps(tools, separators=(",", ":")))
    return f"/mcp lists {len(tools)} tools in {size} characters, about {size // TOKEN} tokens"


main()
