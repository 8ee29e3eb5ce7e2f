from typing import Annotated, Any

from jsonschema import Draft202012Validator
from pydantic import AliasPath, BaseModel, Field

from kit.contract import tasks
from kit.contract.catalogue import OPERATIONS
from kit.schema import arguments_schema, outline, result_schema


class Owner(BaseModel):
    name: str
    email: str | None


class Thing(BaseModel):
    """What a reader of the answer gets."""

    uuid: str = Field(validation_alias="id", exclude=True)
    key: str = Field(validation_alias=AliasPath("identity", "key"), description="short name")
    owner: Owner | None = None
    rank: Annotated[int, Field(ge=0, le=4)] = 0


class Tree(BaseModel):
    name: str
    children: tuple["Tree", ...] = ()


class Changes(BaseModel):
    """Null clears."""

    title: str | None = None


class Given(BaseModel):
    """Arguments."""

    set: Changes = Changes()
    limit: Annotated[int, Field(ge=1, le=50, description="items on a page")] = 20


def test_a_result_is_described_as_it_is_dumped_not_as_it_was_read() -> None:
    schema = result_schema(Thing)
    thing = Thing.model_validate({"id": "u", "identity": {"key": "ENG-1"}})

    dumped = thing.model_dump(mode="json", exclude_none=True)

    assert set(schema["properties"]) == {"key", "owner", "rank"}
    Draft202012Validator(schema).validate(dumped)


def test_a_null_that_is_left_out_of_an_answer_is_not_required() -> None:
    schema = result_schema(Owner)

    Draft202012Validator(schema).validate(
        Owner(name="Ada", email=None).model_dump(exclude_none=True)
    )

    assert schema["required"] == ["name"]


def test_a_result_schema_stands_alone_and_carries_no_prose() -> None:
    text = repr([result_schema(operation.result) for operation in OPERATIONS.values()])

    assert "$ref" not in text
    assert "'description': '" not in text


def test_a_model_that_contains_itself_keeps_its_definitions() -> None:
    schema = result_schema(Tree)

    validator: Any = Draft202012Validator(schema)

    assert validator.is_valid({"name": "a", "children": [{"name": "b", "children": []}]})
    assert not validator.is_valid({"name": "a", "children": [{"children": []}]})


def test_arguments_keep_bounds_and_words_and_lose_empty_defaults() -> None:
    schema = arguments_schema(Given)

    assert schema["properties"]["limit"] == {
        "default": 20,
        "description": "items on a page",
        "maximum": 50,
        "minimum": 1,
        "type": "integer",
    }
    assert "default" not in schema["properties"]["set"]


class Page(BaseModel):
    things: tuple[Thing, ...] = ()
    providers: tuple[str, ...] = ()


def test_lengths_are_left_to_the_server_and_ranges_are_told() -> None:
    class Search(BaseModel):
        query: Annotated[str, Field(min_length=1, max_length=9, pattern="^x")]
        limit: Annotated[int, Field(ge=1)] = 1

    assert arguments_schema(Search)["properties"] == {
        "query": {"type": "string"},
        "limit": {"default": 1, "minimum": 1, "type": "integer"},
    }


def test_an_outline_goes_as_deep_as_it_is_told() -> None:
    schema = outline(Page, depth=2, leave_out=("providers",))

    assert list(schema["properties"]) == ["things"]
    assert schema["properties"]["things"]["items"]["properties"] == {
        "key": {"type": "string"},
        "owner": {"type": "object"},
        "rank": {"type": "integer"},
    }
    shallow = outline(Page, depth=1)["properties"]
    assert shallow["things"] == {"items": {"type": "object"}, "type": "array"}


def test_a_null_that_clears_is_told_and_any_other_is_not() -> None:
    changes = arguments_schema(tasks.Changes)["properties"]
    assert changes["assignee"]["type"] == ["string", "null"]
    assert changes["title"]["type"] == "string"
    assert "x-null-clears" not in str(changes)
