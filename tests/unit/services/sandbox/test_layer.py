"""Faults that only need time."""

import asyncio

from services.sandbox.app import build
from services.sandbox.settings import SandboxSettings
from tests.support.clock import FakeClock
from tests.support.vendors import Caller

LATE = {"vendor": "asana", "kind": "latency", "seconds": 30, "times": 1}


async def test_a_late_answer_comes_when_its_time_has_come(
    vendors: Caller, clock: FakeClock
) -> None:
    await vendors.post("/_sandbox/faults", LATE)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        late = tasks.create_task(vendors.asana("GET", "/users/me"))
        while not clock.sleeping:
            await asyncio.wait([late], timeout=0.001)
        assert (await vendors.asana("GET", "/users/me")).status_code == 200, "only once"
        assert not late.done()
        clock.advance(30)
        assert (await late).status_code == 200


async def test_what_is_late_is_under_way(clock: FakeClock) -> None:
    vendors = Caller(build(SandboxSettings(asana_concurrent_writes=1), clock=clock))
    (workspace,) = await vendors.ok("GET", "/workspaces")
    await vendors.post("/_sandbox/faults", LATE)
    data = {"name": "x", "workspace": workspace["gid"]}
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        late = tasks.create_task(vendors.asana("POST", "/tasks", data))
        while not clock.sleeping:
            await asyncio.wait([late], timeout=0.001)
        assert (await vendors.asana("POST", "/tasks", data)).status_code == 429
        await vendors.ok("GET", "/users/me")
        clock.advance(30)
        assert (await late).status_code == 201
    await vendors.ok("POST", "/tasks", data)
