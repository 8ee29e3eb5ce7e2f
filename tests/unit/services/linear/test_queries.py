from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema, parse, validate

from services.linear import queries

OFFICIAL = Path(__file__).parents[5] / "shared/specs/linear/schema.graphql"
DOCUMENTS = {
    name: text for name, text in vars(queries).items() if name.isupper() and name[0] != "_"
}


@pytest.fixture(scope="module")
def official() -> GraphQLSchema:
    if not OFFICIAL.is_file():
        pytest.skip(f"{OFFICIAL} is not here: Linear's own schema is not part of the project")
    return build_schema(OFFICIAL.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_valid_by_linears_own_schema(name: str, official: GraphQLSchema) -> None:
    assert validate(official, parse(DOCUMENTS[name])) == []


def test_every_document_has_an_operation_name_of_its_own() -> None:
    names = [text.split("{")[0].split("(")[0].split()[1] for text in DOCUMENTS.values()]

    assert len(set(names)) == len(DOCUMENTS)
