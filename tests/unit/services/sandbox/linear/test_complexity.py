"""What a query costs: a property 0.1, an object 1, a page as often as it is long."""

from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, parse

from services.sandbox.linear import schema
from services.sandbox.linear.complexity import points
from tests.support.vendors import Caller

SCHEMA = build_schema(schema.definition())
TABLE: list[tuple[str, dict[str, Any], int]] = [
    ("{ viewer { id } }", {}, 2),  # 1 + 0.1
    ("{ viewer { id name email } }", {}, 2),  # 1 + 0.3
    ("{ issues(first: 10) { nodes { id } } }", {}, 12),  # 1 + 10 * 1.1
    ("{ issues { nodes { id } } }", {}, 56),  # 1 + 50 * 1.1
    ("query($n: Int) { issues(first: $n) { nodes { id } } }", {"n": 5}, 7),  # 1 + 5 * 1.1
    ("query($n: Int) { issues(first: $n) { nodes { id } } }", {}, 56),
    ("{ issues(last: 4) { nodes { id title } } }", {}, 6),  # 1 + 4 * 1.2
    ("{ issues(first: 10) { nodes { state { name } } } }", {}, 22),  # 1 + 10 * (1 + 1.1)
    ("{ issues(first: 10) { pageInfo { endCursor } } }", {}, 3),  # once a page: 1 + 1.1
    ("{ issues(first: 2) { edges { node { id } } } }", {}, 6),  # 1 + 2 * (1 + 1.1)
    (
        "{ issues(first: 10) { nodes { labels(first: 5) { nodes { name } } } } }",
        {},
        76,  # 1 + 10 * (1 + 1 + 5 * 1.1)
    ),
    ("{ a: viewer { id } b: viewer { id } }", {}, 3),  # 2.2
    ("{ ...F } fragment F on Query { viewer { ...U } } fragment U on User { id name }", {}, 2),
    ("{ ... on Query { viewer { __typename } } }", {}, 2),
    ("mutation { issueArchive(id: 1) { success entity { id } } }", {}, 3),  # 1 + 0.1 + 1.1
]


@pytest.mark.parametrize(("query", "variables", "cost"), TABLE)
def test_a_query_costs_what_linear_says(query: str, variables: dict[str, Any], cost: int) -> None:
    document = parse(query)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    assert points(SCHEMA, document, operation, variables) == cost


async def test_the_answer_says_what_it_cost_and_what_is_left(vendors: Caller) -> None:
    await vendors.linear("{ viewer { id } }")
    answer = await vendors.linear("{ issues(first: 10) { nodes { id } } }")
    assert answer.headers["x-complexity"] == "12"
    assert answer.headers["x-ratelimit-complexity-limit"] == "3000000"
    assert answer.headers["x-ratelimit-complexity-remaining"] == str(3_000_000 - 2 - 12)
    assert answer.headers["x-ratelimit-requests-limit"] == "5000"
    assert answer.headers["x-ratelimit-requests-remaining"] == "4998"


async def test_a_query_over_the_limit_is_refused_and_costs_nothing(vendors: Caller) -> None:
    refused = await vendors.linear("{ issues(first: 250) { nodes { comments { nodes { id } } } } }")
    assert refused.status_code == 400
    (error,) = refused.json()["errors"]
    assert error["message"] == "Query too complex"
    assert error["extensions"]["userPresentableMessage"] == (
        "The query is too complex. Complexity: 14251. Maximum allowed complexity: 10000."
    )
    answer = await vendors.linear("{ viewer { id } }")
    assert answer.headers["x-ratelimit-requests-remaining"] == "4999"
