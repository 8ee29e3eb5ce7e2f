"""Era classification: the body first, then the headers."""

import pytest

from gateway.edge.era import Era, classify, negotiated
from gateway.edge.jsonrpc import (
    HEADER_MISMATCH,
    INVALID_PARAMS,
    UNSUPPORTED_VERSION,
    Message,
    Refused,
)
from gateway.upstream.client import META_CAPABILITIES, META_VERSION

MODERN = "2026-07-28"
META = {META_VERSION: MODERN, META_CAPABILITIES: {}}


def call(params: dict[str, object], method: str = "tools/call", id_: int | None = 1) -> Message:
    return Message(method, params, id_)


def headers(**more: str) -> dict[str, str]:
    given = {"mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": "t"}
    return {**given, **{name.replace("_", "-"): value for name, value in more.items()}}


def test_a_version_in_the_body_makes_it_modern_even_with_a_session_attached() -> None:
    message = call({"name": "t", "_meta": META})
    assert classify(message, headers(mcp_session_id="x")) == Era(modern=True, version=MODERN)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mcp-protocol-version": "2025-11-25"},
        {"mcp-method": "tools/list"},
        {"mcp-name": "other"},
        {"mcp-name": "=?base64?!!!?="},
    ],
)
def test_a_header_that_contradicts_the_body_is_a_mismatch(wrong: dict[str, str]) -> None:
    with pytest.raises(Refused) as refused:
        classify(call({"name": "t", "_meta": META}), {**headers(), **wrong})
    assert (refused.value.code, refused.value.status) == (HEADER_MISMATCH, 400)


@pytest.mark.parametrize("missing", ["mcp-protocol-version", "mcp-method", "mcp-name"])
def test_a_modern_request_without_its_headers_is_a_mismatch(missing: str) -> None:
    given = {name: value for name, value in headers().items() if name != missing}
    with pytest.raises(Refused) as refused:
        classify(call({"name": "t", "_meta": META}), given)
    assert refused.value.code == HEADER_MISMATCH


def test_an_encoded_name_is_decoded_before_it_is_compared() -> None:
    message = call({"name": "größe", "_meta": META})
    assert classify(message, headers(mcp_name="=?base64?Z3LDtsOfZQ==?=")).modern


@pytest.mark.parametrize(
    ("given", "version"),
    [
        ({}, "2025-03-26"),
        ({"mcp-protocol-version": "2025-06-18"}, "2025-06-18"),
        ({"mcp-protocol-version": "2025-11-25"}, "2025-11-25"),
    ],
)
def test_without_a_version_in_the_body_old_headers_or_none_make_it_legacy(
    given: dict[str, str], version: str
) -> None:
    assert classify(call({"name": "t"}), given) == Era(modern=False, version=version)


def test_initialize_is_legacy_whatever_the_header_says() -> None:
    message = call({"protocolVersion": "2025-11-25"}, "initialize")
    assert not classify(message, {"mcp-protocol-version": MODERN}).modern


def test_a_modern_header_without_the_bodys_version_lacks_a_parameter() -> None:
    with pytest.raises(Refused) as refused:
        classify(call({"name": "t"}), headers())
    assert refused.value.code == INVALID_PARAMS


@pytest.mark.parametrize(
    ("message", "given"),
    [
        (call({}), {"mcp-protocol-version": "1999-01-01"}),
        (call({"_meta": {META_VERSION: "2030-01-01"}}), {"mcp-protocol-version": "2030-01-01"}),
    ],
)
def test_an_unknown_version_is_refused_with_those_that_are_served(
    message: Message, given: dict[str, str]
) -> None:
    with pytest.raises(Refused) as refused:
        classify(message, given)
    assert refused.value.code == UNSUPPORTED_VERSION
    assert MODERN in refused.value.data["supported"]


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2025-03-26", "2025-06-18"),
        ("2099-01-01", "2025-11-25"),
        (None, "2025-11-25"),
    ],
)
def test_initialize_is_answered_with_a_revision_that_needs_no_batches(
    asked: object, answered: str
) -> None:
    assert negotiated(asked) == answered
