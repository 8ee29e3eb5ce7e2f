"""Arguments mirrored in headers: which, how written, how compared."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.params import Mirrored, decoded, encoded, headers, mirrored, mismatch


def schema(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def annotated(name: Any, kind: str = "string") -> dict[str, Any]:
    return {"type": kind, "x-mcp-header": name}


REGION = (Mirrored(("region",), "mcp-param-region"),)


def test_annotations_are_found_through_properties_alone() -> None:
    nested = schema(where=schema(region=annotated("Region")), n=annotated("N", "integer"))
    assert mirrored(nested) == (
        Mirrored(("where", "region"), "mcp-param-region"),
        Mirrored(("n",), "mcp-param-n"),
    )
    hidden = {"type": "object", "anyOf": [schema(region=annotated("Region"))]}
    assert mirrored(hidden) == ()


@pytest.mark.parametrize(
    "properties",
    [
        {"a": annotated("")},
        {"a": annotated("with space")},
        {"a": annotated(7)},
        {"a": annotated("A", "number")},
        {"a": annotated("A", "object")},
        {"a": annotated("Same"), "b": annotated("same")},
    ],
)
def test_a_tool_with_one_wrong_annotation_mirrors_nothing(properties: dict[str, Any]) -> None:
    assert mirrored(schema(fine=annotated("Fine"), **properties)) == ()


@pytest.mark.parametrize("odd", [None, [], "x", {"properties": 7}, {"properties": {"a": 1}}])
def test_a_schema_that_is_none_mirrors_nothing(odd: Any) -> None:
    assert mirrored(odd) == ()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({"region": "eu"}, b"\r\nmcp-param-region: eu"),
        ({"region": "größe"}, b"\r\nmcp-param-region: =?base64?Z3LDtsOfZQ==?="),
        ({"region": " eu"}, b"\r\nmcp-param-region: =?base64?IGV1?="),
        ({"region": True}, b"\r\nmcp-param-region: true"),
        ({"region": 42}, b"\r\nmcp-param-region: 42"),
        ({"region": None}, b""),
        ({}, b""),
        (None, b""),
    ],
)
def test_arguments_are_written_where_they_are_sent(arguments: Any, line: bytes) -> None:
    assert headers(REGION, arguments) == line


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_survives_its_header(text: str) -> None:
    value = encoded(text)
    assert b"\r" not in value
    assert b"\n" not in value
    assert decoded(value.decode("ascii")) == text


@pytest.mark.parametrize(
    ("arguments", "given_headers"),
    [
        ({"region": "eu"}, {"mcp-param-region": "eu"}),
        ({"region": "größe"}, {"mcp-param-region": "=?base64?Z3LDtsOfZQ==?="}),
        ({"region": 42}, {"mcp-param-region": "42.0"}),
        ({"region": False}, {"mcp-param-region": "false"}),
        ({"region": None}, {}),
        ({}, {"mcp-param-other": "untouched"}),
    ],
)
def test_headers_that_agree_pass(arguments: Any, given_headers: dict[str, str]) -> None:
    assert mismatch(REGION, arguments, given_headers) == ""


@pytest.mark.parametrize(
    ("arguments", "given_headers"),
    [
        ({"region": "eu"}, {}),
        ({}, {"mcp-param-region": "eu"}),
        ({"region": "eu"}, {"mcp-param-region": "EU"}),
        ({"region": "eu"}, {"mcp-param-region": "=?base64?!!!?="}),
        ({"region": "größe"}, {"mcp-param-region": "größe"}),
        ({"region": 42}, {"mcp-param-region": "forty-two"}),
        ({"region": 2**60}, {"mcp-param-region": str(2**60)}),
        ({"region": True}, {"mcp-param-region": "1"}),
    ],
)
def test_headers_that_do_not_agree_are_named(arguments: Any, given_headers: dict[str, str]) -> None:
    assert "mcp-param-region" in mismatch(REGION, arguments, given_headers)
