"""The schema is a true part of Linear's own, and every bit of it means something here."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
    is_specified_scalar_type,
)

from services.sandbox.linear import schema
from services.sandbox.linear.filters import COMPARATORS
from tests.support.specs import specification
from tests.support.vendors import Caller


@pytest.fixture(scope="module")
def ours() -> GraphQLSchema:
    return build_schema(schema.definition())


@pytest.fixture(scope="module")
def official() -> GraphQLSchema:
    path = specification("linear/schema.graphql")
    return build_schema(path.read_text(encoding="utf-8"))


def own_types(found: GraphQLSchema) -> Iterator[object]:
    for name, kind in found.type_map.items():
        if not name.startswith("__") and not is_specified_scalar_type(kind):
            yield kind


def facts(found: GraphQLSchema) -> dict[str, str]:
    """Return what *found* says of each type, ``.field``, ``(argument``, ``{input``, ``=value``."""
    said: dict[str, str] = {}
    for kind in own_types(found):
        name = getattr(kind, "name", "")
        said[name] = type(kind).__name__
        match kind:
            case GraphQLEnumType(values=values):
                said |= {f"{name}={value}": "value" for value in values}
            case GraphQLInputObjectType(fields=fields):
                said |= {f"{name}{{{each}": str(field.type) for each, field in fields.items()}
            case GraphQLObjectType(fields=fields):
                for each, field in fields.items():
                    said[f"{name}.{each}"] = str(field.type)
                    for argument, value in field.args.items():
                        said[f"{name}.{each}({argument}"] = str(value.type)
    return said


def differences(ours: GraphQLSchema, official: GraphQLSchema) -> Iterator[str]:
    """Name each place where *ours* is not a part of *official*."""
    mine, theirs = facts(ours), facts(official)
    yield from (place for place, said in mine.items() if theirs.get(place) != said)
    for place, said in theirs.items():
        inside, _, _ = place.partition(next((mark for mark in "({=" if mark in place), "."))
        must_be_sent = said.endswith("!") and ("(" in place or "{" in place)
        if inside in mine and place not in mine and (must_be_sent or said == "value"):
            yield f"{place} is left out"


def test_the_schema_is_part_of_linears_own(ours: GraphQLSchema, official: GraphQLSchema) -> None:
    assert list(differences(ours, official)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("type Query { viewers: Int }", "Query.viewers"),
        ("type Query { viewer: Int }", "Query.viewer"),
        ("type Query { issue(key: String): Issue! } type Issue { id: ID! }", "Query.issue(key"),
        ("type Query { issue: Issue! } type Issue { id: ID! }", "Query.issue(id is left out"),
        ("type Query { viewer: User! } type User { id: ID }", "User.id"),
        ("type Query { x: V } enum V { public }", "V"),
        (
            "type Query { x: TeamVisibility } enum TeamVisibility { public private }",
            "TeamVisibility=restricted is left out",
        ),
        (
            (
                "type Query { x(y: IssueRelationCreateInput): Int } "
                "input IssueRelationCreateInput { issueId: String! relatedIssueId: String! }"
            ),
            "IssueRelationCreateInput{type is left out",
        ),
    ],
)
def test_what_is_not_linears_would_be_found(text: str, found: str, official: GraphQLSchema) -> None:
    assert found in differences(build_schema(text), official)


def test_every_comparator_that_is_offered_is_implemented(ours: GraphQLSchema) -> None:
    offered = {
        name
        for kind in own_types(ours)
        if isinstance(kind, GraphQLInputObjectType) and kind.name.endswith("Comparator")
        for name in kind.fields
    }
    assert offered == COMPARATORS


def test_every_scalar_has_a_meaning(ours: GraphQLSchema) -> None:
    own = {kind.name for kind in own_types(ours) if isinstance(kind, GraphQLScalarType)}
    dates = {"DateTime", "DateTimeOrDuration", "TimelessDate", "TimelessDateOrDuration"}
    assert own == dates | {"JSONObject"}


def leaves(kind: GraphQLObjectType) -> str:
    """Return a selection of every field of *kind*, entities by their ids and lists by one."""
    parts = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if any(str(argument.type).endswith("!") for argument in field.args.values()):
            continue
        if not isinstance(below, GraphQLObjectType):
            parts.append(name)
        elif "nodes" in below.fields:
            parts.append(f"{name}(first: 1) {{ nodes {{ id }} pageInfo {{ hasNextPage }} }}")
        elif "id" in below.fields:
            parts.append(f"{name} {{ id }}")
    return " ".join(parts)


LISTS = (
    "attachments", "comments", "cycles", "issueLabels", "issueRelations", "issues",
    "projectMilestones", "projectStatuses", "projects", "teams", "users", "workflowStates",
)  # fmt: skip


@pytest.mark.parametrize("field", LISTS)
async def test_every_field_of_every_entity_is_answered(
    field: str, ours: GraphQLSchema, vendors: Caller
) -> None:
    root = ours.query_type
    assert root is not None
    connection = get_named_type(root.fields[field].type)
    assert isinstance(connection, GraphQLObjectType)
    entity = get_named_type(connection.fields["nodes"].type)
    assert isinstance(entity, GraphQLObjectType)
    await vendors.data(
        'mutation { attachmentCreate(input: {issueId: "ENG-1", title: "t", url: "u"}) { success } }'
    )
    query = f"{{ {field}(first: 3) {{ nodes {{ {leaves(entity)} }} edges {{ cursor }} }} }}"
    found = await vendors.data(query)
    assert found[field]["nodes"]


async def test_a_search_result_has_every_field_of_an_issue(
    ours: GraphQLSchema, vendors: Caller
) -> None:
    result = ours.type_map["IssueSearchResult"]
    assert isinstance(result, GraphQLObjectType)
    query = f'{{ searchIssues(term: "billing", first: 2) {{ nodes {{ {leaves(result)} }} totalCount archivePayload {{ archive databaseVersion includesDependencies totalCount }} }} }}'  # noqa: E501 -- one query
    found = await vendors.data(query)
    assert len(found["searchIssues"]["nodes"]) == 2


async def test_the_organization_has_every_field(ours: GraphQLSchema, vendors: Caller) -> None:
    organization = ours.type_map["Organization"]
    assert isinstance(organization, GraphQLObjectType)
    found = await vendors.data(f"{{ organization {{ {leaves(organization)} }} }}")
    assert found["organization"]["userCount"] == 31
