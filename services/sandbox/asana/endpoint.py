"""What an endpoint is: a path, what may be sent to it, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any, TypeVar

from services.sandbox.asana import errors
from services.sandbox.asana.index import SearchIndex
from services.sandbox.asana.records import Record
from services.sandbox.asana.store import EXTERNAL, Store
from services.sandbox.asana.task import Task

RecordT = TypeVar("RecordT", bound=Record)


@dataclass(frozen=True, slots=True)
class One:
    """One record, as asked for by itself."""

    record: Record


@dataclass(frozen=True, slots=True)
class Many:
    """A list of records."""

    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Plain:
    """Something that is no record."""

    content: Any


Result = One | Many | Plain
NOTHING = Plain({})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, checked against its endpoint.

    Attributes:
        store: What there is.
        index: What task search sees.
        now: When it came.
        oauth: Whether its token is an OAuth application's.
        free: Whether the organisation's plan is free.
        path: The path's parameters.
        query: The query's parameters.
        data: The body's ``data``.
    """

    store: Store
    index: SearchIndex
    now: datetime
    oauth: bool
    free: bool
    path: dict[str, str]
    query: dict[str, str]
    data: dict[str, Any]

    def at(self, kind: type[RecordT]) -> RecordT:
        """Return the *kind* that the path names.

        Raises:
            Refused: 404, there is none.
        """
        gid = self.path[f"{kind.resource_type}_gid"]
        if gid.startswith(EXTERNAL) and not self.oauth:
            raise errors.unknown(kind.resource_type, gid)
        return self.store.at(kind, gid)

    def named(self, kind: type[RecordT], name: str) -> RecordT | None:
        """Return the *kind* that the query's *name* gives, if it does.

        Raises:
            Refused: 400, there is no such *kind*.
        """
        return self.store.named(kind, self.query[name], name) if name in self.query else None

    def needed(self, kind: type[RecordT], name: str) -> RecordT:
        """Return the *kind* that the body's *name* must give.

        Raises:
            Refused: 400, it is missing or there is no such *kind*.
        """
        if self.data.get(name) is None:
            raise errors.missing(name)
        return self.store.named(kind, self.data[name], name)

    def changed(self, task: Task) -> None:
        """Note that *task* was changed."""
        task.modified_at = max(self.now, task.modified_at)
        self.index.note(task, self.now)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path.

    Attributes:
        method: HTTP method.
        path: With parameters in braces, as in the specification.
        run: Does it.
        shows: What its answer is made of, for ``opt_fields``; none: nothing, or of any kind.
        paged: Whether its list is given in pages.
        query: Parameters that may be sent, beside those that all have.
        query_prefixes: Beginnings of further ones.
        body: Fields of ``data`` that may be sent.
        read_only: Fields of ``data`` that exist but may not be sent.
        status: HTTP status of its answer.
    """

    method: str
    path: str
    run: Callable[[Asked], Result]
    shows: type[Record] | None = None
    _: KW_ONLY
    paged: bool = False
    query: frozenset[str] = frozenset()
    query_prefixes: tuple[str, ...] = ()
    body: frozenset[str] = frozenset()
    read_only: frozenset[str] = frozenset()
    status: int = 200

    @property
    def writes(self) -> bool:
        """Return whether it changes anything."""
        return self.method != "GET"

    @property
    def name(self) -> str:
        """Return what counts and faults call it: ``POST /tasks/{task_gid}/stories``."""
        return f"{self.method} {self.path}"
