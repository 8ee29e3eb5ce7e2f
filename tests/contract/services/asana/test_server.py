"""The server as a whole: readiness, what it refuses to start with, what it serves beside MCP."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import httpx2
import pytest

from kit.errors import Unauthenticated
from kit.run import StartFailed
from kit.settings import FleetSettings
from services.asana.server import service
from services.asana.settings import AsanaSettings
from tests.support.asana import asana, settings_for
from tests.support.clock import FakeClock
from tests.support.sandbox import RunningSandbox
from tests.support.serving import dead_port, serving


@contextlib.asynccontextmanager
async def reading(settings: AsanaSettings) -> AsyncGenerator[httpx2.AsyncClient]:
    app, _ = service(settings, FleetSettings(), FakeClock()).build()
    async with serving(app) as url, httpx2.AsyncClient(base_url=url, timeout=5) as client:
        yield client


async def ready(client: httpx2.AsyncClient) -> tuple[int, dict[str, Any]]:
    answer = await client.get("/readyz")
    return answer.status_code, answer.json()


async def test_it_is_ready_when_asana_knows_the_token(box: RunningSandbox) -> None:
    async with reading(settings_for(box)) as client:
        status, told = await ready(client)
        assert (await client.get("/livez")).status_code == 200
    assert (status, told["status"]) == (200, "ready")
    assert told["checks"]["vendor_auth"] == {
        "ok": True,
        "detail": "signed in as avery.stone@example.com, workspace 1209000000000001",
    }
    assert told["checks"]["vendor_quota"]["detail"] == "no limit was hit since the start"


async def test_without_a_token_it_starts_and_says_what_to_set(box: RunningSandbox) -> None:
    async with reading(settings_for(box, access_token=None)) as client:
        status, told = await ready(client)
    assert (status, told["status"]) == (503, "unready")
    check = told["checks"]["vendor_auth"]
    assert (check["ok"], check["code"]) == (False, "unauthenticated")
    assert check["detail"].startswith("ASANA_ACCESS_TOKEN is not set: set ASANA_ACCESS_TOKEN (")
    async with asana(box, access_token=None) as server:
        for tool in ("tasks_search", "asana_list_projects", "asana_my_tasks"):
            error = await server.refused(tool)
            assert isinstance(error, Unauthenticated)
            assert error.message == check["detail"]
    assert box.state("asana")["calls"] == {}


async def test_a_token_that_asana_refuses_is_told(box: RunningSandbox) -> None:
    async with reading(settings_for(box, access_token="wrong")) as client:
        status, told = await ready(client)
    assert status == 503
    assert told["checks"]["vendor_auth"]["code"] == "unauthenticated"


async def test_a_vendor_that_is_not_there_is_told(box: RunningSandbox) -> None:
    base = f"http://127.0.0.1:{dead_port()}"
    async with reading(settings_for(box, base_url=base)) as client:
        status, told = await ready(client)
    assert status == 503
    assert told["checks"]["vendor_auth"]["code"] == "unavailable"


async def test_a_limit_that_was_hit_is_told_without_making_it_unready(
    box: RunningSandbox,
) -> None:
    async with reading(settings_for(box)) as client:
        box.fault("asana", "rate_limited", seconds=45)
        assert (await ready(client))[0] == 503
        status, told = await ready(client)
    assert told["checks"]["vendor_quota"]["code"] == "rate_limited"
    assert "for another 45 s" in told["checks"]["vendor_quota"]["detail"]
    assert status == 503  # the answer about the token is kept for a while


@pytest.mark.parametrize("url", ["http://127.0.0.1:9200/asana/api/1.0", "http://app.asana.com"])
def test_production_refuses_an_address_that_is_not_https(url: str) -> None:
    settings = AsanaSettings.model_validate({"base_url": url})
    with pytest.raises(StartFailed, match=r"ASANA_BASE_URL: .* is not https") as caught:
        service(settings, FleetSettings(profile="production"))
    assert "\n" not in str(caught.value)
    service(AsanaSettings(), FleetSettings(profile="production")).build()


async def test_only_known_hosts_are_answered(box: RunningSandbox) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"accept": "application/json, text/event-stream", "host": "asana:3006"}
    async with reading(settings_for(box)) as client:
        refused = await client.post("/mcp", json=body, headers=headers)
    async with reading(settings_for(box, hosts=("asana",))) as client:
        answered = await client.post("/mcp", json=body, headers=headers)
    assert refused.status_code == 421
    assert answered.status_code != 421
