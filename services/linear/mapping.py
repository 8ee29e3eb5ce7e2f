"""Linear's things as the contract's, and the contract's refs as Linear's ids: pure."""

from collections.abc import Iterable
from typing import Final

from kit.contract import people, tasks
from kit.contract.envelope import Person
from kit.contract.refs import Ref
from kit.errors import Invalid
from services.linear.client import Json
from services.linear.errors import VENDOR
from services.linear.models.issues import Comment, Issue, IssueDetail
from services.linear.models.wire import User

_CATEGORIES: Final[dict[str, tasks.Category]] = {
    "triage": "backlog",
    "backlog": "backlog",
    "unstarted": "todo",
    "started": "in_progress",
    "completed": "done",
    "canceled": "canceled",
    "duplicate": "canceled",
}
INCLUDES: Final = {"comments": "comments", "subtasks": "children", "relations": "relations"}


def category(state_type: str) -> tasks.Category:
    """Return the contract's family of a Linear state type; an unknown type counts as to do."""
    return _CATEGORIES.get(state_type, "todo")


def ref_of(kind: str, native_id: str) -> str:
    """Return the ref of a thing of Linear's."""
    return str(Ref(kind, VENDOR, native_id))


def native_id(text: str, *kinds: str, field: str = "ref") -> str:
    """Return Linear's id in a ref.

    Raises:
        Invalid: it names another provider, or another kind of thing.
    """
    ref = Ref.parse(text, field=field)
    if ref.provider != VENDOR:
        raise Invalid(f"{text} is not at Linear", provider=VENDOR, field=field)
    if ref.kind not in kinds:
        wanted = " or ".join(f"{kind}:{VENDOR}:<id>" for kind in kinds)
        raise Invalid(f"{text} is not {wanted}", provider=VENDOR, field=field)
    return ref.native_id


def task(issue: Issue) -> tasks.Task:
    """Return the issue as a task."""
    return tasks.Task.model_validate(_task_fields(issue))


def _task_fields(issue: Issue) -> Json:
    link = issue.project_link
    return {
        "ref": ref_of("task", issue.id),
        "key": issue.id,
        "title": issue.title,
        "provider": VENDOR,
        "status": tasks.Status(name=issue.state, category=category(issue.state_type)),
        "assignee": _person(issue.assigned),
        "priority": issue.priority,
        "due_on": issue.due_date,
        "project": link and tasks.ProjectLink(ref=ref_of("project", link.id), name=link.name),
        "labels": issue.labels,
        "url": issue.url,
        "created_at": issue.created_at,
        "updated_at": issue.updated_at,
    }


def task_detail(issue: IssueDetail, include: Iterable[str]) -> tasks.TaskDetail:
    """Return the issue as a task with what was asked to be included."""
    wanted = set(include)
    parent = tasks.TaskLink(
        ref=ref_of("task", issue.parent or ""),
        key=issue.parent,
        title=issue.parent_title,
        relation="parent",
    )
    relations = [
        tasks.TaskLink(
            ref=ref_of("task", each.id), key=each.id, title=each.title, relation=each.relation
        )
        for each in issue.relations or ()
    ]
    subtasks = [
        tasks.TaskLink(
            ref=ref_of("task", each.id), key=each.id, title=each.title, relation="subtask"
        )
        for each in issue.children or ()
    ]
    return tasks.TaskDetail.model_validate(
        {
            **_task_fields(issue),
            "description_md": issue.description or "",
            "comments": [_comment(each) for each in issue.comments or ()]
            if "comments" in wanted
            else None,
            "subtasks": subtasks if "subtasks" in wanted else None,
            "relations": [*([parent] if issue.parent else []), *relations]
            if "relations" in wanted
            else None,
            "truncated": [name for name, ours in INCLUDES.items() if ours in issue.truncated],
        }
    )


def _comment(comment: Comment) -> tasks.TaskComment:
    return tasks.TaskComment(
        ref=ref_of("comment", comment.id),
        author=_person(comment.user),
        body_md=comment.body,
        created_at=comment.created_at,
    )


def _person(person: object) -> Person | None:
    return None if person is None else Person.model_validate(person, from_attributes=True)


def record(user: User) -> people.PersonRecord:
    """Return the member as a person with one account."""
    account = people.Account(
        provider=VENDOR, native_id=user.id, name=user.display_name, active=user.active
    )
    return people.PersonRecord(email=user.email.lower(), name=user.name, accounts=(account,))
