"""GraphQL by graphql-core: a request is checked and priced first, and only then run."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from services.sandbox.linear import complexity, errors
from services.sandbox.linear.schema import load, resolve


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that may be run.

    Attributes:
        document: Parsed and valid.
        name: Which of its operations; none where it has one.
        variables: As they were sent.
        names: The operation's name and its root fields.
        points: What it costs.
        writes: Whether it is a mutation.
    """

    document: DocumentNode
    name: str | None
    variables: dict[str, Any]
    names: frozenset[str]
    points: int
    writes: bool


class Engine:
    """Our part of Linear's schema, ready to run documents."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._schema = load(now)
        self._checked = lru_cache(maxsize=256)(self._check)

    def prepare(self, sent: dict[str, Any]) -> Prepared:
        """Return the request *sent*, checked and priced.

        Raises:
            GraphQLError: it is no GraphQL, or not what the schema allows.
        """
        document, error = self._checked(sent["query"])
        if error:
            raise error
        name = sent.get("operationName")
        operation = get_operation_ast(document, name)
        if operation is None:
            problem = GraphQLError(f'Unknown operation named "{name}".')
            raise errors.refused(problem, "BAD_USER_INPUT")
        variables = sent.get("variables") or {}
        points = complexity.points(self._schema, document, operation, variables)
        writes = operation.operation is OperationType.MUTATION
        return Prepared(document, name, variables, _names(operation), points, writes)

    def run(self, prepared: Prepared, root: object) -> tuple[int, dict[str, Any]]:
        """Return the answer's HTTP status and body."""
        result = execute_sync(
            self._schema,
            prepared.document,
            root_value=root,
            variable_values=prepared.variables,
            operation_name=prepared.name,
            field_resolver=resolve,
        )
        if not result.errors:
            return 200, {"data": _as_sent(result.data)}
        for each in result.errors:
            if each.original_error and not isinstance(each.original_error, GraphQLError):
                raise each.original_error  # a mistake of the sandbox's own
        if result.data is None and all(each.path is None for each in result.errors):
            refused = [errors.refused(each, "BAD_USER_INPUT") for each in result.errors]
            return 400, {"errors": [each.formatted for each in refused]}
        found = [each.formatted for each in result.errors]
        return 200, {"errors": found, "data": _as_sent(result.data)}

    def _check(self, text: str) -> tuple[DocumentNode, GraphQLError | None]:
        try:
            document = parse(text)
        except GraphQLError as error:
            return DocumentNode(definitions=()), errors.refused(error, "GRAPHQL_PARSE_FAILED")
        for found in validate(self._schema, document):
            return document, errors.refused(found, "GRAPHQL_VALIDATION_FAILED")
        return document, None


def _names(operation: OperationDefinitionNode) -> frozenset[str]:
    fields = (node for node in operation.selection_set.selections if isinstance(node, FieldNode))
    named = {operation.name.value} if operation.name else set()
    return frozenset(named | {field.name.value for field in fields})


def _as_sent(data: Any) -> Any:
    """Return *data* with whole floats as integers: Linear's server is JavaScript."""
    match data:
        case dict():
            return {name: _as_sent(value) for name, value in data.items()}
        case list():
            return [_as_sent(value) for value in data]
        case float() if data.is_integer():
            return int(data)
    return data
