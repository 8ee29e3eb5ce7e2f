"""Our part of Linear's schema, and how its fields are read from the entities.

A field is the attribute of the same name in snake case; where the schema calls it a
connection, the attribute is a list, which is filtered, ordered and paged here.
"""

from collections.abc import Callable
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_ast_schema,
    get_named_type,
    parse,
)

from services.sandbox.linear import scalars
from services.sandbox.linear.filters import matches
from services.sandbox.linear.paging import Page, newest_first, page
from services.sandbox.linear.words import snake


def definition() -> str:
    """Return the schema's text: every file of ``schema/``."""
    folder = resources.files("services.sandbox.linear") / "schema"
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def _parsed() -> DocumentNode:
    return parse(definition())


def load(now: Callable[[], datetime]) -> GraphQLSchema:
    """Return the schema, whose text a test proves valid; durations in filters count from *now*."""
    schema = build_ast_schema(_parsed(), assume_valid=True, assume_valid_sdl=True)
    scalars.bind(schema, now)
    return schema


def resolve(source: Any, info: GraphQLResolveInfo[None], **arguments: Any) -> Any:
    """Return the value of *info*'s field on *source*."""
    named = {_PARAMETERS.get(name) or snake(name): value for name, value in arguments.items()}
    if isinstance(source, dict):
        return source[info.field_name]
    value = getattr(source, snake(info.field_name))
    kind = get_named_type(info.return_type)
    if not _is_page(kind):
        return value(**named) if callable(value) else value
    asked = {name: named.pop(name, None) for name in _PAGING}
    items = value(**named) if callable(value) else value
    return _page(info, items, asked)


_PARAMETERS = {"id": "key", "input": "given"}  # Python has these names already
_PAGING = ("first", "after", "last", "before", "filter", "include_archived", "order_by")


def _page(info: GraphQLResolveInfo[None], items: list[Any], asked: dict[str, Any]) -> Page:
    include_archived = asked.pop("include_archived")
    order_by = asked.pop("order_by")
    wanted = asked.pop("filter")
    kept = items if include_archived else [item for item in items if not item.archived_at]
    if wanted:
        kind = _filter_type(info.parent_type, info.field_name)
        kept = [item for item in kept if matches(kind, item, wanted)]
    if info.field_name != "searchIssues" or order_by:  # a search is ordered by relevance
        kept = newest_first(kept, order_by or "createdAt")
    return page(kept, **asked)


@cache
def _is_page(kind: GraphQLNamedType) -> bool:
    return isinstance(kind, GraphQLObjectType) and "pageInfo" in kind.fields


@cache
def _filter_type(parent: GraphQLObjectType, field: str) -> GraphQLInputObjectType:
    kind = get_named_type(parent.fields[field].args["filter"].type)
    assert isinstance(kind, GraphQLInputObjectType)  # noqa: S101 -- so says the schema
    return kind
