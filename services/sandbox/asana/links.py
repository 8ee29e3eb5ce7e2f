"""What ties a task to projects, sections, tags, people and other tasks."""

from services.sandbox.asana import errors, params
from services.sandbox.asana.endpoint import NOTHING, Asked, Endpoint, Many, One, Result
from services.sandbox.asana.membership import drop, insert
from services.sandbox.asana.records import Project, Section, Tag, User
from services.sandbox.asana.task import Task

MOST_DEPENDENCIES = 30


def _add_project(asked: Asked) -> Result:
    task, project = asked.at(Task), asked.needed(Project, "project")
    section = asked.needed(Section, "section") if asked.data.get("section") else None
    if section and section.project is not project:
        raise errors.wrong("section", "Must be a section of the project")
    here = [each.section for each in task.memberships if each.project is project]
    insert(asked, task, section or (here or project.sections)[0])
    asked.changed(task)
    return NOTHING


def _remove_project(asked: Asked) -> Result:
    task = asked.at(Task)
    drop(task, asked.needed(Project, "project"))
    asked.changed(task)
    return NOTHING


def _add_to_section(asked: Asked) -> Result:
    task = asked.needed(Task, "task")
    insert(asked, task, asked.at(Section))
    asked.changed(task)
    return NOTHING


def _add_tag(asked: Asked) -> Result:
    task, tag = asked.at(Task), asked.needed(Tag, "tag")
    if tag not in task.tags:
        task.tags.append(tag)
        tag.tasks.append(task)
    asked.changed(task)
    return NOTHING


def _remove_tag(asked: Asked) -> Result:
    task, tag = asked.at(Task), asked.needed(Tag, "tag")
    if tag in task.tags:
        task.tags.remove(tag)
        tag.tasks.remove(task)
    asked.changed(task)
    return NOTHING


def _people(asked: Asked) -> list[User]:
    if not asked.data.get("followers"):
        raise errors.missing("followers")
    named = params.listed("followers", asked.data["followers"])
    return [asked.store.named(User, each, "followers") for each in named]


def _add_followers(asked: Asked) -> One:
    task = asked.at(Task)
    task.followers.extend(user for user in _people(asked) if user not in task.followers)
    asked.changed(task)
    return One(task)


def _remove_followers(asked: Asked) -> One:
    task, people = asked.at(Task), _people(asked)
    task.followers[:] = [user for user in task.followers if user not in people]
    asked.changed(task)
    return One(task)


def _set_parent(asked: Asked) -> One:
    task = asked.at(Task)
    if "parent" not in asked.data:
        raise errors.missing("parent")
    parent = asked.needed(Task, "parent") if asked.data["parent"] else None
    step = parent
    while step:
        if step is task:
            raise errors.wrong("parent", "A task cannot be its own parent or ancestor")
        step = step.parent
    if task.parent:
        task.parent.subtasks.remove(task)
    task.parent = parent
    if parent:
        parent.subtasks.append(task)
    asked.changed(task)
    return One(task)


def _dependencies(asked: Asked) -> Many:
    return Many(asked.at(Task).dependencies)


def _dependents(asked: Asked) -> Many:
    return Many(asked.at(Task).dependents)


def _others(asked: Asked, name: str) -> list[Task]:
    if not asked.data.get(name):
        raise errors.missing(name)
    named = params.listed(name, asked.data[name])
    return [asked.store.named(Task, each, name) for each in named]


def _depend(asked: Asked, task: Task, on: Task) -> None:
    if on is task:
        raise errors.wrong("dependencies", "A task cannot depend on itself")
    if on not in task.dependencies:
        task.dependencies.append(on)
        on.dependents.append(task)
    asked.changed(task)


def _release(asked: Asked, task: Task, from_: Task) -> None:
    if from_ in task.dependencies:
        task.dependencies.remove(from_)
        from_.dependents.remove(task)
    asked.changed(task)


def _add_dependencies(asked: Asked) -> Result:
    task, others = asked.at(Task), _others(asked, "dependencies")
    if len({*task.dependencies, *task.dependents, *others}) > MOST_DEPENDENCIES:
        why = f"A task may have at most {MOST_DEPENDENCIES} dependencies and dependents"
        raise errors.wrong("dependencies", why)
    for other in others:
        _depend(asked, task, other)
    return NOTHING


def _remove_dependencies(asked: Asked) -> Result:
    task = asked.at(Task)
    for other in _others(asked, "dependencies"):
        _release(asked, task, other)
    return NOTHING


def _add_dependents(asked: Asked) -> Result:
    task = asked.at(Task)
    for other in _others(asked, "dependents"):
        _depend(asked, other, task)
    return NOTHING


def _remove_dependents(asked: Asked) -> Result:
    task = asked.at(Task)
    for other in _others(asked, "dependents"):
        _release(asked, other, task)
    return NOTHING


_BESIDE = frozenset({"insert_before", "insert_after"})
_TASK = "/tasks/{task_gid}"
_FOLLOWERS, _DEPENDENCIES = frozenset({"followers"}), frozenset({"dependencies"})
_DEPENDENTS = frozenset({"dependents"})

ENDPOINTS = (
    Endpoint("POST", f"{_TASK}/addProject", _add_project, body=_BESIDE | {"project", "section"}),
    Endpoint("POST", f"{_TASK}/removeProject", _remove_project, body=frozenset({"project"})),
    Endpoint("POST", "/sections/{section_gid}/addTask", _add_to_section, body=_BESIDE | {"task"}),
    Endpoint("POST", f"{_TASK}/addTag", _add_tag, body=frozenset({"tag"})),
    Endpoint("POST", f"{_TASK}/removeTag", _remove_tag, body=frozenset({"tag"})),
    Endpoint("POST", f"{_TASK}/addFollowers", _add_followers, Task, body=_FOLLOWERS),
    Endpoint("POST", f"{_TASK}/removeFollowers", _remove_followers, Task, body=_FOLLOWERS),
    Endpoint("POST", f"{_TASK}/setParent", _set_parent, Task, body=_BESIDE | {"parent"}),
    Endpoint("GET", f"{_TASK}/dependencies", _dependencies, Task, paged=True),
    Endpoint("GET", f"{_TASK}/dependents", _dependents, Task, paged=True),
    Endpoint("POST", f"{_TASK}/addDependencies", _add_dependencies, body=_DEPENDENCIES),
    Endpoint("POST", f"{_TASK}/removeDependencies", _remove_dependencies, body=_DEPENDENCIES),
    Endpoint("POST", f"{_TASK}/addDependents", _add_dependents, body=_DEPENDENTS),
    Endpoint("POST", f"{_TASK}/removeDependents", _remove_dependents, body=_DEPENDENTS),
)
