"""Which sections of which projects a task is in; both ends are kept true."""

from services.sandbox.asana import errors
from services.sandbox.asana.endpoint import Asked
from services.sandbox.asana.records import Project, Section
from services.sandbox.asana.task import Membership, Task


def place(task: Task, section: Section, at: int | None = None) -> None:
    """Put *task* into *section*, at the end or before its task number *at*.

    A task is in one section of a project: it leaves the one that it was in.
    """
    drop(task, section.project)
    task.memberships.append(Membership(gid="", project=section.project, section=section))
    section.tasks.insert(len(section.tasks) if at is None else at, task)


def drop(task: Task, project: Project) -> None:
    """Take *task* out of *project*, where it is in it."""
    for membership in task.memberships:
        if membership.project is project:
            membership.section.tasks.remove(task)
    task.memberships[:] = [each for each in task.memberships if each.project is not project]


def insert(asked: Asked, task: Task, section: Section) -> None:
    """Put *task* into *section* where the body's ``insert_before`` or ``insert_after`` says.

    Raises:
        Refused: the other task is not in that project.
    """
    for key, step in (("insert_before", 0), ("insert_after", 1)):
        if asked.data.get(key):
            other = asked.needed(Task, key)
            for membership in other.memberships:
                if membership.project is section.project and other is not task:
                    drop(task, section.project)
                    beside = membership.section
                    place(task, beside, beside.tasks.index(other) + step)
                    return
            raise errors.wrong(key, "Must be another task in the same project")
    place(task, section)
