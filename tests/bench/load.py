"""A bounded load of tool calls from this process, over the gateway's own lean client."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from typing import Any

from gateway.upstream.client import Upstream
from gateway.upstream.http1 import Pool


@dataclass(frozen=True, slots=True)
class Measured:
    """What one load came to.

    Attributes:
        name: What was called, and through what.
        calls: How many were answered.
        seconds: How long it took.
        latencies: Of each call, in milliseconds, ascending.
        errors: How many results said that they failed.
    """

    name: str
    calls: int
    seconds: float
    latencies: list[float]
    errors: int

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that *share* of the calls stayed within."""
        return self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]

    @property
    def median(self) -> float:
        """The median latency in milliseconds."""
        return statistics.median(self.latencies)


async def load(
    name: str, url: str, tool: str, arguments: dict[str, Any], *, callers: int, calls: int
) -> Measured:
    """Call *tool* at *url* so many times from so many callers."""
    upstream = Upstream("bench", Pool(url, 1 << 24))
    params = {"name": tool, "arguments": arguments}
    latencies: list[float] = []
    errors = 0
    left = calls

    async def caller() -> None:
        nonlocal left, errors
        while left > 0:
            left -= 1
            began = time.perf_counter()
            result = await upstream.ask("tools/call", params, seconds=30)
            latencies.append((time.perf_counter() - began) * 1000)
            errors += bool(result.get("isError"))

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for _ in range(callers):
            tasks.create_task(caller())
    seconds = time.perf_counter() - began
    upstream.close()
    return Measured(name, calls, seconds, sorted(latencies), errors)
