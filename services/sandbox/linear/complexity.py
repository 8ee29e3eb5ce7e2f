"""What a query costs, by Linear's published rule.

A property costs 0.1, an object 1, and a connection multiplies what its children cost by the
page size that was asked for, or by 50. The sum is rounded up
(https://linear.app/developers/rate-limiting, read 2026-11). `pageInfo` and `totalCount` come
once a page, so they are not multiplied.
"""

import math
from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    value_from_ast_untyped,
)

PROPERTY = 0.1
OBJECT = 1.0
PAGE = 50
_PER_ITEM = {"nodes", "edges"}


def points(
    schema: GraphQLSchema,
    document: DocumentNode,
    operation: OperationDefinitionNode,
    variables: Mapping[str, Any],
) -> int:
    """Return the cost of *operation*, which must be valid, in whole points."""
    root = schema.get_root_type(operation.operation)
    if root is None:  # a subscription, which validation has refused
        return 0
    fragments = {
        node.name.value: node
        for node in document.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    cost = _Cost(schema, fragments, variables)
    return math.ceil(round(cost.of(operation.selection_set, root), 6))


class _Cost:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = fragments
        self._variables = variables

    def of(self, selections: SelectionSetNode, parent: GraphQLObjectType, page: int = 1) -> float:
        """Return the cost of *selections* on one *parent*; *page* multiplies its items."""
        total = 0.0
        for node in selections.selections:
            if isinstance(node, FieldNode):
                total += self._field(node, parent) * (page if node.name.value in _PER_ITEM else 1)
            elif isinstance(node, InlineFragmentNode):
                total += self.of(node.selection_set, parent, page)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                total += self.of(fragment.selection_set, parent, page)
        return total

    def _field(self, node: FieldNode, parent: GraphQLObjectType) -> float:
        field = parent.fields.get(node.name.value)
        if field is None or node.selection_set is None:
            return PROPERTY  # a scalar, or __typename
        kind = get_named_type(field.type)
        if not isinstance(kind, GraphQLObjectType):
            return PROPERTY  # our part of the schema has no interface and no union
        page = self._page(node) if "nodes" in kind.fields else 1
        return OBJECT + self.of(node.selection_set, kind, page)

    def _page(self, node: FieldNode) -> int:
        for argument in node.arguments or ():
            if argument.name.value in {"first", "last"}:
                size = value_from_ast_untyped(argument.value, dict(self._variables))
                if isinstance(size, int):
                    return size
        return PAGE
