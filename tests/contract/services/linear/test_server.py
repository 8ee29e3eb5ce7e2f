"""The process as the fleet sees it: readiness, both eras, refusals at start, settings."""

from typing import Any, Literal

import httpx2
import pytest
from pydantic import ValidationError

from kit.errors import RateLimited, Unauthenticated
from kit.run import StartFailed
from kit.settings import FleetSettings
from services.linear.server import service
from services.linear.settings import LinearSettings
from services.linear.tools import tools
from tests.support.clock import FakeClock
from tests.support.linear import RunningLinear, linear, settings_for
from tests.support.sandbox import RunningSandbox, sandbox
from tests.support.serving import serving


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_both_eras_list_and_call(
    box: RunningSandbox, mode: Literal["auto", "legacy"]
) -> None:
    async with linear(box, mode=mode) as server:
        listed = await server.client.list_tools()
        answer = await server.call("linear_list_teams")

    assert [each.name for each in listed.tools] == [tool.name for tool in tools]
    assert all(each.title and each.description and each.output_schema for each in listed.tools)
    assert answer["teams"]


async def test_readiness_names_whose_credential_it_is_and_what_is_left(
    server: RunningLinear,
) -> None:
    await server.call("linear_list_teams")

    status, body = await server.ready()

    assert (status, body["status"]) == (200, "ready")
    assert body["checks"]["vendor_auth"]["detail"] == "signed in as avery.stone@example.com"
    assert " requests, " in body["checks"]["vendor_quota"]["detail"]
    assert " complexity left" in body["checks"]["vendor_quota"]["detail"]


async def test_without_a_credential_it_starts_and_says_what_to_set(box: RunningSandbox) -> None:
    async with linear(box, api_key=None) as server:
        status, body = await server.ready()
        error = await server.refused("tasks_search", query="x")
        listed = await server.client.list_tools()

    told = body["checks"]["vendor_auth"]
    assert (status, body["status"], told["code"]) == (503, "unready", "unauthenticated")
    assert "LINEAR_API_KEY" in told["detail"]
    assert isinstance(error, Unauthenticated)
    assert error.message == told["detail"]
    assert listed.tools
    assert box.state("linear")["calls"] == {}


async def test_a_wrong_credential_makes_it_unready(box: RunningSandbox) -> None:
    async with linear(box, api_key="wrong") as server:
        status, body = await server.ready()

    assert status == 503
    assert body["checks"]["vendor_auth"]["code"] == "unauthenticated"


async def test_readiness_asks_linear_at_most_every_fifteen_seconds(
    server: RunningLinear, box: RunningSandbox
) -> None:
    for _ in range(5):
        await server.ready()

    assert box.state("linear")["answers"] == {"200": 1}


async def test_a_spent_quota_degrades_it() -> None:
    with sandbox(linear_requests_per_hour=2) as box:
        async with linear(box) as server:
            _, before = await server.ready()
            await server.call("tasks_search")
            error = await server.refused("tasks_search")
            status, after = await server.ready()

    assert before["status"] == "ready"
    assert isinstance(error, RateLimited)
    assert error.scope == "requests"
    assert (status, after["status"]) == (200, "degraded")
    assert after["checks"]["vendor_quota"]["code"] == "quota_exhausted"
    assert "no requests left" in after["checks"]["vendor_quota"]["detail"]


async def test_metrics_and_liveness_are_there(server: RunningLinear) -> None:
    async with httpx2.AsyncClient() as http:
        assert (await http.get(f"{server.url}/livez")).status_code == 200
        assert (await http.get(f"{server.url}/metrics")).headers["content-type"].startswith("text/")


def test_production_wants_https() -> None:
    production = FleetSettings(profile="production")
    settings = LinearSettings.model_validate({"base_url": "http://127.0.0.1:9200/linear/graphql"})

    with pytest.raises(StartFailed, match=r"LINEAR_BASE_URL.*https"):
        service(settings, production)
    assert service(settings, FleetSettings())
    assert service(LinearSettings(), production)


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {
        "LINEAR_HOST": "127.0.0.2",
        "LINEAR_PORT": "1234",
        "LINEAR_DRAIN_SECONDS": "3",
        "LINEAR_BASE_URL": "https://linear.example/graphql",
        "LINEAR_API_KEY": "sandbox-key",
        "LINEAR_OAUTH_TOKEN": "sandbox-token",
        "LINEAR_DEFAULT_TEAM": "ENG",
        "LINEAR_TIMEOUT_SECONDS": "4",
        "LINEAR_NAMES_TTL_SECONDS": "5",
        "LINEAR_HOSTS": "linear, other",
    }
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    settings = LinearSettings()

    assert (settings.host, settings.port, settings.drain_seconds) == ("127.0.0.2", 1234, 3)
    assert str(settings.base_url) == "https://linear.example/graphql"
    assert settings.authorization == "sandbox-key"
    assert (settings.default_team, settings.hosts) == ("ENG", ("linear", "other"))
    assert (settings.timeout_seconds, settings.names_ttl_seconds) == (4, 5)
    assert "sandbox" not in repr(settings)


@pytest.mark.parametrize(
    "given",
    [{"base_url": "ftp://x"}, {"timeout_seconds": 0}, {"names_ttl_seconds": -1}, {"port": 70000}],
    ids=str,
)
def test_a_setting_out_of_bounds_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LinearSettings.model_validate(given)


async def test_names_are_kept_as_long_as_the_setting_says(box: RunningSandbox) -> None:
    clock = FakeClock()
    async with linear(box, clock=clock, names_ttl_seconds=10) as server:
        for seconds in (0, 9, 2):
            clock.advance(seconds)
            await server.call("linear_list_teams")

    assert box.state("linear")["calls"]["teams"] == 2


async def test_only_named_hosts_are_answered(box: RunningSandbox) -> None:
    app, _ = service(settings_for(box, hosts=("linear",)), FleetSettings()).build()
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    async with serving(app) as url, httpx2.AsyncClient() as http:
        known, other = [
            (await http.post(f"{url}/mcp", json=body, headers={"host": host})).status_code
            for host in ("linear:9004", "elsewhere.example")
        ]

    assert known != 421
    assert other == 421
