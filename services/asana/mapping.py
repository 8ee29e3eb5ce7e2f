"""Asana's records as the contract's models and as the native tools' results. All pure."""

import re
from collections.abc import Sequence
from typing import Final, Literal

from kit.contract import people, tasks
from kit.contract.envelope import Person
from kit.contract.refs import Ref
from services.asana import models, results, status
from services.asana.errors import PROVIDER
from services.asana.keys import without_marker
from services.asana.markdown import to_markdown
from services.asana.models import Whole

PRIORITIES: Final[tuple[tuple[int, str], ...]] = (
    (1, r"urgent|critical|highest|blocker|p0"),
    (2, r"high|major|p1"),
    (3, r"medium|normal|moderate|mid|p2"),
    (4, r"low|lowest|minor|trivial|p[34]"),
)
Relation = Literal["subtask", "parent", "blocks", "blocked_by"]
PRIORITY_FIELD: Final = "priority"


def ref(kind: str, gid: str) -> str:
    """Return the ref of something in Asana."""
    return str(Ref(kind, PROVIDER, gid))


def person(user: models.User | None) -> Person | None:
    """Return who *user* is."""
    return None if user is None else Person(name=user.name, email=user.email)


def called(user: models.User | None) -> str | None:
    """Return the e-mail address of *user*, or the name where Asana hides it."""
    return None if user is None else user.email or user.name


def text(html: str | None, plain: str) -> str:
    """Return notes or a comment as Markdown, without our marker."""
    return without_marker(to_markdown(html) if html else plain)


def project_of(record: models.Task) -> models.Named | None:
    """Return the project that a task is shown in: the first of those it is in."""
    for membership in record.memberships:
        if membership.project is not None:
            return membership.project
    return record.projects[0] if record.projects else None


def priority_of(name: str | None) -> int:
    """Return the contract's priority for the name of an option; 0 for any other."""
    wanted = (name or "").strip().casefold()
    return next((level for level, words in PRIORITIES if re.fullmatch(words, wanted)), 0)


def priority(record: models.Task) -> int:
    """Return the priority: what the custom field called Priority says, if there is one."""
    for field in record.custom_fields:
        if field.name.casefold() == PRIORITY_FIELD:
            return priority_of(field.display_value)
    return 0


def key(record: models.Task) -> str | None:
    """Return the short name people say, where the workspace has given tasks one."""
    return next(
        (
            field.display_value
            for field in record.custom_fields
            if field.representation_type == "custom_id"
        ),
        None,
    )


def task(record: models.Task) -> tasks.Task:
    """Return the contract's task."""
    project = project_of(record)
    return tasks.Task(
        ref=ref("task", record.gid),
        key=key(record),
        title=record.name,
        provider=PROVIDER,
        status=status.of(record),
        assignee=person(record.assignee),
        priority=priority(record),
        due_on=record.due_on,
        project=project and tasks.ProjectLink(ref=ref("project", project.gid), name=project.name),
        labels=tuple(tag.name for tag in record.tags),
        url=record.permalink_url,
        created_at=record.created_at,
        updated_at=record.modified_at,
    )


def comment(story: models.Story) -> tasks.TaskComment:
    """Return the contract's comment."""
    return tasks.TaskComment(
        ref=ref("comment", story.gid),
        author=person(story.created_by),
        body_md=text(story.html_text, story.text),
        created_at=story.created_at,
    )


def persons(users: Sequence[models.User]) -> tuple[people.PersonRecord, ...]:
    """Return the contract's persons."""
    return tuple(
        people.PersonRecord(
            email=user.email.lower() if user.email else None,
            name=user.name,
            accounts=(people.Account(provider=PROVIDER, native_id=user.gid, name=user.name),),
        )
        for user in users
    )


def line(record: models.Task) -> results.TaskLine:
    """Return a task for a list."""
    project = project_of(record)
    return results.TaskLine(
        gid=record.gid,
        name=record.name,
        status=status.of(record).name,
        assignee=called(record.assignee),
        due_on=record.due_on,
        project=project and project.name,
        tags=tuple(tag.name for tag in record.tags),
        url=record.permalink_url,
    )


def places(record: models.Task) -> tuple[results.Place, ...]:
    """Return the projects that a task is in, with its section in each."""
    return tuple(
        results.Place(
            gid=each.project.gid,
            project=each.project.name,
            section=each.section.name if each.section else None,
        )
        for each in record.memberships
        if each.project is not None
    )


def remark(story: models.Story) -> results.Remark:
    """Return a comment."""
    return results.Remark(
        author=called(story.created_by),
        text=text(story.html_text, story.text),
        at=story.created_at,
    )


def part(record: models.Task) -> results.Part:
    """Return a subtask."""
    return results.Part(gid=record.gid, name=record.name, status=status.of(record).name)


def project_line(project: models.Project) -> results.ProjectLine:
    """Return a project for a list."""
    return results.ProjectLine(
        gid=project.gid,
        name=project.name,
        team=project.team.name if project.team else None,
        owner=called(project.owner),
        due_on=project.due_on,
        archived=project.archived,
    )


def project_detail(
    project: models.Project, sections: Sequence[models.Named], counts: models.TaskCounts
) -> results.ProjectDetail:
    """Return a project whole."""
    return results.ProjectDetail(
        **dict(project_line(project)),
        notes=text(project.html_notes, project.notes),
        start_on=project.start_on,
        url=project.permalink_url,
        sections=tuple(sections),
        tasks_open=counts.num_incomplete_tasks,
        tasks_done=counts.num_completed_tasks,
    )


def link(other: models.Named, relation: Relation) -> tasks.TaskLink:
    """Return another task, seen from the one that was asked for."""
    return tasks.TaskLink(ref=ref("task", other.gid), title=other.name, relation=relation)


def detail(found: Whole) -> tasks.TaskDetail:
    """Return the contract's task whole."""
    record, parent = found.task, found.task.parent
    relations: tuple[tasks.TaskLink, ...] | None = None
    if found.blocked_by is not None or found.blocks is not None:
        relations = (
            *((link(parent, "parent"),) if parent else ()),
            *(link(each, "blocked_by") for each in found.blocked_by or ()),
            *(link(each, "blocks") for each in found.blocks or ()),
        )
    stories, subtasks = found.comments, found.subtasks
    return tasks.TaskDetail(
        **dict(task(record)),
        description_md=text(record.html_notes, record.notes),
        comments=None if stories is None else tuple(comment(each) for each in stories),
        subtasks=None if subtasks is None else tuple(link(each, "subtask") for each in subtasks),
        relations=relations,
        truncated=found.truncated,
    )


def task_detail(found: Whole) -> results.TaskDetail:
    """Return a task whole."""
    record = found.task
    stories, subtasks = found.comments, found.subtasks
    shown = {each.name: each.display_value for each in record.custom_fields if each.display_value}
    return results.TaskDetail(
        **dict(line(record)),
        notes=text(record.html_notes, record.notes),
        places=places(record),
        parent=record.parent,
        followers=tuple(user.email or user.name for user in record.followers),
        custom_fields=shown or None,
        created_at=record.created_at,
        modified_at=record.modified_at,
        comments=None if stories is None else tuple(remark(each) for each in stories),
        subtasks=None if subtasks is None else tuple(part(each) for each in subtasks),
        blocked_by=found.blocked_by,
        blocks=found.blocks,
        truncated=found.truncated,
    )


def saved_task(record: models.Task, outcome: results.Outcome, key: str) -> results.Saved:
    """Return what became of a task."""
    return results.Saved(
        outcome=outcome,
        gid=record.gid,
        name=record.name,
        status=status.of(record).name,
        url=record.permalink_url,
        idempotency_key=key,
    )


def saved_project(project: models.Project, outcome: results.Outcome, key: str) -> results.Saved:
    """Return what became of a project."""
    return results.Saved(
        outcome=outcome,
        gid=project.gid,
        name=project.name,
        url=project.permalink_url,
        idempotency_key=key,
    )
