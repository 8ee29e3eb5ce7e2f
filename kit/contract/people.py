"""PEOPLE: one person's accounts over all systems, joined by e-mail."""

from typing import Self

from pydantic import Field, model_validator

from kit.contract.envelope import Arguments, Entity, Page
from kit.contract.operation import Capability, Merge, Operation, Route, Safety


class Account(Entity):
    """One person in one system."""

    provider: str
    native_id: str
    name: str | None = None
    active: bool = True


class PersonRecord(Entity):
    """A person; ``email`` is lower case and joins the systems."""

    email: str | None = None
    name: str
    accounts: tuple[Account, ...]


class PeoplePage(Page):
    """People found."""

    items: tuple[PersonRecord, ...] = ()


class Resolve(Arguments):
    """Exactly one of the two."""

    email: str | None = Field(
        default=None, min_length=3, max_length=320, pattern="@", description="whole e-mail address"
    )
    name: str | None = Field(
        default=None, min_length=2, max_length=200, description="part of a name"
    )

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.email is None) == (self.name is None):
            raise ValueError("give either email or name")
        return self


RESOLVE = Operation(
    name="people.resolve",
    title="Resolve a person",
    description="Find a person's accounts in every system by e-mail address or by name.",
    capability=Capability.PEOPLE,
    route=Route.MERGE,
    safety=Safety.READ,
    arguments=Resolve,
    result=PeoplePage,
    merge=Merge(key="email", join="accounts"),
)
OPERATIONS = (RESOLVE,)
