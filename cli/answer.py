"""An answer of an operation or a tool, for people."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cli import show

_LEFT_OUT: Final = frozenset({"key", "url", "created_at", "updated_at"})
_COLUMNS: Final = 8
_CELL: Final = 60
_LONG_LINE: Final = 100


def show_answer(answer: Any) -> None:
    """Print *answer*: a list as a table, anything else as its fields."""
    if not isinstance(answer, Mapping):
        show.line(_text(answer))
        return
    items = answer.get("items")
    if isinstance(items, Sequence) and all(isinstance(item, Mapping) for item in items):
        _table(items)
        _notes(answer)
        return
    _fields({key: value for key, value in answer.items() if key != "providers"}, "")
    _notes(answer)


def _table(items: Sequence[Mapping[str, Any]]) -> None:
    if not items:
        show.line("nothing found")
        return
    keys = list(dict.fromkeys(key for item in items for key in item))
    kept = [
        key
        for key in keys
        if key not in _LEFT_OUT and any(item.get(key) not in (None, "", [], 0) for item in items)
    ][:_COLUMNS]
    show.table(kept, [[_cell(item.get(key)) for key in kept] for item in items])


def _notes(answer: Mapping[str, Any]) -> None:
    for each in answer.get("providers") or ():
        if each.get("status") in {"error", "skipped"}:
            error = each.get("error") or {}
            why = f"{error.get('code')}: {error.get('message')}" if error else "no reason given"
            show.note(f"without {each.get('provider')} ({each['status']}): {why}")
    if answer.get("complete") is False:
        show.note("the answer is not complete")
    if answer.get("next_cursor"):
        show.note(f"there is more: cursor={answer['next_cursor']}")


def _fields(value: Mapping[str, Any], indent: str) -> None:
    width = max((len(key) for key in value), default=0)
    for key, inner in value.items():
        if inner is None or inner in ([], {}):
            continue
        if isinstance(inner, Mapping):
            show.line(f"{indent}{key}")
            _fields(inner, indent + "  ")
        elif isinstance(inner, list) and any(isinstance(each, Mapping) for each in inner):
            show.line(f"{indent}{key}")
            for each in inner:
                show.line(f"{indent}  - {_cell(each, _LONG_LINE)}")
        else:
            text = _text(inner)
            if "\n" in text:
                show.line(f"{indent}{key}")
                for line in text.splitlines():
                    show.line(f"{indent}  {line}".rstrip())
            else:
                show.line(f"{indent}{key.ljust(width)}  {text}")


def _cell(value: Any, limit: int = _CELL) -> str:
    """Return *value* on one line: a thing by its name, a list by its members."""
    if isinstance(value, Mapping):
        names = ("name", "title", "body_md", "body", "text", "key", "ref", "email")
        named = next((value[name] for name in names if value.get(name)), None)
        if named is None:
            text = ", ".join(f"{key}={_cell(inner)}" for key, inner in value.items())
        else:
            text = str(named)
    else:
        text = _text(value)
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case list():
            return ", ".join(_cell(each) for each in value)
        case _:
            return str(value)
