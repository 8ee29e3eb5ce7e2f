"""Does an entity satisfy a filter? The schema's own input types say how to read one.

Every comparator that the schema offers is in `_TESTS`; a test proves it, so a filter can be
refused by the schema but never ignored here.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type

from services.sandbox.linear.words import plain, snake

Filter = Mapping[str, Any]


def matches(kind: GraphQLInputObjectType, value: Any, wanted: Filter) -> bool:
    """Return whether *value* satisfies *wanted*, a filter of the input type *kind*."""
    if kind.name.endswith("Comparator"):
        return _compares(kind, value, wanted)
    if kind.name.endswith("CollectionFilter"):
        return _collects(kind, value, wanted)
    return _agrees(kind, value, wanted)


def _agrees(kind: GraphQLInputObjectType, value: Any, wanted: Filter) -> bool:
    """Compare one entity, or the lack of one."""
    for name, part in wanted.items():
        if part is None:
            continue
        if name == "and":
            satisfied = all(matches(kind, value, each) for each in part)
        elif name == "or":
            satisfied = any(matches(kind, value, each) for each in part)
        elif name == "null":
            satisfied = (value is None) is part
        elif value is None:
            satisfied = False
        else:
            satisfied = matches(_input(kind, name), getattr(value, snake(name)), part)
        if not satisfied:
            return False
    return True


def _collects(kind: GraphQLInputObjectType, values: Any, wanted: Filter) -> bool:
    """Compare a list; a field that is not about the list itself is about some item of it."""
    for name, part in wanted.items():
        if part is None:
            continue
        if name == "and":
            satisfied = all(matches(kind, values, each) for each in part)
        elif name == "or":
            satisfied = any(matches(kind, values, each) for each in part)
        elif name == "null":
            satisfied = (not values) is part
        elif name == "length":
            satisfied = matches(_input(kind, name), len(values), part)
        elif name == "some":
            satisfied = any(matches(_input(kind, name), value, part) for value in values)
        elif name == "every":
            satisfied = all(matches(_input(kind, name), value, part) for value in values)
        else:
            of = _input(kind, name)
            satisfied = any(matches(of, getattr(value, snake(name)), part) for value in values)
        if not satisfied:
            return False
    return True


def _compares(kind: GraphQLInputObjectType, value: Any, wanted: Filter) -> bool:
    for name, operand in wanted.items():
        if operand is None:
            continue
        if name == "and":
            satisfied = all(matches(_input(kind, name), value, each) for each in operand)
        elif name == "or":
            satisfied = any(matches(_input(kind, name), value, each) for each in operand)
        else:
            satisfied = _TESTS[name](value, operand)
        if not satisfied:
            return False
    return True


def _input(kind: GraphQLInputObjectType, name: str) -> GraphQLInputObjectType:
    """Return the input type of *kind*'s field *name*, without its list and non-null wrappers."""
    inner = get_named_type(kind.fields[name].type)
    assert isinstance(inner, GraphQLInputObjectType)  # noqa: S101 -- filters hold only filters
    return inner


def _same(value: Any, operand: Any) -> bool:
    left, right = _aligned(value, operand)
    return bool(left == right)


def _aligned(value: Any, operand: Any) -> tuple[Any, Any]:
    """Return both as dates where one of them is only a date."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value, operand.date() if isinstance(operand, datetime) else operand
    return value, operand


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, operand: value is not None and test(*_aligned(value, operand))


def _text(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return lambda value, operand: value is not None and test(value, operand)


def _folded(test: Callable[[str, str], bool]) -> Callable[[Any, Any], bool]:
    return _text(lambda value, operand: test(value.casefold(), operand.casefold()))


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "null": lambda value, wanted: (value is None) is wanted,
    "eq": _same,
    "neq": lambda value, operand: not _same(value, operand),
    "in": lambda value, operands: any(_same(value, each) for each in operands),
    "nin": lambda value, operands: not any(_same(value, each) for each in operands),
    "gt": _ordered(lambda value, operand: value > operand),
    "gte": _ordered(lambda value, operand: value >= operand),
    "lt": _ordered(lambda value, operand: value < operand),
    "lte": _ordered(lambda value, operand: value <= operand),
    "contains": _text(lambda value, part: part in value),
    "notContains": _text(lambda value, part: part not in value),
    "startsWith": _text(lambda value, part: value.startswith(part)),
    "notStartsWith": _text(lambda value, part: not value.startswith(part)),
    "endsWith": _text(lambda value, part: value.endswith(part)),
    "notEndsWith": _text(lambda value, part: not value.endswith(part)),
    "eqIgnoreCase": _folded(lambda value, operand: value == operand),
    "neqIgnoreCase": _folded(lambda value, operand: value != operand),
    "containsIgnoreCase": _folded(lambda value, part: part in value),
    "notContainsIgnoreCase": _folded(lambda value, part: part not in value),
    "startsWithIgnoreCase": _folded(lambda value, part: value.startswith(part)),
    "containsIgnoreCaseAndAccent": _text(lambda value, part: plain(part) in plain(value)),
}
COMPARATORS = frozenset(_TESTS) | {"and", "or"}
