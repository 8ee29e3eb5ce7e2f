"""Where a task stands: Asana knows only ``completed``; the rest its section's name tells.

The rule (README.md tells it to users):

- a section whose name speaks of cancelling (Canceled, Won't do, Rejected, ...) makes a
  task ``canceled``, ticked or not
- else a completed task is ``done``
- else the section's name decides: ``backlog`` (Backlog, Later, Ideas, Inbox, ...),
  ``in_progress`` (In progress, Doing, Review, Blocked, and a done-like one whose task is
  not ticked), and anything else ``todo``
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, get_args

from kit.contract.tasks import Category, Status
from kit.errors import Invalid
from services.asana.errors import PROVIDER
from services.asana.models import Named, Task

_WORDS: Final[dict[Category, str]] = {
    "canceled": "cancel(?:l?ed)?|wo[n']+t (?:do|fix)|reject(?:ed)?|declined|dropped|abandoned",
    "todo": "not (?:yet )?started",
    "backlog": "backlog|icebox|someday|later|ideas?|inbox|triage|intake|requests?|parked",
    "in_progress": (
        "(?:in )?progress|doing|wip|active|started|ongoing|review(?:ing)?|test(?:ing)?|qa"
        "|blocked|waiting|on hold"
    ),
    "done": "done|complete(?:d)?|closed|finished|shipped|released|resolved|live",
}
_FAMILIES: Final = {category: re.compile(rf"\b(?:{words})\b") for category, words in _WORDS.items()}
_NO_SECTION: Final = frozenset({"untitled section", "(no section)", "no section", ""})
_FINISHED: Final = frozenset({"done", "canceled"})
_SYNONYMS: Final[dict[str, Category]] = {
    "complete": "done",
    "completed": "done",
    "cancelled": "canceled",
    "open": "todo",
    "incomplete": "todo",
    "to do": "todo",
    "in progress": "in_progress",
}


class Move(NamedTuple):
    """What makes a task stand where it shall.

    Attributes:
        section: The section to move to; none: it stays.
        completed: The tick.
    """

    section: str | None
    completed: bool


def of(task: Task) -> Status:
    """Return the status of *task*: its name for people, and the family it belongs to."""
    section = section_of(task)
    name = section.name if section else None
    category = category_of(name, completed=task.completed)
    if name is None or (task.completed and _family(name) not in _FINISHED):
        name = "Completed" if task.completed else "Incomplete"
    return Status(name=name, category=category)


def section_of(task: Task) -> Named | None:
    """Return the section that *task* stands in, in the first of its projects."""
    section = task.memberships[0].section if task.memberships else None
    return None if section is None or section.name.casefold() in _NO_SECTION else section


def category_of(section: str | None, *, completed: bool) -> Category:
    """Return the family of a task in *section* (a name; none: in no section)."""
    family = _family(section) if section else None
    if family == "canceled":
        return "canceled"
    if completed:
        return "done"
    if family == "done":
        return "in_progress"
    return family or "todo"


def _family(section: str) -> Category | None:
    name = section.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return next((category for category, words in _FAMILIES.items() if words.search(name)), None)


def _fits(section: Named | None, family: Category) -> bool:
    return ((_family(section.name) if section else None) or "todo") == family


def move(wanted: str, task: Task, sections: Sequence[Named], *, field: str) -> Move:
    """Return what gives *task* the status *wanted*.

    Args:
        wanted: A section's name, or a family: backlog, todo, in_progress, done, canceled.
        task: As it stands now.
        sections: Of its project, in their order.
        field: The argument to name when it cannot be had.

    Raises:
        Invalid: no section is called so or belongs to that family; names those there are.
    """
    text = wanted.strip().casefold()
    named = [each for each in sections if each.name.casefold() == text]
    if named:
        return Move(named[0].gid, _family(named[0].name) in _FINISHED)
    family = _SYNONYMS.get(text.replace("_", " ")) or next(
        (each for each in get_args(Category) if each == text), None
    )
    if family == "done":
        return Move(None, completed=True)
    here = section_of(task)
    finished = family == "canceled"
    if family and _fits(here, family):
        return Move(None, finished)
    for section in sections:
        if family and _fits(section, family):
            return Move(section.gid, finished)
    names = ", ".join(repr(each.name) for each in sections) or "none: it is in no project"
    raise Invalid(
        f"{wanted!r} is no status of this task; its sections: {names}; or done, todo",
        provider=PROVIDER,
        field=field,
    )
