"""Linear's data: what the company keeps there, and what clients have written since."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from services.sandbox.linear import errors
from services.sandbox.linear.issue import Attachment, Comment, Issue, IssueRelation
from services.sandbox.linear.plan import Cycle, Project, ProjectMilestone, ProjectStatus
from services.sandbox.linear.workspace import (
    Entity,
    IssueLabel,
    Organization,
    Team,
    User,
    WorkflowState,
)

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://linear.app/sandbox")
EntityT = TypeVar("EntityT", bound=Entity)


def stable_id(kind: str, key: str) -> str:
    """Return the id of the seeded *kind* called *key*: the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, f"{kind}/{key}"))


def is_uuid(text: str) -> bool:
    """Return whether *text* is a UUID as Linear accepts it."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


@dataclass
class Store:
    """Every entity by its id, and the two that stand alone."""

    organization: Organization
    viewer: User
    entities: dict[str, Entity] = field(default_factory=dict)

    def add(self, entity: EntityT) -> EntityT:
        """Keep *entity*.

        Raises:
            GraphQLError: its id is taken.
        """
        if entity.id in self.entities:
            raise errors.conflict(type(entity).__name__, entity.id)
        self.entities[entity.id] = entity
        return entity

    def free_id(self, kind: type[Entity], wanted: str | None) -> str:
        """Return *wanted*, or a new id where none is wanted.

        Raises:
            GraphQLError: *wanted* is no UUID, or taken.
        """
        if wanted is None:
            return str(uuid.uuid4())
        if not is_uuid(wanted):
            raise errors.invalid("id must be a UUID.")
        if wanted.lower() in self.entities:
            raise errors.conflict(kind.__name__, wanted)
        return wanted.lower()

    def every(self, kind: type[EntityT]) -> list[EntityT]:
        """Return all of one kind."""
        return [entity for entity in self.entities.values() if isinstance(entity, kind)]

    def get(self, kind: type[EntityT], key: str) -> EntityT:
        """Return the *kind* with the id *key*; issues, teams and projects have other keys too.

        Raises:
            GraphQLError: there is none.
        """
        found = self.entities.get(key.lower())
        if isinstance(found, kind):
            return found
        for entity in self._by_other_key(kind, key):
            return entity
        raise errors.not_found(kind.__name__)

    def _by_other_key(self, kind: type[EntityT], key: str) -> Iterator[EntityT]:
        for entity in self.every(kind):
            match entity:
                case Issue(identifier=name, previous_identifiers=former):
                    if key.upper() in (name, *former):
                        yield entity
                case Team(key=name):
                    if key.upper() == name:
                        yield entity
                case Project(slug_id=name):
                    if key.rsplit("-", 1)[-1] == name:
                        yield entity

    def pick(self, kind: type[EntityT], key: str | None) -> EntityT | None:
        """Return the *kind* with the id *key*, or none where *key* is none."""
        return None if key is None else self.get(kind, key)

    def counts(self) -> dict[str, int]:
        """Return how many of each kind there are."""
        kinds = (User, Team, Project, Cycle, WorkflowState, IssueLabel, Issue, Comment)
        more = (IssueRelation, Attachment, ProjectStatus, ProjectMilestone)
        return {kind.__name__: len(self.every(kind)) for kind in (*kinds, *more)}


def touch(entity: Entity, now: datetime) -> None:
    """Note that *entity* was changed at *now*."""
    entity.updated_at = max(now, entity.updated_at)
