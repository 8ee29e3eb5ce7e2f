"""What holds for every operation, also for those that are added later."""

import re

import pytest
from pydantic import BaseModel, ValidationError

from kit.contract.catalogue import OPERATIONS, served_by
from kit.contract.envelope import Page, WriteResult
from kit.contract.operation import Capability, Operation, Route, Safety

EACH = pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)


def fields(model: type[BaseModel]) -> set[str]:
    return set(model.model_fields)


def test_tools_have_names_of_their_own() -> None:
    assert len({operation.tool for operation in OPERATIONS.values()}) == len(OPERATIONS)


def test_every_operation_belongs_to_its_capability() -> None:
    found = [operation for capability in Capability for operation in served_by(capability)]
    assert sorted(map(id, found)) == sorted(map(id, OPERATIONS.values()))
    assert served_by(Capability.CACHE) == ()


@EACH
def test_a_name_is_capability_and_verb(operation: Operation) -> None:
    assert re.fullmatch(r"[a-z]+(\.[a-z]+)+", operation.name)
    assert re.fullmatch(r"[a-z_]{1,64}", operation.tool)
    assert operation.name.split(".")[0] == operation.capability.lower()


@EACH
def test_a_model_that_chooses_tools_gets_one_short_paragraph(operation: Operation) -> None:
    assert 0 < len(operation.description) < 300
    assert 0 < len(operation.title) < 50


@EACH
def test_an_unknown_argument_is_refused(operation: Operation) -> None:
    with pytest.raises(ValidationError) as refused:
        operation.arguments.model_validate({"no_such_argument": 1})
    mistakes = {(each["type"], *each["loc"]) for each in refused.value.errors()}
    assert ("extra_forbidden", "no_such_argument") in mistakes


@EACH
def test_arguments_and_answers_are_frozen(operation: Operation) -> None:
    assert operation.arguments.model_config.get("frozen")
    assert operation.result.model_config.get("frozen")


@EACH
def test_a_route_has_what_it_needs_to_choose_by(operation: Operation) -> None:
    if operation.route in {Route.ROUTE, Route.PLACE}:
        assert operation.ref_argument in fields(operation.arguments)
    if operation.route is Route.MERGE:
        assert operation.merge is not None
        assert issubclass(operation.result, Page)
        (item,) = operation.result.model_fields["items"].annotation.__args__[:1]  # type: ignore[union-attr]  # it is tuple[X, ...]
        joins = {operation.merge.key} | ({operation.merge.join} - {None})
        assert joins <= fields(item)


@EACH
def test_a_page_is_asked_for_by_limit_and_cursor_or_whole(operation: Operation) -> None:
    has = fields(operation.arguments) & {"limit", "cursor"}
    assert has in (set(), {"limit", "cursor"})


@EACH
def test_a_write_takes_a_key_and_a_read_destroys_nothing(operation: Operation) -> None:
    if operation.safety is Safety.READ:
        assert not operation.destructive
        assert "idempotency_key" not in fields(operation.arguments)
    else:
        assert "idempotency_key" in fields(operation.arguments)
        assert issubclass(operation.result, WriteResult)


@EACH
def test_the_arguments_have_a_schema_in_which_everything_is_described_or_typed(
    operation: Operation,
) -> None:
    schema = operation.arguments.model_json_schema()
    assert schema["additionalProperties"] is False
    for name, given in schema["properties"].items():
        assert {"type", "anyOf", "enum", "$ref", "allOf"} & set(given), name
