"""The base of all models, and the things that others name.

Validation aliases read GraphQL's names and flatten what is nested for one value only;
dumping gives the names below. A field with ``exclude=True`` is for our own use.
"""

from typing import Any, Generic, Self, TypeVar

from pydantic import AliasGenerator, AliasPath, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

NodeT = TypeVar("NodeT")


def each_of(key: str) -> BeforeValidator:
    """Read nodes as the values of *key* in them; values already taken stay."""

    def taken(value: Any) -> Any:
        if isinstance(value, list):
            return [node[key] if isinstance(node, dict) else node for node in value]
        return value

    return BeforeValidator(taken)


class Wire(BaseModel):
    """Base: frozen, GraphQL's camelCase in, snake_case out, new fields ignored."""

    model_config = ConfigDict(
        frozen=True,
        alias_generator=AliasGenerator(validation_alias=to_camel),
        validate_by_name=True,
    )


class PageInfo(Wire):
    """Where a connection's page ends."""

    has_next_page: bool = False
    end_cursor: str | None = None


class Connection(Wire, Generic[NodeT]):
    """One page of things."""

    nodes: tuple[NodeT, ...]
    page_info: PageInfo = PageInfo()
    total_count: int | None = None

    @property
    def next_cursor(self) -> str | None:
        """Return the cursor of the next page, if there is one."""
        return self.page_info.end_cursor if self.page_info.has_next_page else None

    def marked(self, prefix: str) -> Self:
        """Return the page with *prefix* before its cursor."""
        told = self.page_info
        info = PageInfo(
            has_next_page=told.has_next_page, end_cursor=f"{prefix}{told.end_cursor or ''}"
        )
        return self.model_copy(update={"page_info": info})


class Person(Wire):
    """Someone, as an issue names them."""

    name: str
    email: str | None = None


class User(Wire):
    """A member of the workspace."""

    id: str = Field(exclude=True)
    name: str
    display_name: str | None = None
    email: str
    active: bool = Field(default=True, exclude=True)


class State(Wire):
    """A workflow state; type is Linear's family of it."""

    id: str = Field(default="", exclude=True)
    name: str
    type: str
    position: float = Field(default=0, exclude=True)


class Team(Wire):
    """A team and its workflow, in the workflow's order."""

    id: str = Field(exclude=True)
    key: str
    name: str
    states: tuple[State, ...] = Field(default=(), validation_alias=AliasPath("states", "nodes"))


class Link(Wire):
    """A team or a project as other things name it."""

    id: str
    name: str
