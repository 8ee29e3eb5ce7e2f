from collections.abc import AsyncGenerator
from typing import Any

import pytest
from starlette.types import ASGIApp

from kit.http import HttpClient
from registry.health import Observation
from registry.model import FactStatus, Server
from registry.probe import probe, probing_client
from tests.support.mcp_server import answering, guarded, legacy_only, mcp_app
from tests.support.serving import dead_port, hanging, serving

OK, FAILED, UNKNOWN = FactStatus.OK, FactStatus.FAILED, FactStatus.UNKNOWN
TASKS = ["tasks_search", "tasks_get"]


@pytest.fixture
async def http() -> AsyncGenerator[HttpClient]:
    async with probing_client() as client:
        yield client


def server(url: str, **more: Any) -> Server:
    data = {
        "name": "specimen",
        "tier": "PRIMARY",
        "capabilities": ["TASKS"],
        "transport": {"kind": "http", "url": url},
        "health": {"timeout_seconds": 5},
        **more,
    }
    return Server.model_validate(data)


async def look(
    http: HttpClient, app: ASGIApp, token: str | None = None, **more: Any
) -> Observation:
    async with serving(app) as base:
        return await probe(http, server(f"{base}/mcp", **more), token)


def told(seen: Observation) -> dict[str, tuple[FactStatus, str]]:
    return {name.value: (found.status, found.detail) for name, found in seen.findings.items()}


async def test_a_modern_server_is_greeted_and_its_tools_are_listed(http: HttpClient) -> None:
    seen = await look(http, mcp_app(TASKS))
    assert told(seen) == {
        "reachable": (OK, ""),
        "protocol": (OK, "speaks MCP 2026-07-28"),
        "contract": (OK, "serves tasks.search, tasks.get"),
    }
    assert seen.tools == frozenset(TASKS)


async def test_a_list_of_many_pages_is_read_whole(http: HttpClient) -> None:
    names = [f"tool_{n}" for n in range(7)]
    seen = await look(http, mcp_app(names, page=3), capabilities=[])
    assert seen.tools == frozenset(names)


async def test_a_legacy_server_is_greeted_with_a_handshake_and_left(http: HttpClient) -> None:
    methods: list[str] = []
    seen = await look(http, legacy_only(mcp_app(TASKS), methods))
    assert told(seen)["protocol"] == (OK, "speaks MCP 2025-11-25")
    assert seen.tools == frozenset(TASKS)
    assert methods[-2:] == ["DELETE", "GET"]  # the session ended; then /readyz


async def test_a_dead_port_is_named(http: HttpClient) -> None:
    port = dead_port()
    seen = await probe(http, server(f"http://127.0.0.1:{port}/mcp"))
    assert told(seen) == {"reachable": (FAILED, f"connection refused on 127.0.0.1:{port}")}
    assert seen.tools is None


async def test_a_name_without_address_is_named(http: HttpClient) -> None:
    seen = await probe(http, server("http://nowhere.invalid/mcp"))
    assert told(seen) == {"reachable": (FAILED, "no address for the name nowhere.invalid")}


async def test_a_hanging_server_is_given_up_after_its_time(http: HttpClient) -> None:
    async with hanging() as base:
        seen = await probe(http, server(f"{base}/mcp", health={"timeout_seconds": 0.2}))
    host = base.removeprefix("http://")
    assert told(seen) == {"reachable": (FAILED, f"no answer from {host} within 0.2 s")}


@pytest.mark.parametrize(
    ("app", "detail"),
    [
        (
            answering(404, {"detail": "Not Found"}),
            "answers HTTP 404 without JSON-RPC; is this an MCP endpoint?",
        ),
        (answering(200, "<html>"), "answers HTTP 200 without JSON-RPC; is this an MCP endpoint?"),
        (answering(502, {}), "answers HTTP 502"),
        (
            answering(400, {"jsonrpc": "2.0", "id": 1, "error": {"code": -32021, "message": "no"}}),
            "refuses server/discover: no (-32021)",
        ),
        (
            answering(200, {"jsonrpc": "2.0", "id": 1, "result": {}}),
            "greets without saying what it can do",
        ),
    ],
    ids=["404", "html", "502", "modern refusal", "no capabilities"],
)
async def test_an_http_server_that_is_not_mcp_is_reachable_and_no_more(
    http: HttpClient, app: ASGIApp, detail: str
) -> None:
    seen = await look(http, app)
    assert told(seen)["reachable"] == (OK, "")
    assert told(seen)["protocol"] == (FAILED, detail)
    assert seen.tools is None


async def test_the_secret_is_sent_and_a_refused_one_is_named(http: HttpClient) -> None:
    async with serving(guarded(mcp_app(TASKS), "right")) as base:
        url = f"{base}/mcp"
        assert told(await probe(http, server(url), "right"))["protocol"][0] is OK
        wrong = told(await probe(http, server(url, secret="env:LINEAR_MCP_TOKEN"), "wrong"))
        bare = told(await probe(http, server(url)))
    expected = "refuses the credential (HTTP 401); is env:LINEAR_MCP_TOKEN right?"
    assert wrong["auth"] == (FAILED, expected)
    assert "protocol" not in wrong
    assert bare["auth"] == (FAILED, "refuses the credential (HTTP 401); it needs a `secret`")


async def test_a_throttled_probe_says_so(http: HttpClient) -> None:
    seen = told(await look(http, answering(429, {})))
    assert seen == {"reachable": (OK, ""), "quota": (FAILED, "asks to slow down (HTTP 429)")}


@pytest.mark.parametrize(
    ("tools", "more", "detail"),
    [
        (["other"], {}, "no tool serves TASKS"),
        ([], {}, "no tool serves TASKS"),
        (
            TASKS,
            {"bindings": {"tasks.search": {"tool": "list_issues"}}},
            "the tool list_issues, bound to tasks.search, is gone",
        ),
        (
            {"list_issues": {"type": "object", "properties": {"q": {"type": "string"}}}},
            {
                "bindings": {
                    "tasks.search": {"tool": "list_issues", "arguments": {"query": "query"}}
                }
            },
            "the tool list_issues, bound to tasks.search, takes no argument query",
        ),
    ],
)
async def test_tools_that_do_not_fit_the_bindings_are_named(
    http: HttpClient, tools: Any, more: dict[str, Any], detail: str
) -> None:
    assert told(await look(http, mcp_app(tools), **more))["contract"] == (FAILED, detail)


async def test_readiness_beside_the_endpoint_tells_of_the_vendor(http: HttpClient) -> None:
    checks = {
        "vendor_auth": {"ok": True, "detail": "as robot@example.com"},
        "vendor_quota": {"ok": False, "detail": "3 of 1500 requests left", "code": "rate_limited"},
    }
    seen = told(await look(http, mcp_app(TASKS, checks=checks)))
    assert seen["auth"] == (OK, "as robot@example.com")
    assert seen["quota"] == (FAILED, "3 of 1500 requests left")
    assert seen["protocol"][0] is OK


async def test_a_server_without_readiness_leaves_the_vendor_unknown(http: HttpClient) -> None:
    seen = told(await look(http, mcp_app(TASKS)))
    assert "auth" not in seen
    assert "quota" not in seen
