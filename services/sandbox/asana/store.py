"""Asana's data: what the company keeps there, and what clients have written since."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from services.sandbox.asana import errors
from services.sandbox.asana.records import (
    CustomField,
    EnumOption,
    Project,
    Record,
    Section,
    Tag,
    Team,
    User,
    UserTaskList,
    Workspace,
)
from services.sandbox.asana.task import Story, Task

RecordT = TypeVar("RecordT", bound=Record)
FIRST_GID = 1_209_000_000_000_000
EXTERNAL = "external:"


@dataclass
class Store:
    """Every record by its gid, and the two that stand alone."""

    workspace: Workspace
    viewer: User
    records: dict[str, Record] = field(default_factory=dict)
    last_gid: int = FIRST_GID

    def new_gid(self) -> str:
        """Return a gid that nothing has; gids count, so the same start gives the same ones."""
        self.last_gid += 1
        return str(self.last_gid)

    def add(self, record: RecordT) -> RecordT:
        """Keep *record*."""
        self.records[record.gid] = record
        return record

    def every(self, kind: type[RecordT]) -> list[RecordT]:
        """Return all of one kind, oldest first."""
        return [record for record in self.records.values() if isinstance(record, kind)]

    def at(self, kind: type[RecordT], gid: str) -> RecordT:
        """Return the *kind* that a path names.

        Raises:
            Refused: 404, there is none.
        """
        found = self.find(kind, gid)
        if found is None:
            raise errors.unknown(kind.resource_type, gid)
        return found

    def named(self, kind: type[RecordT], gid: object, name: str) -> RecordT:
        """Return the *kind* that the parameter *name* gives.

        Raises:
            Refused: 400, there is none.
        """
        found = self.find(kind, gid) if isinstance(gid, str) else None
        if found is None:
            raise errors.unrecognized(name, gid)
        return found

    def find(self, kind: type[RecordT], gid: str) -> RecordT | None:
        """Return the *kind* called *gid*, if there is one.

        A person may be called ``me`` or by e-mail address, a task by ``external:KEY``.
        """
        found = self.records.get(gid)
        if isinstance(found, kind):
            return found
        for record in self.every(kind):
            if isinstance(record, User) and self._is(record, gid):
                return record
            if isinstance(record, Task) and _is_external(record, gid):
                return record
        return None

    def _is(self, user: User, name: str) -> bool:
        return user.email == name.lower() or (name == "me" and user is self.viewer)

    def counts(self) -> dict[str, int]:
        """Return how many of each kind there are."""
        kinds = (User, Team, Project, Section, Tag, Task, Story, CustomField, EnumOption)
        more = (UserTaskList, Workspace)
        return {kind.__name__: len(self.every(kind)) for kind in (*kinds, *more)}


def _is_external(task: Task, name: str) -> bool:
    return task.external is not None and name == f"{EXTERNAL}{task.external.get('gid')}"


def tell(store: Store, task: Task, kind: str, text: str, now: datetime) -> None:
    """Add to *task*'s stories what happened to it."""
    story = Story(
        gid=store.new_gid(),
        created_at=now,
        created_by=store.viewer,
        text=text,
        target=task,
        resource_subtype=kind,
        type="system",
        source="api",
    )
    task.stories.append(store.add(story))
