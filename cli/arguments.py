"""``key=value`` arguments as JSON."""

import json
from collections.abc import Iterable
from typing import Any

from cli.failure import Usage


def parsed(words: Iterable[str]) -> dict[str, Any]:
    """Return the object that *words* describe.

    ``limit=5`` is a number and ``query=billing`` a string: a value is JSON when it reads as
    JSON. ``key:=VALUE`` insists on JSON, ``set.title=New`` goes one level down.

    Raises:
        Usage: no key, no JSON after ``:=``, or a key that is given twice.
    """
    result: dict[str, Any] = {}
    for word in words:
        key, equals, text = word.partition("=")
        strict = key.endswith(":")
        key = key.removesuffix(":")
        if not equals or not key:
            raise Usage(f"{word!r}: write an argument as key=value")
        _put(result, key.split("."), _value(word, text, strict=strict), word)
    return result


def _value(word: str, text: str, *, strict: bool) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        if strict:
            raise Usage(f"{word!r}: what follows := must be JSON") from error
        return text


def _put(target: dict[str, Any], path: list[str], value: Any, word: str) -> None:
    *above, last = path
    for part in above:
        inner = target.setdefault(part, {})
        if not isinstance(inner, dict):
            raise Usage(f"{word!r}: {part} has a value already")
        target = inner
    if not last or last in target:
        raise Usage(f"{word!r}: {last or 'the key'} is {'given twice' if last else 'empty'}")
    target[last] = value
