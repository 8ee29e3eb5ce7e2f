"""``Mcp-Param-*``: arguments that a tool wants mirrored in headers (2026-07-28, Streamable HTTP).

A property of a tool's input schema may carry ``x-mcp-header``. Towards a server the gateway
writes the headers anew, since it may have renamed the tool; from a client it compares them
with the body, which is what counts.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 5.6.2
_TYPES: Final = frozenset({"string", "integer", "boolean"})
_MAX_INTEGER: Final = 2**53 - 1
_PREFIX: Final = "mcp-param-"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Mirrored:
    """One argument that is mirrored.

    Attributes:
        path: Where it is in the arguments.
        header: The header's whole name, lower case.
    """

    path: tuple[str, ...]
    header: str


def mirrored(schema: Any) -> tuple[Mirrored, ...]:
    """Return what *schema* wants mirrored; nothing if one of its annotations is wrong."""
    found: list[Mirrored] = []
    if not _walk(schema, (), found):
        return ()
    names = [each.header for each in found]
    return tuple(found) if len(set(names)) == len(names) else ()


def _walk(schema: Any, path: tuple[str, ...], found: list[Mirrored]) -> bool:
    """Collect the annotations reachable by ``properties`` alone; False when one is wrong."""
    if not isinstance(schema, Mapping):
        return True
    if "x-mcp-header" in schema:
        name = schema["x-mcp-header"]
        wrong = not isinstance(name, str) or not _TOKEN.fullmatch(name)
        if wrong or not path or schema.get("type") not in _TYPES:
            return False
        found.append(Mirrored(path, _PREFIX + name.lower()))
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        return True
    return all(_walk(each, (*path, key), found) for key, each in properties.items())


def headers(wanted: tuple[Mirrored, ...], arguments: Any) -> bytes:
    """Return the header lines for *arguments*, each ended by CRLF before it."""
    lines: list[bytes] = []
    for each in wanted:
        value = _value(arguments, each.path)
        if value is not None:
            lines.append(b"\r\n%b: %b" % (each.header.encode(), encoded(_text(value))))
    return b"".join(lines)


def mismatch(wanted: tuple[Mirrored, ...], arguments: Any, given: Mapping[str, str]) -> str:
    """Return what is wrong with the headers that a client gave; empty when they agree."""
    for each in wanted:
        value, header = _value(arguments, each.path), given.get(each.header)
        where = ".".join(each.path)
        if value is None:
            if header is not None:
                return f"{each.header} is sent, the argument {where} is not"
        elif header is None:
            return f"{each.header} is missing, the argument {where} is sent"
        elif not _same(decoded(header), value):
            return f"{each.header} is {header!r}, the argument {where} {value!r}"
    return ""


def encoded(text: str) -> bytes:
    """Return *text* as a header value: plain where it can be, else base64 in the sentinel."""
    plain = text.isascii() and text.isprintable() and text.strip() == text and text
    if plain and not (text.startswith("=?base64?") and text.endswith("?=")):
        return text.encode("ascii")
    return b"=?base64?" + base64.b64encode(text.encode("utf-8", "surrogatepass")) + b"?="


def decoded(value: str) -> str | None:
    """Return a header value in plain; None when its encoding is wrong."""
    if not (value.startswith("=?base64?") and value.endswith("?=")):
        return value if value.isprintable() and value.isascii() else None
    try:
        return base64.b64decode(value[9:-2], validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def _value(arguments: Any, path: tuple[str, ...]) -> Any:
    value = arguments
    for key in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _same(header: str | None, value: Any) -> bool:
    """Compare as the specification says: integers by value, the rest as text."""
    if header is None:
        return False
    if isinstance(value, int) and not isinstance(value, bool):
        try:
            number = float(header)
        except ValueError:
            return False
        return abs(value) <= _MAX_INTEGER and number == value
    return header == _text(value)
