"""Arguments, in which things go by name, as conditions, drafts and changes, where by gid."""

from typing import Any

from kit.contract import tasks
from kit.contract.refs import Ref
from kit.errors import Invalid
from services.asana.arguments import SaveTask, SearchTasks
from services.asana.conditions import Conditions
from services.asana.drafts import KEEP, Change, Draft, need_place
from services.asana.errors import PROVIDER
from services.asana.gids import task_gid
from services.asana.names import Names


async def sought(names: Names, given: tasks.Search) -> Conditions | None:
    """Return the contract's search; None: it names someone or a label that is not in Asana."""
    assignee = None if given.assignee is None else await names.known_user(given.assignee)
    labels = [await names.known_tag(label) for label in given.labels]
    if (given.assignee is not None and assignee is None) or None in labels:
        return None
    return Conditions(
        text=given.query,
        assignee=assignee,
        project=given.project_ref and await names.project(given.project_ref, "project_ref"),
        tags=tuple(label for label in labels if label),
        state=given.status,
        due_before=given.due_before,
        updated_after=given.updated_after,
    )


async def searched(names: Names, given: SearchTasks) -> Conditions:
    """Return the native search.

    Raises:
        Invalid: a name that is not in Asana, or a section of no project.
    """
    project = given.project and await names.project(given.project)
    section = given.section
    if section is not None:
        if project is None:
            raise Invalid("section: name its project too", provider=PROVIDER, field="section")
        section = await names.section(project, section)
    return Conditions(
        text=given.query,
        assignee=given.assignee and await names.user(given.assignee),
        project=project,
        section=section,
        tags=tuple([await names.tag(tag) for tag in given.tags]),
        state=given.status,
        due_before=given.due_before,
        due_after=given.due_after,
        updated_after=given.updated_after,
    )


async def created(names: Names, given: tasks.Create, default_project: str | None) -> Draft:
    """Return the contract's new task.

    Raises:
        Invalid: a name that is not in Asana, or nowhere to put it.
    """
    project = None
    if given.container_ref is not None:
        if Ref.parse(given.container_ref, field="container_ref").kind != "project":
            raise Invalid(
                "container_ref: Asana keeps tasks in projects: project:asana:<gid or name>",
                provider=PROVIDER,
                field="container_ref",
            )
        project = await names.project(given.container_ref, "container_ref")
    elif given.parent_ref is None and default_project is not None:
        project = await names.project(default_project, "container_ref")
    draft = Draft(
        name=given.title,
        notes=given.description_md or "",
        project=project,
        assignee=given.assignee and await names.user(given.assignee),
        due_on=given.due_on,
        tags=tuple([await names.tag(label, "labels") for label in given.labels]),
        parent=given.parent_ref and task_gid(given.parent_ref, "parent_ref"),
        priority=given.priority or None,
    )
    need_place(draft, "container_ref")
    return draft


async def updated(names: Names, given: tasks.Update) -> Change:
    """Return the contract's changes; what was given as null is cleared.

    Raises:
        Invalid: a name that is not in Asana, or null where something must be.
    """
    wanted = given.set
    asked = wanted.model_fields_set
    for name in ("title", "status"):
        if name in asked and getattr(wanted, name) is None:
            raise Invalid(
                f"set.{name}: it cannot be cleared", provider=PROVIDER, field=f"set.{name}"
            )
    values: dict[str, Any] = {}
    if "title" in asked:
        values["name"] = wanted.title
    if "assignee" in asked:
        person = wanted.assignee
        values["assignee"] = person and await names.user(person, "set.assignee")
    if "due_on" in asked:
        values["due_on"] = wanted.due_on and wanted.due_on.isoformat()
    parent = wanted.parent_ref and task_gid(wanted.parent_ref, "set.parent_ref")
    project = wanted.project_ref and await names.project(wanted.project_ref, "set.project_ref")
    return Change(
        values=values,
        notes=wanted.description_md or "" if "description_md" in asked else KEEP,
        status=wanted.status,
        within="set.",
        into=project,
        leave="project_ref" in asked,
        parent=parent if "parent_ref" in asked else KEEP,
        add_tags=tuple([await names.tag(each, "add_labels") for each in given.add_labels]),
        remove_tags=tuple([await names.tag(each, "remove_labels") for each in given.remove_labels]),
        priority=wanted.priority or 0 if "priority" in asked else None,
        unchanged_since=given.if_updated_at,
    )


async def drafted(names: Names, given: SaveTask, default_project: str | None) -> Draft:
    """Return the native tool's new task.

    Raises:
        Invalid: no name, a name that is not in Asana, or nowhere to put it.
    """
    if given.name is None:
        raise Invalid("name: a new task needs one", provider=PROVIDER, field="name")
    if given.completed:
        raise Invalid("completed: a new task is not done yet", provider=PROVIDER, field="completed")
    project = given.project
    if project is None and given.parent is None:
        project = default_project
    draft = Draft(
        name=given.name,
        notes=given.notes or "",
        project=project and await names.project(project),
        section=given.section,
        assignee=given.assignee and await names.user(given.assignee),
        due_on=given.due_on,
        tags=tuple([await names.tag(tag, "add_tags") for tag in given.add_tags]),
        followers=tuple([await names.user(each, "followers") for each in given.followers]),
        parent=given.parent and task_gid(given.parent, "parent"),
        blocked_by=tuple(task_gid(each, "blocked_by") for each in given.blocked_by),
        custom_fields=given.custom_fields,
    )
    need_place(draft, "project")
    return draft


async def changed(names: Names, given: SaveTask) -> Change:
    """Return the native tool's changes; ``clear`` clears.

    Raises:
        Invalid: a name that is not in Asana.
    """
    values: dict[str, Any] = {
        "name": given.name,
        "assignee": given.assignee and await names.user(given.assignee),
        "due_on": given.due_on and given.due_on.isoformat(),
        "completed": given.completed,
    }
    values = {name: value for name, value in values.items() if value is not None}
    values |= {name: None for name in given.clear if name in {"assignee", "due_on"}}
    parent = KEEP if given.parent is None else task_gid(given.parent, "parent")
    notes = KEEP if given.notes is None else given.notes
    leave = given.remove_project
    return Change(
        values=values,
        notes="" if "notes" in given.clear else notes,
        into=given.project and await names.project(given.project),
        out_of=leave and await names.project(leave, "remove_project"),
        section=given.section,
        parent=None if "parent" in given.clear else parent,
        add_tags=tuple([await names.tag(tag, "add_tags") for tag in given.add_tags]),
        remove_tags=tuple([await names.tag(tag, "remove_tags") for tag in given.remove_tags]),
        followers=tuple([await names.user(each, "followers") for each in given.followers]),
        blocked_by=tuple(task_gid(each, "blocked_by") for each in given.blocked_by),
        custom_fields=given.custom_fields,
    )
