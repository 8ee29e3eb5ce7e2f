"""Which fields ``opt_fields`` may name.

It is checked before a request is run, so that a refused one has written nothing. Asana
itself ignores what it does not know; the sandbox refuses it, since a field that is misspelt,
or that the sandbox lacks, would else just be missing from the answer.
"""

from services.sandbox.asana import errors
from services.sandbox.asana.records import (
    CustomField,
    EnumOption,
    FieldSetting,
    Project,
    Record,
    Section,
    Tag,
    Team,
    User,
    UserTaskList,
    Workspace,
)
from services.sandbox.asana.task import FieldValue, Membership, Story, Task

Tree = dict[str, "Tree"]

# The records that a field holds; none: of a kind that the sandbox always has empty.
RELATED: dict[type[Record], dict[str, type[Record] | None]] = {
    Workspace: {},
    User: {"workspaces": Workspace, "photo": None, "custom_fields": FieldValue},
    UserTaskList: {"owner": User, "workspace": Workspace},
    Team: {"organization": Workspace},
    EnumOption: {},
    CustomField: {"enum_options": EnumOption},
    FieldValue: {"enum_options": EnumOption, "enum_value": EnumOption},
    FieldSetting: {"project": Project, "parent": Project, "custom_field": CustomField},
    Section: {"project": Project, "projects": Project},
    Membership: {"project": Project, "section": Section},
    Tag: {"followers": User, "workspace": Workspace},
    Story: {
        "created_by": User,
        "target": Task,
        "hearts": None,
        "likes": None,
        "previews": None,
        "reaction_summary": None,
    },
    Project: {
        "completed_by": User,
        "created_from_template": None,
        "current_status": None,
        "current_status_update": None,
        "custom_field_settings": FieldSetting,
        "custom_fields": FieldValue,
        "followers": User,
        "members": User,
        "owner": User,
        "project_brief": None,
        "team": Team,
        "workspace": Workspace,
    },
    Task: {
        "assigned_by": User,
        "assignee": User,
        "assignee_section": Section,
        "completed_by": User,
        "created_by": User,
        "custom_fields": FieldValue,
        "dependencies": Task,
        "dependents": Task,
        "external": None,
        "followers": User,
        "hearts": None,
        "likes": None,
        "memberships": Membership,
        "parent": Task,
        "projects": Project,
        "tags": Tag,
        "workspace": Workspace,
    },
}


def tree(paths: list[str]) -> Tree:
    """Return ``["name", "assignee.email"]`` as ``{"name": {}, "assignee": {"email": {}}}``."""
    root: Tree = {}
    for path in paths:
        branch = root
        for part in path.split("."):
            branch = branch.setdefault(part, {})
    return root


def known(kind: type[Record]) -> frozenset[str]:
    """Return every field of *kind*."""
    return frozenset({*kind.FULL, *kind.COMPACT, *kind.OPTIONAL})


def check(kind: type[Record], wanted: Tree, path: str = "") -> None:
    """Check what is *wanted* of a *kind*.

    Raises:
        Refused: 400, naming the first field that *kind* does not have.
    """
    for name, below in wanted.items():
        if name not in known(kind):
            raise errors.wrong("opt_fields", f"the sandbox has no {path}{name} here")
        if not below:
            continue
        if name not in RELATED[kind]:
            raise errors.wrong("opt_fields", f"{path}{name} has no fields of its own")
        related = RELATED[kind][name]
        if related is not None:
            check(related, below, f"{path}{name}.")
