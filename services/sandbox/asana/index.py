"""What task search sees: the tasks as they were a while ago."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.sandbox.asana.store import Store
from services.sandbox.asana.task import Task


@dataclass(frozen=True, slots=True)
class Seen:
    """A task, and how search knows it."""

    task: Task
    known_as: Task


class SearchIndex:
    """The index that Asana fills 10 to 60 seconds late; here as late as it is told to.

    Args:
        store: The tasks as they are.
        lag_seconds: How late a change is seen; 0: at once.
    """

    def __init__(self, store: Store, lag_seconds: float) -> None:
        self._store = store
        self._lag = timedelta(seconds=lag_seconds)
        self._versions: dict[str, list[tuple[datetime, Task]]] = {}
        if self._lag:
            for task in store.every(Task):
                self._versions[task.gid] = [(task.modified_at - self._lag, _as_is(task))]

    def note(self, task: Task, now: datetime) -> None:
        """Remember how *task* is now, after it was made or changed."""
        if self._lag:
            self._versions.setdefault(task.gid, []).append((now, _as_is(task)))

    def seen(self, now: datetime) -> Iterator[Seen]:
        """Return what search knows at *now*."""
        for task in self._store.every(Task):
            if not self._lag:
                yield Seen(task, task)
                continue
            old = [each for at, each in self._versions.get(task.gid, ()) if at <= now - self._lag]
            if old:
                yield Seen(task, old[-1])


def _as_is(task: Task) -> Task:
    """Return a copy of *task* whose lists do not change with it."""
    kept = copy(task)
    for name, value in vars(task).items():
        if isinstance(value, list | dict):
            setattr(kept, name, value.copy())
    return kept
