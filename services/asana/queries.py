"""How to ask Asana: ``opt_fields``, since it tells little unless asked, and moments."""

from datetime import UTC, datetime
from typing import Final

NAMED: Final = "name"
USER: Final = "name,email"
TASK: Final = (
    "name,completed,created_at,modified_at,due_on,permalink_url,"
    "assignee.name,assignee.email,projects.name,tags.name,parent.name,"
    "memberships.project.name,memberships.section.name,"
    "custom_fields.name,custom_fields.display_value,custom_fields.representation_type"
)
TASK_NOTES: Final = f"{TASK},notes"
TASK_FULL: Final = f"{TASK_NOTES},html_notes,followers.name,followers.email"
STORY: Final = "type,created_at,created_by.name,created_by.email,text,html_text"
PROJECT: Final = (
    "name,archived,owner.name,owner.email,team.name,"
    "start_on,due_on,created_at,modified_at,permalink_url"
)
PROJECT_FULL: Final = f"{PROJECT},notes,html_notes"
COUNTS: Final = "num_incomplete_tasks,num_completed_tasks"
FIELDS: Final = (
    "custom_field.name,custom_field.resource_subtype,"
    "custom_field.enum_options.name,custom_field.enum_options.enabled"
)


def instant(at: datetime) -> str:
    """Return a moment as Asana writes it, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
