"""Tasks: reading, making, changing and removing them."""

from collections.abc import Sequence

from services.sandbox.asana import errors, params
from services.sandbox.asana.endpoint import NOTHING, Asked, Endpoint, Many, One, Result
from services.sandbox.asana.membership import drop
from services.sandbox.asana.records import Project, Section, Tag, User, UserTaskList, Workspace
from services.sandbox.asana.task import Task
from services.sandbox.asana.task_writes import CREATABLE, READ_ONLY, WRITABLE, created, update

_ONE_OF = (
    "Must specify exactly one of project, tag, section, user task list, or assignee + workspace"
)
_SINCE = frozenset({"completed_since"})


def _task(asked: Asked) -> One:
    return One(asked.at(Task))


def _tasks(asked: Asked) -> Many:
    project, section = asked.named(Project, "project"), asked.named(Section, "section")
    owned = "assignee" in asked.query and "workspace" in asked.query
    if [project is not None, section is not None, owned].count(True) != 1:
        raise errors.Refused(400, _ONE_OF)
    if owned:
        asked.named(Workspace, "workspace")
        user = asked.named(User, "assignee")
        found: Sequence[Task] = [t for t in asked.store.every(Task) if t.assignee is user]
    else:
        found = project.tasks if project else section.tasks if section else ()
    if "modified_since" in asked.query:
        since = params.moment("modified_since", asked.query["modified_since"])
        found = [task for task in found if task.modified_at >= since]
    return _since(asked, found)


def _since(asked: Asked, tasks: Sequence[Task]) -> Many:
    """Leave out what was completed before ``completed_since``; ``now`` leaves all of that out."""
    if "completed_since" not in asked.query:
        return Many(tasks)
    given = asked.query["completed_since"]
    since = asked.now if given == "now" else params.moment("completed_since", given)
    return Many([t for t in tasks if t.completed_at is None or t.completed_at >= since])


def _tasks_of_project(asked: Asked) -> Many:
    return _since(asked, asked.at(Project).tasks)


def _tasks_of_section(asked: Asked) -> Many:
    return _since(asked, asked.at(Section).tasks)


def _tasks_of_list(asked: Asked) -> Many:
    owner = asked.at(UserTaskList).owner
    return _since(asked, [t for t in asked.store.every(Task) if t.assignee is owner])


def _tasks_of_tag(asked: Asked) -> Many:
    return Many(asked.at(Tag).tasks)


def _subtasks(asked: Asked) -> Many:
    return Many(asked.at(Task).subtasks)


def _create(asked: Asked) -> One:
    return One(created(asked))


def _create_subtask(asked: Asked) -> One:
    return One(created(asked, asked.at(Task)))


def _update(asked: Asked) -> One:
    task = asked.at(Task)
    update(asked, task)
    return One(task)


def _delete(asked: Asked) -> Result:
    task = asked.at(Task)
    for project in task.projects:
        drop(task, project)
    for tag in task.tags:
        tag.tasks.remove(task)
    for other in task.dependencies:
        other.dependents.remove(task)
    for other in task.dependents:
        other.dependencies.remove(task)
    if task.parent:
        task.parent.subtasks.remove(task)
    for subtask in task.subtasks:
        subtask.parent = None
    del asked.store.records[task.gid]
    return NOTHING


def _projects(asked: Asked) -> Many:
    return Many(asked.at(Task).projects)


def _tags(asked: Asked) -> Many:
    return Many(asked.at(Task).tags)


ENDPOINTS = (
    Endpoint(
        "GET",
        "/tasks",
        _tasks,
        Task,
        paged=True,
        query=_SINCE | {"assignee", "modified_since", "project", "section", "workspace"},
    ),
    Endpoint("POST", "/tasks", _create, Task, body=CREATABLE, read_only=READ_ONLY, status=201),
    Endpoint("GET", "/tasks/{task_gid}", _task, Task),
    Endpoint("PUT", "/tasks/{task_gid}", _update, Task, body=WRITABLE, read_only=READ_ONLY),
    Endpoint("DELETE", "/tasks/{task_gid}", _delete),
    Endpoint("GET", "/tasks/{task_gid}/subtasks", _subtasks, Task, paged=True),
    Endpoint(
        "POST",
        "/tasks/{task_gid}/subtasks",
        _create_subtask,
        Task,
        body=CREATABLE,
        read_only=READ_ONLY,
        status=201,
    ),
    Endpoint("GET", "/tasks/{task_gid}/projects", _projects, Project, paged=True),
    Endpoint("GET", "/tasks/{task_gid}/tags", _tags, Tag, paged=True),
    Endpoint(
        "GET", "/projects/{project_gid}/tasks", _tasks_of_project, Task, paged=True, query=_SINCE
    ),
    Endpoint(
        "GET", "/sections/{section_gid}/tasks", _tasks_of_section, Task, paged=True, query=_SINCE
    ),
    Endpoint("GET", "/tags/{tag_gid}/tasks", _tasks_of_tag, Task, paged=True),
    Endpoint(
        "GET",
        "/user_task_lists/{user_task_list_gid}/tasks",
        _tasks_of_list,
        Task,
        paged=True,
        query=_SINCE,
    ),
)
