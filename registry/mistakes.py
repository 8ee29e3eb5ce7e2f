"""Mistakes in words: each with its file, line and key, in the order of the file."""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from kit.errors import Invalid
from registry.check import suggestion
from registry.model import Document
from registry.places import Mistake, Path

_Error = Mapping[str, Any]


class RegistryInvalid(Invalid):
    """A registry file, or the declaration of one server, has mistakes.

    Args:
        source: The file's path, or what else the text was.
        mistakes: All of them.
        data: What the text says, to call servers by their names.

    Attributes:
        mistakes: All of them, in the file's order.
        lines: One line for people a mistake: ``file:line: key: message``.
    """

    def __init__(self, source: str, mistakes: Iterable[Mistake], data: Any = None) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda each: each.line or 0))
        self.lines = tuple(_told(source, each, data) for each in self.mistakes)
        first = self.mistakes[0].path if self.mistakes else ()
        super().__init__("\n".join(self.lines), field=where(first, data) or None)


def where(path: Path, data: Any = None) -> str:
    """Return *path* as people write it: servers by their names where they have one."""
    parts: list[str] = []
    for part in path:
        data = data[part] if _holds(data, part) else None
        if isinstance(part, int):
            name = data.get("name") if isinstance(data, dict) else None
            parts.append(name if isinstance(name, str) and name else str(part))
        else:
            parts.append(part)
    return ".".join(parts)


def _holds(data: Any, part: str | int) -> bool:
    if isinstance(part, int):
        return isinstance(data, list) and part < len(data)
    return isinstance(data, dict) and part in data


def _told(source: str, mistake: Mistake, data: Any) -> str:
    place = source if mistake.line is None else f"{source}:{mistake.line}"
    key = where(mistake.path, data)
    return f"{place}: {key}: {mistake.message}" if key else f"{place}: {mistake.message}"


def told_by_pydantic(error: ValidationError, within: Path = ()) -> list[Mistake]:
    """Return the mistakes in our words; *within* is where the value stands in a document."""
    return [
        Mistake(tuple(each["loc"]), _message(each, (*within, *each["loc"])))
        for each in error.errors(include_url=False)
    ]


def _message(error: _Error, path: Path) -> str:
    words = _WORDS.get(error["type"])
    if words is not None:
        return words(error, path)
    message: str = error["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return message[0].lower() + message[1:]


def _extra(_: _Error, path: Path) -> str:
    return f"is not a key here{suggestion(str(path[-1]), known_keys(path[:-1]))}"


def _choice(error: _Error, _: Path) -> str:
    expected = error.get("ctx", {})["expected"].replace("'", "")
    return f"must be {expected}, not {error['input']!r}"


def _pattern(error: _Error, path: Path) -> str:
    if path[-1] in {"name", "to"}:
        return (
            "must be lower-case letters, digits and hyphens, beginning with a letter "
            f"('_' divides server from tool in tool names), not {error['input']!r}"
        )
    return f"must be env:NAME, not {error['input']!r}"


def _text(error: _Error, _: Path) -> str:
    return f"must be text; YAML reads it as {error['input']!r}, so put it in quotes"


def _mapping(_: _Error, __: Path) -> str:
    return "must be a mapping of keys to values"


_WORDS: Final[Mapping[str, Callable[[_Error, Path], str]]] = {
    "missing": lambda _, __: "is missing",
    "extra_forbidden": _extra,
    "enum": _choice,
    "literal_error": _choice,
    "string_pattern_mismatch": _pattern,
    "string_type": _text,
    "model_type": _mapping,
    "dict_type": _mapping,
    "mapping_type": _mapping,
    "tuple_type": lambda _, __: "must be a list",
}


@cache
def _schema() -> dict[str, Any]:
    return Document.model_json_schema()


def known_keys(path: Path) -> list[str]:
    """Return the keys that may stand in the mapping at *path*."""
    node = _schema()
    for part in path:
        node = _resolved(node)
        inner = node.get("properties", {}).get(part) if isinstance(part, str) else None
        node = inner or node.get("items") or node.get("additionalProperties") or {}
    return list(_resolved(node).get("properties", {}))


def _resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a thing that is there: references followed, ``null`` left out."""
    options = [each for each in node.get("anyOf", ()) if each.get("type") != "null"]
    if options:
        node = options[0]
    if "$ref" in node:
        found: dict[str, Any] = _schema()["$defs"][node["$ref"].rpartition("/")[2]]
        return found
    return node
