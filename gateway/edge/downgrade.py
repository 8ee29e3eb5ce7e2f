"""Items and results as a client of an older revision can read them.

Clients of before 2026 check a whole list or result against their own schema, so that one item
of a newer form would cost them all of it. Each item is put right by itself; keys and content
types that nobody knows are left as they are.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import orjson

from gateway.listing import Kind

Json = dict[str, Any]
Form = Callable[[Json], Json]
_OBJECT: Final = {"type": "object"}
_MODERN_KEYS: Final = frozenset({"resultType", "ttlMs", "cacheScope"})
_BEFORE_LINKS: Final = "2025-03-26"


def sound_tool(tool: Json) -> Json:
    """Return *tool* such that no client fails at it: what MCP's schema demands, put right."""
    wrong: Json = {}
    if not isinstance(tool.get("inputSchema"), dict):
        wrong["inputSchema"] = _OBJECT
    left_out = {
        key for key, kind in _TYPES.items() if key in tool and not isinstance(tool[key], kind)
    }
    if not wrong and not left_out:
        return tool
    return {key: value for key, value in tool.items() if key not in left_out} | wrong


_TYPES: Final = {
    "title": str,
    "description": str,
    "outputSchema": dict,
    "annotations": dict,
    "_meta": dict,
}


def tool_2025_11(tool: Json) -> Json:
    """Return *tool* for 2025-11-25: schemas are of objects, and so are their properties'."""
    tool = sound_tool(tool)
    schema = tool["inputSchema"]
    if schema.get("type") != "object" or not _plain(schema):
        tool = {**tool, "inputSchema": _object_schema(schema)}
    output = tool.get("outputSchema")
    if output is not None and output.get("type") != "object":
        return {key: value for key, value in tool.items() if key != "outputSchema"}
    if output is not None and not _plain(output):
        return {**tool, "outputSchema": _object_schema(output)}
    return tool


def tool_2025_06(tool: Json) -> Json:
    """Return *tool* for 2025-06-18, which has no icons and no task support."""
    return _without(tool_2025_11(tool), {"execution", "icons"})


def tool_2025_03(tool: Json) -> Json:
    """Return *tool* for 2025-03-26, which has no structured results and no titles."""
    return _without(tool_2025_11(tool), {"execution", "icons", "outputSchema", "title"})


_TOOL_FORMS: Final[Mapping[str, Form]] = {
    "2025-11-25": tool_2025_11,
    "2025-06-18": tool_2025_06,
    "2025-03-26": tool_2025_03,
}


def named_resource(item: Json) -> Json:
    """Return a resource or template with the name that every revision demands."""
    if isinstance(item.get("name"), str):
        return item
    return {**item, "name": item.get("uri") or item["uriTemplate"]}


def form(kind: Kind, version: str) -> Form | None:
    """Return what makes an item of *kind* readable at *version*; None: nothing is needed."""
    if kind is Kind.TOOLS:
        return _TOOL_FORMS.get(version, sound_tool)
    return None if kind is Kind.PROMPTS else named_resource


def legacy_result(method: str, result: Json, version: str) -> Json:
    """Return *result* of *method* for a client of *version*, which is before 2026."""
    if not _MODERN_KEYS.isdisjoint(result):
        result = _without(result, _MODERN_KEYS)
    return _call_result(result, version) if method == "tools/call" else result


def _call_result(result: Json, version: str) -> Json:
    content = result.get("content")
    if not isinstance(content, list):
        content, result = [], {**result, "content": []}
    if "structuredContent" in result and not isinstance(result["structuredContent"], dict):
        structured = result["structuredContent"]
        result = _without(result, {"structuredContent"})
        if not content:  # it was all that there was
            text = orjson.dumps(structured).decode()
            result["content"] = [{"type": "text", "text": text}]
    if version == _BEFORE_LINKS and content:
        result = {**result, "content": [_unlinked(block) for block in content]}
    return result


def _unlinked(block: Any) -> Any:
    """Return a link as text: 2025-03-26 has none."""
    if not isinstance(block, dict) or block.get("type") != "resource_link":
        return block
    title = block.get("title") or block.get("name")
    text = f"{title}: {block.get('uri')}" if title else str(block.get("uri"))
    return {"type": "text", "text": text}


def _plain(schema: Json) -> bool:
    """Say whether every property's schema is an object; newer ones may be true or false."""
    properties = schema.get("properties")
    if properties is None:
        return True
    return isinstance(properties, dict) and all(isinstance(p, dict) for p in properties.values())


def _object_schema(schema: Json) -> Json:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {**_without(schema, {"properties"}), **_OBJECT}
    put_right = {
        key: value if isinstance(value, dict) else ({} if value else {"not": {}})
        for key, value in properties.items()
    }
    return {**schema, **_OBJECT, "properties": put_right}


def _without(held: Json, keys: set[str] | frozenset[str]) -> Json:
    return {key: value for key, value in held.items() if key not in keys}
