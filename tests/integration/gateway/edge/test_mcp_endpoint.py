"""The MCP endpoint on the wire: what HTTP clients of either era must see."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from gateway.settings import GatewaySettings
from gateway.upstream.client import META_CAPABILITIES, META_VERSION
from tests.support.gateway import Running, fleet_of
from tests.support.task_server import Shelf

VERSION = "2026-07-28"
META = {META_VERSION: VERSION, META_CAPABILITIES: {}}


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncGenerator[Running]:
    settings = GatewaySettings(max_body_bytes=2000)
    async with fleet_of(tmp_path, Shelf("linear", ["one"]), settings=settings) as running:
        yield running


async def modern(
    fleet: Running, method: str, params: dict[str, Any] | None = None, **headers: str
) -> httpx2.Response:
    params = params or {}
    given = {"mcp-protocol-version": VERSION, "mcp-method": method}
    if "name" in params:
        given["mcp-name"] = params["name"]
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": META}}
    return await fleet.http.post(
        "/mcp", json=body, headers={**given, **{k.replace("_", "-"): v for k, v in headers.items()}}
    )


async def legacy(
    fleet: Running, method: str, params: dict[str, Any] | None = None, **headers: str
) -> httpx2.Response:
    body = {"jsonrpc": "2.0", "id": "a", "method": method, "params": params or {}}
    return await fleet.http.post(
        "/mcp", json=body, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


async def test_discover_names_every_version_that_is_served(fleet: Running) -> None:
    result = (await modern(fleet, "server/discover")).json()["result"]
    assert result["supportedVersions"] == ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"]
    assert result["resultType"] == "complete"
    assert result["cacheScope"] == "private"
    assert result["ttlMs"] >= 0
    assert result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "sophia-gateway"


async def test_a_modern_list_carries_caching_hints_and_a_legacy_one_does_not(
    fleet: Running,
) -> None:
    new = (await modern(fleet, "tools/list")).json()["result"]
    assert {"resultType", "ttlMs", "cacheScope", "tools"} <= new.keys()
    old = (await legacy(fleet, "tools/list", mcp_protocol_version="2025-06-18")).json()["result"]
    assert old.keys() == {"tools"}
    assert [tool["name"] for tool in new["tools"]] == [tool["name"] for tool in old["tools"]]


async def test_methods_of_the_other_era_are_not_found(fleet: Running) -> None:
    answer = await modern(fleet, "ping")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, -32601)
    answer = await modern(fleet, "initialize")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, -32601)
    answer = await legacy(fleet, "server/discover", mcp_protocol_version="2025-11-25")
    assert answer.json()["error"]["code"] == -32601


async def test_a_legacy_client_gets_a_session_that_it_may_use_and_end(fleet: Running) -> None:
    opened = await legacy(fleet, "initialize", {"protocolVersion": "2025-11-25"})
    session = opened.headers["mcp-session-id"]
    assert opened.json()["result"]["protocolVersion"] == "2025-11-25"
    pong = await legacy(fleet, "ping", mcp_protocol_version="2025-11-25", mcp_session_id=session)
    assert pong.json() == {
        "jsonrpc": "2.0",
        "id": "a",
        "result": {},
    }
    ended = await fleet.http.delete("/mcp", headers={"mcp-session-id": session})
    assert ended.status_code == 204


async def test_a_session_that_is_not_ours_is_not_found_so_that_clients_initialize_again(
    fleet: Running,
) -> None:
    answer = await legacy(fleet, "ping", mcp_session_id="2025-11-25.x.y")
    assert answer.status_code == 404
    assert "initialize" in answer.json()["error"]["message"]


async def test_an_unknown_tool_is_said_to_be_unknown(fleet: Running) -> None:
    result = (await modern(fleet, "tools/call", {"name": "nope"})).json()["result"]
    assert result["isError"] is True
    assert "find_tools" in result["content"][0]["text"]


@pytest.mark.parametrize(
    ("params", "code"),
    [({}, -32602), ({"name": "tasks_search", "arguments": []}, -32602)],
)
async def test_a_call_without_a_name_or_with_odd_arguments_is_invalid(
    fleet: Running, params: dict[str, Any], code: int
) -> None:
    answer = await legacy(fleet, "tools/call", params)
    assert answer.json()["error"]["code"] == code


async def test_a_notification_is_accepted_without_a_body(fleet: Running) -> None:
    body = {"jsonrpc": "2.0", "method": "notifications/initialized"}
    answer = await fleet.http.post("/mcp", json=body)
    assert (answer.status_code, answer.content) == (202, b"")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "evil.example"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"accept": "text/html"}, 406),
    ],
)
async def test_what_may_not_call_is_refused_with_a_json_rpc_error(
    fleet: Running, headers: dict[str, str], status: int
) -> None:
    given = {"content-type": "application/json", **headers}
    answer = await fleet.http.post("/mcp", content=b"{}", headers=given)
    assert answer.status_code == status
    assert answer.json()["error"]["message"]


async def test_get_is_not_allowed_and_says_what_is(fleet: Running) -> None:
    answer = await fleet.http.get("/mcp")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, DELETE")


async def test_a_request_that_is_too_long_is_refused_by_length_and_by_bytes(
    fleet: Running,
) -> None:
    async def dribble() -> AsyncGenerator[bytes]:
        for _ in range(50):
            yield b" " * 100

    headers = {"content-type": "application/json"}
    for content in (b" " * 3000, dribble()):
        answer = await fleet.http.post("/mcp", content=content, headers=headers)
        assert answer.status_code == 413
        assert "2000 bytes" in answer.json()["error"]["message"]


async def test_a_server_that_is_not_registered_has_no_endpoint(fleet: Running) -> None:
    answer = await fleet.http.post("/mcp/servers/nope", json={})
    assert answer.status_code == 404
    answer = await fleet.http.post("/mcp/other", json={})
    assert answer.status_code == 404


async def test_keys_are_asked_for_where_they_are_set(tmp_path: Path) -> None:
    digest = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"  # of "secret"
    settings = GatewaySettings(keys=(f"ann:{digest}",))
    async with fleet_of(tmp_path, Shelf("linear", ["one"]), settings=settings) as running:
        refused = await legacy(running, "ping")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        served = await legacy(running, "ping", authorization="Bearer secret")
        assert served.status_code == 200
        assert (await running.http.get("/api/v1/servers")).status_code == 401
        keyed = {"authorization": "Bearer secret"}
        assert (await running.http.get("/api/v1/servers", headers=keyed)).status_code == 200
