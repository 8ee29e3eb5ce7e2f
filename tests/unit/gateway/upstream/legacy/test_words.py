from typing import Any

import pytest

from gateway.upstream.legacy.words import (
    REVISIONS,
    greeting,
    hello,
    legacy_meta,
    modern_error,
    modern_result,
    translated,
)
from gateway.upstream.replies import Json, RpcError
from kit.errors import Unsupported

MODERN_META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"url": {}}},
    "io.modelcontextprotocol/clientInfo": {"name": "x"},
    "io.modelcontextprotocol/logLevel": "info",
}


def test_the_newest_legacy_revision_is_offered() -> None:
    assert hello({"roots": {}})["protocolVersion"] == "2025-11-25"
    assert hello({"roots": {}})["capabilities"] == {"roots": {}}


@pytest.mark.parametrize("version", REVISIONS)
def test_whatever_revision_a_server_answers_is_spoken(version: str) -> None:
    said = greeting("peer", {"protocolVersion": version, "capabilities": {"tools": {}}})
    assert said.version == version
    named = "mcp-protocol-version" in said.headers
    assert named is (version >= "2025-06-18"), "older ones know no such header"


@pytest.mark.parametrize("result", [{}, {"protocolVersion": "1.0"}, {"protocolVersion": 7}])
def test_a_handshake_without_a_known_revision_is_refused(result: Json) -> None:
    with pytest.raises(Unsupported, match="peer speaks MCP"):
        greeting("peer", result)


@pytest.mark.parametrize(
    ("capabilities", "tells"),
    [
        ({}, False),
        ({"tools": {}}, False),
        ({"tools": {"listChanged": True}}, True),
        ({"resources": {"subscribe": True}}, True),
        ({"tools": None}, False),
    ],
)
def test_a_server_that_tells_of_changes_says_so(capabilities: Json, *, tells: bool) -> None:
    result = {"protocolVersion": "2025-11-25", "capabilities": capabilities}
    assert greeting("peer", result).tells_changes is tells


def test_the_modern_envelope_is_left_out_and_the_rest_kept() -> None:
    assert legacy_meta({**MODERN_META, "traceparent": "00-1"}) == {"traceparent": "00-1"}


@pytest.mark.parametrize("method", ["tools/list", "resources/read", "resources/templates/list"])
def test_what_may_be_cached_gets_careful_hints_unless_the_server_has_some(method: str) -> None:
    assert modern_result(method, {"x": 1}) == {
        "x": 1,
        "ttlMs": 0,
        "cacheScope": "private",
        "resultType": "complete",
    }
    assert modern_result(method, {"ttlMs": 9})["ttlMs"] == 9


def test_what_is_not_known_in_a_result_survives() -> None:
    odd = {"content": [{"type": "hologram", "null": None}], "extra": 2**53}
    assert modern_result("tools/call", odd) == {**odd, "resultType": "complete"}


async def failing(code: int, data: Any = None) -> Json:
    raise RpcError(code, "no", data)


VISIT = {
    "elicitations": [
        {"mode": "url", "elicitationId": "e1", "url": "https://x.example/a", "message": "Visit"}
    ]
}


async def test_a_demand_to_visit_a_url_becomes_input_required() -> None:
    wanted = await translated("tools/call", MODERN_META, failing(-32042, VISIT))
    request = {"mode": "url", "url": "https://x.example/a", "message": "Visit"}
    assert wanted == {
        "resultType": "input_required",
        "inputRequests": {"url-0": {"method": "elicitation/create", "params": request}},
    }


@pytest.mark.parametrize("meta", [{}, {"io.modelcontextprotocol/clientCapabilities": {}}])
async def test_who_cannot_show_urls_is_told_what_is_missing(meta: Json) -> None:
    with pytest.raises(RpcError) as caught:
        await translated("tools/call", meta, failing(-32042, VISIT))
    assert caught.value.code == -32021
    assert caught.value.data == {"requiredCapabilities": {"elicitation": {"url": {}}}}


@pytest.mark.parametrize(("code", "now"), [(-32002, -32602), (-32601, -32601), (7, 7)])
async def test_withdrawn_codes_are_sent_on_in_todays(code: int, now: int) -> None:
    assert modern_error(RpcError(code, "no", {"uri": "x"})).code == now
    with pytest.raises(RpcError) as caught:
        await translated("resources/read", {}, failing(code))
    assert caught.value.code == now
