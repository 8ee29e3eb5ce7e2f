"""URIs in what servers say, put into the form in which they are reached here.

Only where MCP says that a URI names a resource: links and embedded resources, contents that
were read, and the page of an MCP App. Texts and structured content are the server's own.
"""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Rename = Callable[[str], str]
"""From a server's own URI to the one shown."""


def content(block: Any, rename: Rename) -> Any:
    """Return one content block."""
    if not isinstance(block, dict):
        return block
    match block.get("type"):
        case "resource_link":
            return _renamed(block, "uri", rename)
        case "resource":
            return _within(block, "resource", lambda held: _renamed(held, "uri", rename))
        case _:
            return block


def call_result(result: Json, rename: Rename) -> Json:
    """Return the result of ``tools/call``."""
    return _each(result, "content", lambda block: content(block, rename))


def prompt_result(result: Json, rename: Rename) -> Json:
    """Return the result of ``prompts/get``."""
    return _each(
        result,
        "messages",
        lambda message: _within(message, "content", lambda block: content(block, rename)),
    )


def read_result(result: Json, rename: Rename) -> Json:
    """Return the result of ``resources/read``."""
    return _each(result, "contents", lambda held: _renamed(held, "uri", rename))


def tool(item: Json, rename: Rename) -> Json:
    """Return a tool; the page of its MCP App is a resource."""
    if "_meta" not in item:
        return item
    item = _within(item, "_meta", lambda meta: _within(meta, "ui", _page(rename)))
    for key in ("ui/resourceUri", "openai/outputTemplate"):
        item = _within(item, "_meta", _keyed(key, rename))
    return item


def _page(rename: Rename) -> Callable[[Any], Any]:
    return lambda ui: _renamed(ui, "resourceUri", rename)


def _keyed(key: str, rename: Rename) -> Callable[[Any], Any]:
    return lambda meta: _renamed(meta, key, rename)


def _renamed(held: Any, key: str, rename: Rename) -> Any:
    uri = held.get(key) if isinstance(held, dict) else None
    if not isinstance(uri, str):
        return held
    shown = rename(uri)
    return held if shown == uri else {**held, key: shown}


def _within(held: Any, key: str, change: Callable[[Any], Any]) -> Any:
    inner = held.get(key) if isinstance(held, dict) else None
    if inner is None:
        return held
    changed = change(inner)
    return held if changed is inner else {**held, key: changed}


def _each(result: Json, key: str, change: Callable[[Any], Any]) -> Json:
    listed = result.get(key)
    if not isinstance(listed, list):
        return result
    changed = [change(each) for each in listed]
    if all(new is old for new, old in zip(changed, listed, strict=True)):
        return result
    return {**result, key: changed}
