"""A process pays, in memory and time, only for what it is configured to use."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
USE_NOTHING = """
import asyncio, sys
from kit import telemetry
from kit.cache import open_cache
from kit.events import open_events
from kit.ratelimit import Limit, open_ratelimiter
from kit.settings import FleetSettings
from datetime import timedelta

async def main():
    settings = FleetSettings()
    limit = Limit(1, timedelta(seconds=1))
    telemetry.configure("frugal", settings)
    async with open_cache(settings, "x"), open_events(settings):
        async with open_ratelimiter(settings, "x", limit):
            pass

asyncio.run(main())
print(*sorted(sys.modules))
"""


def test_engines_and_exporters_that_are_not_configured_are_not_imported() -> None:
    done = subprocess.run(
        [sys.executable, "-c", USE_NOTHING],
        cwd=ROOT,
        env={},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    imported = done.stdout.split()
    assert "kit.telemetry" in imported
    for costly in ("redis", "nats", "opentelemetry.exporter.otlp", "requests"):
        assert costly not in imported
