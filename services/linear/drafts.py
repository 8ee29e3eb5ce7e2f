"""What is to be set on an issue, in names; resolved into Linear's inputs."""

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Self

from kit.contract import tasks
from kit.errors import Invalid
from services.linear.arguments import SaveIssue
from services.linear.client import Json
from services.linear.errors import VENDOR
from services.linear.mapping import native_id
from services.linear.names import Names

_INPUTS: Final = {  # our name -> Linear's
    "title": "title",
    "description": "description",
    "priority": "priority",
    "estimate": "estimate",
    "due_date": "dueDate",
    "state": "stateId",
    "assignee": "assigneeId",
    "project": "projectId",
    "milestone": "projectMilestoneId",
    "cycle": "cycleId",
    "parent": "parentId",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """Fields of an issue as people name them; None is left as it is.

    Attributes:
        clear: Fields to empty.
        called: What the caller calls a field, for messages, where it differs.
    """

    title: str | None = None
    description: str | None = None
    state: str | None = None
    assignee: str | None = None
    priority: int | None = None
    estimate: int | None = None
    due_date: date | None = None
    project: str | None = None
    milestone: str | None = None
    cycle: str | None = None
    parent: str | None = None
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()
    called: dict[str, str] = field(default_factory=dict)

    @classmethod
    def saved(cls, given: SaveIssue) -> Self:
        """Return what Linear's own tool asks for."""
        both = [name for name in given.clear if getattr(given, name) is not None]
        if both:
            raise Invalid(f"{both[0]} is both set and cleared", provider=VENDOR, field="clear")
        names = [name for name in cls.__dataclass_fields__ if name != "called"]
        return cls(**{name: getattr(given, name) for name in names})

    @classmethod
    def created(cls, given: tasks.Create, project: str | None) -> Self:
        """Return what the contract's create asks for, in *project* (an id) if any."""
        parent = given.parent_ref
        return cls(
            title=given.title,
            description=given.description_md,
            assignee=given.assignee,
            due_date=given.due_on,
            priority=given.priority,
            project=project,
            parent=parent and native_id(parent, "task", field="parent_ref"),
            add_labels=given.labels,
            called={"add_labels": "labels"},
        )

    @classmethod
    def updated(cls, given: tasks.Update) -> Self:
        """Return what the contract's update asks for: null clears, what is absent stays."""
        changes = given.set
        project, parent = changes.project_ref, changes.parent_ref
        ours = {
            "title": "title",
            "description_md": "description",
            "status": "state",
            "assignee": "assignee",
            "due_on": "due_date",
            "priority": "priority",
            "project_ref": "project",
            "parent_ref": "parent",
        }
        cleared = {
            ours[name] for name in changes.model_fields_set if getattr(changes, name) is None
        }
        for name in cleared & {"title", "state"}:
            told = "status" if name == "state" else name
            raise Invalid(f"{told} cannot be empty", provider=VENDOR, field=f"set.{told}")
        return cls(
            title=changes.title,
            description=changes.description_md,
            state=changes.status,
            assignee=changes.assignee,
            due_date=changes.due_on,
            priority=0 if "priority" in cleared else changes.priority,
            project=project and native_id(project, "project", field="set.project_ref"),
            parent=parent and native_id(parent, "task", field="set.parent_ref"),
            add_labels=given.add_labels,
            remove_labels=given.remove_labels,
            clear=tuple(sorted(cleared - {"priority"})),
            called={name: f"set.{theirs}" for theirs, name in ours.items()},
        )

    def field(self, name: str) -> str:
        """Return what the caller calls *name*."""
        return self.called.get(name, name)


async def resolved(draft: Draft, names: Names, team_id: str, project_id: str | None) -> Json:
    """Return Linear's input fields for *draft* on an issue of that team (and project).

    Raises:
        Invalid: a name is unknown or fits several things.
    """
    plain = {"title", "description", "priority", "estimate", "parent"}
    values: Json = {name: getattr(draft, name) for name in plain}
    if draft.due_date is not None:
        values["due_date"] = draft.due_date.isoformat()
    if draft.state is not None:
        values["state"] = (await names.state(team_id, draft.state, draft.field("state"))).id
    if draft.assignee is not None:
        values["assignee"] = (await names.person(draft.assignee, draft.field("assignee"))).id
    if draft.project is not None:
        project_id = (await names.project(draft.project, draft.field("project"))).id
        values["project"] = project_id
    if draft.milestone is not None:
        if project_id is None:
            message = "a milestone belongs to a project: name the project"
            raise Invalid(message, provider=VENDOR, field="milestone")
        values["milestone"] = (await names.milestone(project_id, draft.milestone)).id
    if draft.cycle is not None:
        values["cycle"] = (await names.cycle(team_id, draft.cycle)).id
    given = {_INPUTS[name]: value for name, value in values.items() if value is not None}
    given |= {_INPUTS[name]: "" if name == "description" else None for name in draft.clear}
    for labels, called in (
        (draft.add_labels, "add_labels"),
        (draft.remove_labels, "remove_labels"),
    ):
        if labels:
            linears = "addedLabelIds" if called == "add_labels" else "removedLabelIds"
            given[linears] = await names.label_ids(labels, team_id, draft.field(called))
    return given
