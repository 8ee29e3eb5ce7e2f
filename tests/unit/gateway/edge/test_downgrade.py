"""Items and results for clients of older revisions."""

from typing import Any

import pytest

from gateway.edge.downgrade import form, legacy_result
from gateway.listing import Kind

OBJECT = {"type": "object"}
GOOD = {"name": "t", "inputSchema": {"type": "object", "properties": {"a": {}}}, "x-own": 1}
REVISIONS = ("2025-03-26", "2025-06-18", "2025-11-25")


def tool(version: str, **given: Any) -> dict[str, Any]:
    shape = form(Kind.TOOLS, version)
    assert shape is not None
    return shape({"name": "t", "inputSchema": OBJECT, **given})


@pytest.mark.parametrize("version", ["", *REVISIONS])
def test_a_tool_that_is_right_is_left_as_it_is_with_keys_that_nobody_knows(version: str) -> None:
    shape = form(Kind.TOOLS, version)
    assert shape is not None
    assert shape(GOOD) == GOOD


@pytest.mark.parametrize("version", ["", *REVISIONS])
@pytest.mark.parametrize(
    "broken",
    [
        {"inputSchema": None},
        {"inputSchema": "x"},
        {"description": 7},
        {"title": ["x"]},
        {"annotations": "x"},
        {"_meta": []},
        {"outputSchema": True},
    ],
)
def test_one_broken_key_costs_that_key_only(version: str, broken: dict[str, Any]) -> None:
    assert tool(version, **broken) == {"name": "t", "inputSchema": OBJECT}


@pytest.mark.parametrize("version", REVISIONS)
def test_an_output_that_is_no_object_is_not_told_to_older_clients(version: str) -> None:
    assert "outputSchema" not in tool(version, outputSchema={"type": "array"})
    assert tool("", outputSchema={"type": "array"})["outputSchema"] == {"type": "array"}


@pytest.mark.parametrize("version", REVISIONS)
def test_schemas_of_newer_forms_become_those_of_objects(version: str) -> None:
    schema = {"properties": {"any": True, "none": False, "a": {}}, "$defs": {"d": True}}
    assert tool(version, inputSchema=schema)["inputSchema"] == {
        "type": "object",
        "properties": {"any": {}, "none": {"not": {}}, "a": {}},
        "$defs": {"d": True},
    }
    assert tool(version, inputSchema={"properties": []})["inputSchema"] == OBJECT


@pytest.mark.parametrize(
    ("version", "kept"),
    [
        ("2025-11-25", {"execution", "icons", "title", "outputSchema"}),
        ("2025-06-18", {"title", "outputSchema"}),
        ("2025-03-26", set()),
    ],
)
def test_keys_of_later_revisions_are_left_out(version: str, kept: set[str]) -> None:
    later = {"execution": {}, "icons": [], "title": "T", "outputSchema": OBJECT}
    assert tool(version, **later).keys() == {"name", "inputSchema", *kept}


@pytest.mark.parametrize("kind", [Kind.RESOURCES, Kind.TEMPLATES])
def test_a_resource_without_a_name_is_called_by_its_uri(kind: Kind) -> None:
    shape = form(kind, "")
    assert shape is not None
    assert shape({kind.key: "x://y", "size": 3}) == {kind.key: "x://y", "size": 3, "name": "x://y"}
    assert shape({kind.key: "x://y", "name": "n"})["name"] == "n"


def called(result: dict[str, Any], version: str = "2025-11-25") -> dict[str, Any]:
    return legacy_result("tools/call", result, version)


def test_content_of_types_that_nobody_knows_survives() -> None:
    result = {"content": [{"type": "hologram", "beams": 3}, {"type": "text", "text": "x"}], "k": 1}
    assert called(result) == result


def test_a_structured_result_that_is_no_object_becomes_text_unless_there_is_some() -> None:
    text = {"type": "text", "text": "[1,null]"}
    assert called({"structuredContent": [1, None]}) == {"content": [text]}
    both = {"content": [{"type": "text", "text": "x"}], "structuredContent": [1]}
    assert called(both) == {"content": [{"type": "text", "text": "x"}]}
    good = {"content": [], "structuredContent": {"a": None}}
    assert called(good) == good


def test_what_only_the_modern_wire_has_is_left_out() -> None:
    modern = {"resultType": "complete", "ttlMs": 1, "cacheScope": "public", "contents": []}
    assert legacy_result("resources/read", modern, "2025-06-18") == {"contents": []}


def test_a_link_is_text_to_the_oldest_clients() -> None:
    link = {"type": "resource_link", "uri": "x://y", "name": "it"}
    assert called({"content": [link]}, "2025-06-18") == {"content": [link]}
    old = called({"content": [link, {"type": "resource_link", "uri": "x://z"}]}, "2025-03-26")
    assert [block["text"] for block in old["content"]] == ["it: x://y", "x://z"]
