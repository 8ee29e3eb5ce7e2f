"""What tasks are searched for: as Asana's parameters, and as our own test of a task. All pure."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from services.asana import models, status
from services.asana.queries import instant

StatusFilter = Literal["open", "done", "any"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """All of them hold together; names are resolved to gids.

    Attributes:
        text: Words in the name or the notes.
        assignee: A person.
        project: A project.
        section: A section.
        tags: Every one of these tags.
        state: ``open`` is neither done nor canceled, ``done`` is done.
        due_before: Due earlier than that day.
        due_after: Due later than that day.
        updated_after: Changed later than that.
    """

    text: str | None = None
    assignee: str | None = None
    project: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    state: StatusFilter = "any"
    due_before: date | None = None
    due_after: date | None = None
    updated_after: datetime | None = None

    @property
    def listable(self) -> bool:
        """Whether Asana has a list that holds every match, beside its search."""
        return bool(self.project or self.section or self.assignee or self.tags)


def parameters(wanted: Conditions) -> dict[str, Any]:
    """Return *wanted* as parameters of Asana's search.

    Asana does not say whether ``before`` and ``after`` include the day itself; ``matches``
    decides, so the parameters ask for no less.
    """
    section = wanted.section
    return {
        "text": wanted.text,
        "assignee.any": wanted.assignee,
        # with both, Asana finds what is in either: asana_oas.yaml, search
        "projects.any": None if section else wanted.project,
        "sections.any": section,
        "tags.all": ",".join(wanted.tags) or None,
        "completed": {"open": "false", "done": "true", "any": None}[wanted.state],
        "due_on.before": _day(wanted.due_before, 1),
        "due_on.after": _day(wanted.due_after, -1),
        "modified_at.after": wanted.updated_after and instant(wanted.updated_after),
    }


def _day(day: date | None, by: int) -> str | None:
    return None if day is None else date.fromordinal(day.toordinal() + by).isoformat()


def matches(wanted: Conditions, task: models.Task, *, text: bool = True) -> bool:
    """Say whether *task* meets *wanted*.

    Args:
        wanted: The conditions.
        task: With the fields that ``queries.TASK_NOTES`` asks for.
        text: Test the words too; the search has its own, better idea of them.
    """
    return (
        _placed(wanted, task)
        and _dated(wanted, task)
        and _stands(wanted.state, task)
        and (not text or _tells(wanted.text, task))
    )


def _placed(wanted: Conditions, task: models.Task) -> bool:
    sections = {each.section.gid for each in task.memberships if each.section}
    projects = {each.gid for each in task.projects}
    projects |= {each.project.gid for each in task.memberships if each.project}
    return (
        (wanted.assignee is None or (task.assignee and task.assignee.gid) == wanted.assignee)
        and (wanted.project is None or wanted.project in projects)
        and (wanted.section is None or wanted.section in sections)
        and set(wanted.tags) <= {tag.gid for tag in task.tags}
    )


def _dated(wanted: Conditions, task: models.Task) -> bool:
    due, changed = task.due_on, task.modified_at
    return (
        (wanted.due_before is None or (due is not None and due < wanted.due_before))
        and (wanted.due_after is None or (due is not None and due > wanted.due_after))
        and (wanted.updated_after is None or changed > wanted.updated_after)
    )


def _stands(state: StatusFilter, task: models.Task) -> bool:
    if state == "any":
        return True
    category = status.of(task).category
    return category == "done" if state == "done" else category not in {"done", "canceled"}


def _tells(words: str | None, task: models.Task) -> bool:
    told = f"{task.name}\n{task.notes}".casefold()
    return all(word in told for word in (words or "").casefold().split())
