"""Failures as errors of the client's era."""

from typing import Any

import pytest

from gateway.edge.codes import foreseen, relayed
from gateway.edge.era import Era
from gateway.edge.jsonrpc import Message
from gateway.upstream.replies import RpcError
from kit.errors import FleetError, Invalid, NotFound, Unavailable

MODERN = Era(modern=True, version="2026-07-28")
LEGACY = Era(modern=False, version="2025-11-25")


def message(method: str) -> Message:
    return Message(method, {"uri": "x://y"}, 1)


@pytest.mark.parametrize(
    ("method", "era", "code", "told", "status"),
    [
        ("resources/read", MODERN, -32002, -32602, 400),
        ("resources/read", MODERN, -32602, -32602, 400),
        ("resources/read", LEGACY, -32002, -32002, 200),
        ("resources/read", LEGACY, -32602, -32002, 200),
        ("prompts/get", MODERN, -32002, -32602, 400),
        ("prompts/get", LEGACY, -32602, -32602, 400),
        ("tools/call", MODERN, -32021, -32021, 400),
        ("tools/call", LEGACY, -32021, -32600, 400),
        ("tools/call", MODERN, -32022, -32603, 200),
        ("tools/call", MODERN, -32601, -32601, 404),
        ("tools/call", MODERN, -32603, -32603, 200),
        ("tools/call", MODERN, 7, 7, 200),
        ("tools/call", LEGACY, 7, 7, 200),
    ],
)
def test_a_servers_code_is_told_in_the_clients_era(
    method: str, era: Era, code: int, told: int, status: int
) -> None:
    refused = relayed(RpcError(code, "its words", {"d": 1}), message(method), era)
    assert (refused.code, refused.status, refused.data) == (told, status, {"d": 1})
    assert "its words" in refused.message


def test_a_resource_that_is_not_there_is_named() -> None:
    refused = relayed(RpcError(-32602, "no", None), message("resources/read"), MODERN)
    assert refused.data == {"uri": "x://y"}


@pytest.mark.parametrize(
    ("error", "method", "era", "code"),
    [
        (NotFound("no"), "resources/read", MODERN, -32602),
        (NotFound("no"), "resources/read", LEGACY, -32002),
        (NotFound("no"), "prompts/get", LEGACY, -32602),
        (Invalid("no", field="uri"), "resources/read", LEGACY, -32602),
        (Unavailable("away"), "resources/read", LEGACY, -32603),
    ],
)
def test_our_own_failures_have_a_code_and_say_what_they_are(
    error: FleetError, method: str, era: Era, code: int
) -> None:
    refused = foreseen(error, message(method), era)
    assert (refused.code, refused.message) == (code, error.message)
    data: Any = refused.data
    assert data == {"uri": "x://y"} or data["code"] == error.code
