"""Task search and typeahead."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from services.sandbox.asana import errors, fields, params
from services.sandbox.asana.endpoint import Asked, Endpoint, Many
from services.sandbox.asana.records import (
    CustomField,
    Project,
    Record,
    Section,
    Tag,
    Team,
    User,
    Workspace,
)
from services.sandbox.asana.task import Task

MOST = 100
DEFAULT = 20
_Keep = Callable[[Task], bool]


def _set_of(read: Callable[[Task], Iterable[Record | None]]) -> Callable[[Task], set[str]]:
    return lambda task: {record.gid for record in read(task) if record}


_SETS: dict[str, tuple[type[Record], Callable[[Task], set[str]]]] = {
    "assignee": (User, _set_of(lambda task: [task.assignee])),
    "assigned_by": (User, _set_of(lambda task: [task.assigned_by])),
    "created_by": (User, _set_of(lambda task: [task.created_by])),
    "followers": (User, _set_of(lambda task: task.followers)),
    "projects": (Project, _set_of(lambda task: task.projects)),
    "sections": (Section, _set_of(lambda task: [each.section for each in task.memberships])),
    "tags": (Tag, _set_of(lambda task: task.tags)),
    "teams": (Team, _set_of(lambda task: [project.team for project in task.projects])),
}
_OPERATORS = {
    "assignee": ("any", "not"),
    "assigned_by": ("any", "not"),
    "created_by": ("any", "not"),
    "followers": ("any", "not"),
    "projects": ("any", "not", "all"),
    "sections": ("any", "not", "all"),
    "tags": ("any", "not", "all"),
    "teams": ("any",),
}
_TIMES = ("created", "completed", "modified")
_FLAGS: dict[str, _Keep] = {
    "completed": lambda task: task.completed,
    "has_attachment": lambda _: False,
    "is_blocked": lambda task: any(not other.completed for other in task.dependencies),
    "is_blocking": lambda task: bool(task.dependents) and not task.completed,
    "is_subtask": lambda task: task.parent is not None,
}
_SORTS: dict[str, Callable[[Task], Any]] = {
    "due_date": lambda task: (task.due_on is not None, task.due_on),
    "created_at": lambda task: task.created_at,
    "completed_at": lambda task: (task.completed_at is not None, task.completed_at),
    "likes": lambda task: task.num_likes,
    "modified_at": lambda task: task.modified_at,
    "relevance": lambda task: task.modified_at,
}


def _search(asked: Asked) -> Many:
    asked.at(Workspace)
    if asked.free:
        raise errors.payment_required()
    keeps = list(_keeps(asked))
    limit = params.whole("limit", asked.query.get("limit", str(DEFAULT)), 1, MOST)
    by = asked.query.get("sort_by", "modified_at")
    if by not in _SORTS:
        raise errors.wrong("sort_by", f"Must be one of {', '.join(_SORTS)}: {by}")
    upwards = params.boolean("sort_ascending", asked.query.get("sort_ascending", "false"))
    found = [
        seen for seen in asked.index.seen(asked.now) if all(keep(seen.known_as) for keep in keeps)
    ]
    found.sort(key=lambda seen: (_SORTS[by](seen.known_as), seen.task.gid), reverse=not upwards)
    return Many([seen.task for seen in found[:limit]])


def _keeps(asked: Asked) -> Iterable[_Keep]:
    """Yield a test a parameter.

    Raises:
        Refused: a value does not fit.
    """
    for name, value in asked.query.items():
        subject, _, operator = name.partition(".")
        if name == "text":
            yield _says(value)
        elif name == "resource_subtype":
            yield lambda task, value=value: task.resource_subtype == value  # type: ignore[misc] # the loop's value
        elif subject in _SETS:
            yield _among(asked, subject, operator, params.listed(name, value))
        elif subject == "custom_fields":
            yield _chosen(asked, operator, value)
        elif name in _FLAGS:
            flag = params.boolean(name, value)
            yield lambda task, test=_FLAGS[name], flag=flag: test(task) is flag  # type: ignore[misc] # the loop's values
        elif subject.endswith(("_on", "_at")):
            yield _dated(subject, operator, name, value)


def _says(text: str) -> _Keep:
    words = text.lower().split()

    def keep(task: Task) -> bool:
        stories = " ".join(story.text for story in task.stories if story.type == "comment")
        content = f"{task.name} {task.notes} {stories}".lower()
        return all(word in content for word in words)

    return keep


def _among(asked: Asked, subject: str, operator: str, gids: Sequence[str]) -> _Keep:
    kind, read = _SETS[subject]
    name = f"{subject}.{operator}"
    wanted = {asked.store.named(kind, gid, name).gid for gid in gids if gid != "null"}
    nothing = "null" in gids  # assignee.any=null: nobody's

    def keep(task: Task) -> bool:
        has = read(task)
        if operator == "all":
            return wanted <= has
        met = bool(wanted & has) or (nothing and not has)
        return met if operator == "any" else not met

    return keep


def _dated(subject: str, operator: str, name: str, value: str) -> _Keep:
    """Compare a date or a time; ``_on`` looks only at the day."""
    by_day = subject.endswith("_on")
    limit: Any = None if value == "null" else (params.day if by_day else params.moment)(name, value)
    stem = subject.rsplit("_", 1)[0]

    def keep(task: Task) -> bool:
        has: Any = getattr(task, f"{stem}_at" if stem in _TIMES else subject)
        if isinstance(has, datetime) and by_day:
            has = has.date()
        if operator == "before":
            return _both(has, limit) and has < limit
        if operator == "after":
            return _both(has, limit) and has > limit
        return bool(has == limit)

    return keep


def _both(has: date | None, limit: date | None) -> bool:
    return has is not None and limit is not None


def _chosen(asked: Asked, operator: str, value: str) -> _Keep:
    gid, _, test = operator.partition(".")
    asked.store.named(CustomField, gid, "custom_fields")
    if test == "is_set":
        wanted = params.boolean("is_set", value)
        return lambda task: (_choice(task, gid) is not None) is wanted
    if test != "value":
        raise errors.wrong(f"custom_fields.{operator}", "Only value and is_set fit this field")
    return lambda task: _choice(task, gid) == value


def _choice(task: Task, field_gid: str) -> str | None:
    """Return the gid of what *task* has in a custom field of one of its projects."""
    values = (value for value in task.custom_fields if value.gid == field_gid)
    return next((value.enum_value.gid for value in values if value.enum_value), None)


_TYPEAHEAD: dict[str, type[Record]] = {
    "custom_field": CustomField,
    "project": Project,
    "tag": Tag,
    "task": Task,
    "team": Team,
    "user": User,
}


def _typeahead(asked: Asked) -> Many:
    asked.at(Workspace)
    wanted = asked.query.get("resource_type") or asked.query.get("type")
    if wanted is None:
        raise errors.missing("resource_type")
    if wanted not in _TYPEAHEAD:
        raise errors.wrong("resource_type", f"Must be one of {', '.join(_TYPEAHEAD)}: {wanted}")
    if "opt_fields" in asked.query:
        fields.check(
            _TYPEAHEAD[wanted], fields.tree(params.listed("opt_fields", asked.query["opt_fields"]))
        )
    given = asked.query.get("count") or asked.query.get("limit") or str(DEFAULT)
    count = params.whole("count", given, 1, MOST)  # Asana's own SDK sends a limit
    words = asked.query.get("query", "").lower().split()
    found: list[Any] = list(asked.store.every(_TYPEAHEAD[wanted]))
    found = [each for each in found if all(word in each.name.lower() for word in words)]
    if wanted == "task":  # what the user worked on comes first
        found.sort(key=lambda task: (not task.completed, task.modified_at), reverse=True)
    return Many(found[:count])


_PARAMETERS = frozenset(
    {
        "text",
        "resource_subtype",
        "limit",
        "sort_by",
        "sort_ascending",
        *_FLAGS,
        *(f"{subject}.{each}" for subject, known in _OPERATORS.items() for each in known),
        *(
            f"{subject}{operator}"
            for subject in ("due_on", "start_on", *(f"{stem}_on" for stem in _TIMES))
            for operator in ("", ".before", ".after")
        ),
        *(
            f"{subject}{operator}"
            for subject in ("due_at", *(f"{stem}_at" for stem in _TIMES))
            for operator in (".before", ".after")
        ),
    }
)

ENDPOINTS = (
    Endpoint(
        "GET",
        "/workspaces/{workspace_gid}/tasks/search",
        _search,
        Task,
        query=_PARAMETERS,
        query_prefixes=("custom_fields.",),
    ),
    Endpoint(
        "GET",
        "/workspaces/{workspace_gid}/typeahead",
        _typeahead,
        query=frozenset({"resource_type", "type", "query", "count", "limit"}),
    ),
)
