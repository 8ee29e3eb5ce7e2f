"""Making and changing a task: everything is read and looked up before anything is changed."""

from collections.abc import Callable
from typing import Any

from services.sandbox.asana import errors, params
from services.sandbox.asana.endpoint import Asked
from services.sandbox.asana.membership import place
from services.sandbox.asana.records import (
    CustomField,
    EnumOption,
    Project,
    Section,
    Tag,
    User,
    Workspace,
)
from services.sandbox.asana.store import tell
from services.sandbox.asana.task import Task
from services.sandbox.asana.texts import markup, text_of

WRITABLE = frozenset(
    {
        "assignee",
        "assignee_status",
        "completed",
        "custom_fields",
        "due_at",
        "due_on",
        "external",
        "html_notes",
        "liked",
        "name",
        "notes",
        "resource_subtype",
        "start_at",
        "start_on",
    }
)
CREATABLE = WRITABLE | {"followers", "memberships", "parent", "projects", "tags", "workspace"}
READ_ONLY = (frozenset({*Task.FULL, *Task.OPTIONAL}) | CREATABLE) - WRITABLE

_SUBTYPES = ("default_task", "milestone")
_READERS: dict[str, Callable[[str, Any], Any]] = {
    "assignee_status": params.text,
    "completed": params.boolean,
    "due_at": params.moment,
    "due_on": params.day,
    "liked": params.boolean,
    "name": params.text,
    "resource_subtype": params.text,
    "start_at": params.moment,
    "start_on": params.day,
}
_NULLABLE = {"due_at", "due_on", "start_at", "start_on"}


def created(asked: Asked, parent: Task | None = None) -> Task:
    """Return a new, kept task of the body's ``data``.

    Raises:
        Refused: something does not fit; nothing was made.
    """
    store, given = asked.store, asked.data
    if given.get("parent"):
        parent = asked.needed(Task, "parent")
    if given.get("workspace"):
        asked.needed(Workspace, "workspace")
    sections = _sections(asked)
    tags = [store.named(Tag, gid, "tags") for gid in params.listed("tags", given.get("tags", []))]
    followers = params.listed("followers", given.get("followers", []))
    people = [store.named(User, each, "followers") for each in followers]
    if not (given.get("workspace") or sections or parent):
        raise errors.Refused(400, "You should specify one of workspace, parent, projects")
    task = Task(
        gid="",
        name="",
        workspace=store.workspace,
        created_at=asked.now,
        modified_at=asked.now,
        created_by=store.viewer,
        parent=parent,
    )
    apply = _read(asked, task)
    task.gid = store.new_gid()
    store.add(task)
    for section in sections:
        place(task, section)
    for tag in tags:
        task.tags.append(tag)
        tag.tasks.append(task)
    if parent:
        parent.subtasks.append(task)
    own = [store.viewer] if store.viewer not in people else []
    task.followers = [*own, *people]
    apply()
    asked.changed(task)
    return task


def update(asked: Asked, task: Task) -> None:
    """Change *task* by the body's ``data``.

    Raises:
        Refused: something does not fit; nothing was changed.
    """
    _read(asked, task)()
    asked.changed(task)


def _sections(asked: Asked) -> list[Section]:
    """Return where the new task is to be: the first section of a project, or the one given."""
    found: dict[str, Section] = {}
    for gid in params.listed("projects", asked.data.get("projects", [])):
        project = asked.store.named(Project, gid, "projects")
        found[project.gid] = project.sections[0]
    memberships = asked.data.get("memberships", [])
    if not isinstance(memberships, list):
        raise errors.wrong("memberships", "Not an array")
    for each in memberships:
        if not isinstance(each, dict) or each.keys() - {"project", "section"}:
            raise errors.wrong("memberships", "Each must have a project and a section")
        project = asked.store.named(Project, each.get("project"), "memberships.project")
        section = project.sections[0]
        if each.get("section"):
            section = asked.store.named(Section, each["section"], "memberships.section")
        if section.project is not project:
            raise errors.wrong("memberships.section", "Must be a section of the project")
        found[project.gid] = section
    return list(found.values())


def _read(asked: Asked, task: Task) -> Callable[[], None]:
    """Return what changes *task*, with nothing left that could fail."""
    given = asked.data
    plain = {
        name: None if given[name] is None and name in _NULLABLE else read(name, given[name])
        for name, read in _READERS.items()
        if name in given
    }
    if plain.get("resource_subtype", "default_task") not in _SUBTYPES:
        raise errors.wrong("resource_subtype", f"Must be one of {', '.join(_SUBTYPES)}")
    if given.get("due_on") and given.get("due_at"):
        raise errors.Refused(400, "You may only provide one of due_on or due_at")
    plain.update(_notes(given))
    if "due_at" in plain:
        plain["due_on"] = plain["due_at"].date() if plain["due_at"] else None
    elif "due_on" in plain:
        plain["due_at"] = None
    if "assignee" in given:
        plain["assignee"] = asked.needed(User, "assignee") if given["assignee"] else None
        plain["assigned_by"] = asked.store.viewer if given["assignee"] else None
    if given.get("external") is not None:
        plain["external"] = {**(task.external or {}), **_external(asked, task)}
    choices = {**task.choices, **_choices(asked)}
    plain["choices"] = {gid: option for gid, option in choices.items() if option}

    def apply() -> None:
        was_completed, was_assignee = task.completed, task.assignee
        for name, value in plain.items():
            setattr(task, name, value)
        _record(asked, task, was_completed=was_completed, was_assignee=was_assignee)

    return apply


def _notes(given: dict[str, Any]) -> dict[str, str | None]:
    """Return both forms of the notes, where one of them is given."""
    if "html_notes" in given:
        html = markup("html_notes", given["html_notes"])
        return {"html": html, "notes": text_of(html)}
    if "notes" in given:
        return {"html": None, "notes": params.text("notes", given["notes"])}
    return {}


def _record(asked: Asked, task: Task, *, was_completed: bool, was_assignee: User | None) -> None:
    """Stamp and tell what the change meant."""
    viewer = asked.store.viewer
    if task.completed is not was_completed:
        task.completed_at = asked.now if task.completed else None
        task.completed_by = viewer if task.completed else None
        kind = "marked_complete" if task.completed else "marked_incomplete"
        what = "completed" if task.completed else "marked incomplete"
        tell(asked.store, task, kind, f"{viewer.name} {what} this task", asked.now)
    if task.assignee is not was_assignee:
        if task.assignee:
            if task.assignee not in task.followers:
                task.followers.append(task.assignee)
            text = f"{viewer.name} assigned to {task.assignee.name}"
            tell(asked.store, task, "assigned", text, asked.now)
        else:
            tell(asked.store, task, "unassigned", f"{viewer.name} unassigned", asked.now)


def _choices(asked: Asked) -> dict[str, EnumOption | None]:
    given = asked.data.get("custom_fields") or {}
    if not isinstance(given, dict):
        raise errors.wrong("custom_fields", "Not an object")
    found: dict[str, EnumOption | None] = {}
    for gid, value in given.items():
        field = asked.store.named(CustomField, gid, "custom_fields")
        option = asked.store.named(EnumOption, value, f"custom_fields.{gid}") if value else None
        if option and option not in field.enum_options:
            raise errors.unrecognized(f"custom_fields.{gid}", value)
        found[gid] = option
    return found


def _external(asked: Asked, task: Task) -> dict[str, str]:
    given = asked.data["external"]
    if not asked.oauth:
        raise errors.Refused(403, "external: Only OAuth applications may read or write this")
    if not isinstance(given, dict) or given.keys() - {"gid", "data"}:
        raise errors.wrong("external", "May have gid and data")
    read = {name: params.text(f"external.{name}", value) for name, value in given.items()}
    holder = asked.store.find(Task, f"external:{read['gid']}") if "gid" in read else None
    if holder not in (None, task):
        raise errors.wrong("external.gid", f"Already in use: {read['gid']}")
    return read
