"""Processes killed, hung, stopped and started again under load; a registry edited wrongly."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.support.fleet import Fleet, running

pytestmark = pytest.mark.timeout(180)
Json = dict[str, Any]
SEARCH = "/api/v1/operations/tasks.search"


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Generator[Fleet]:
    """A fleet of its own, on a copy of the registry file that tests may spoil."""
    folder = tmp_path_factory.mktemp("outages")
    registry = folder / "registry.yaml"
    shutil.copy(Path("deploy/registry.yaml"), registry)
    # The vendors' own limits would end the load before an outage does.
    with running(folder, "--registry", str(registry), SANDBOX_LIMITS="generous") as found:
        yield found


@pytest.fixture
async def http(fleet: Fleet) -> AsyncGenerator[httpx2.AsyncClient]:
    """A client of the gateway; the fleet is whole before and after each test."""
    async with httpx2.AsyncClient(base_url=fleet.url("gateway"), timeout=20) as client:
        await until(client, "linear", "UP")
        await until(client, "asana", "UP")
        await whole(client)  # the last test's breakers may be open still
        yield client


async def row(http: httpx2.AsyncClient, server: str) -> Json:
    body = (await http.get("/api/v1/servers")).json()
    found: Json = next(each for each in body["servers"] if each["name"] == server)
    return found


async def until(http: httpx2.AsyncClient, server: str, state: str) -> Json:
    """Return the server's row once it is in *state*."""
    async with asyncio.timeout(30), http.stream("GET", "/api/v1/events") as events:
        lines = events.aiter_lines()
        while (found := await row(http, server))["state"] != state:
            await anext(lines)
    return found


async def search(http: httpx2.AsyncClient) -> Json:
    answer = await http.post(SEARCH, json={"query": "billing", "limit": 5})
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def whole(http: httpx2.AsyncClient) -> None:
    """Return once a search is complete again."""
    async with asyncio.timeout(30):
        while not (await search(http))["complete"]:
            pass


def of(found: Json, provider: str) -> Json:
    report: Json = next(each for each in found["providers"] if each["provider"] == provider)
    return report


@contextlib.asynccontextmanager
async def load(http: httpx2.AsyncClient, callers: int = 8) -> "AsyncGenerator[Answers]":
    """Search from several callers while the block runs; yield what they got so far."""
    answers = Answers()
    stop = asyncio.Event()

    async def caller() -> None:
        while not stop.is_set():
            answers.append(await search(http))

    async with asyncio.TaskGroup() as tasks:
        for _ in range(callers):
            tasks.create_task(caller())
        try:
            yield answers
        finally:
            stop.set()


class Answers(list[Json]):
    """What came so far; whoever needs more can wait for it."""

    def __init__(self) -> None:
        super().__init__()
        self._came = asyncio.Event()

    def append(self, found: Json) -> None:
        super().append(found)
        self._came.set()

    async def more(self, count: int) -> None:
        """Return once *count* further answers came."""
        wanted = len(self) + count
        async with asyncio.timeout(30):
            while len(self) < wanted:
                self._came.clear()
                await self._came.wait()


async def test_linear_is_killed_under_load_and_no_call_fails(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    before = fleet.pids()
    async with load(http) as answers:
        await answers.more(20)
        os.kill(before["linear"], signal.SIGKILL)
        await answers.more(100)
    partial = [found for found in answers if not found["complete"]]
    assert partial, "nobody noticed"
    for found in partial:
        assert of(found, "asana")["status"] == "ok"
        assert of(found, "linear")["status"] in {"error", "skipped"}
        assert of(found, "linear")["error"]["message"]
        assert all(item["provider"] == "asana" for item in found["items"])
    await whole(http)
    after = fleet.pids()
    assert after.pop("linear") != before.pop("linear")
    assert after == before


async def test_a_stopped_server_stays_down_with_the_reason_and_comes_back(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    gateway = fleet.pids()["gateway"]
    assert fleet.sophia("stop", "linear").returncode == 0
    down = await until(http, "linear", "DOWN")
    assert "connection refused" in down["reason"]
    assert down["since"]
    status = {each["name"]: each for each in fleet.status()["servers"]}
    assert status["linear"]["state"] == "DOWN"
    assert status["linear"]["reason"] == down["reason"]
    found = await search(http)
    assert found["complete"] is False
    assert "DOWN" in of(found, "linear")["error"]["message"]
    assert fleet.sophia("start", "linear").returncode == 0
    await until(http, "linear", "UP")
    assert (await search(http))["complete"] is True
    assert fleet.pids()["gateway"] == gateway


async def test_a_server_that_hangs_does_not_hold_answers_up_for_ever(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    pid = fleet.pids()["asana"]
    os.kill(pid, signal.SIGSTOP)
    try:
        found = await search(http)
        assert found["complete"] is False
        assert of(found, "linear")["status"] == "ok"
        assert of(found, "asana")["status"] == "error"
        down = await until(http, "asana", "DOWN")
        assert "within" in down["reason"]
        assert of(await search(http), "asana")["status"] == "skipped"
    finally:
        os.kill(pid, signal.SIGCONT)
    await until(http, "asana", "UP")
    assert (await search(http))["complete"] is True


async def test_stopping_a_server_under_load_finishes_what_it_does(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    async with load(http) as answers:
        await answers.more(20)
        stopped = await asyncio.to_thread(fleet.sophia, "restart", "asana")
        assert stopped.returncode == 0, stopped.stderr
        await answers.more(50)
    assert all(of(found, "linear")["status"] == "ok" for found in answers)
    await until(http, "asana", "UP")


async def test_a_gateway_that_is_told_to_stop_answers_what_it_has_begun(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    calls = [asyncio.create_task(search(http)) for _ in range(16)]
    done, _ = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
    assert done
    os.kill(fleet.pids()["gateway"], signal.SIGTERM)
    answers = await asyncio.gather(*calls)
    assert len(answers) == 16  # each was a 200, see search
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(httpx2.TransportError):
                if (await http.get("/readyz")).status_code == 200:
                    break


async def test_losing_the_registry_nats_or_redis_costs_no_call(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    for name in ("registry", "nats", "redis"):
        assert fleet.sophia("stop", name).returncode == 0
        assert (await search(http))["complete"] is True
        assert fleet.sophia("start", name).returncode == 0
    await until(http, "linear", "UP")


async def test_a_wrong_edit_of_the_registry_is_named_and_the_old_one_stays(
    fleet: Fleet, http: httpx2.AsyncClient
) -> None:
    file = fleet.state / "registry.yaml"
    good = file.read_text(encoding="utf-8")
    file.write_text(good.replace("tier: PRIMARY", "teir: PRIMARY"), encoding="utf-8")
    try:
        async with asyncio.timeout(20):
            while True:
                told = (await http.get("/api/v1/servers")).json()["registry"]
                if "load_error" in told:
                    break
        assert "teir" in told["load_error"]["message"]
        assert "registry.yaml:" in told["load_error"]["message"]
        assert (await search(http))["complete"] is True
    finally:
        file.write_text(good, encoding="utf-8")
    async with asyncio.timeout(20):
        while "load_error" in (await http.get("/api/v1/servers")).json()["registry"]:
            pass
