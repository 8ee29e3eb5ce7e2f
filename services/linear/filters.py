"""Searches as Linear's filters: the contract's as it stands, our own with names resolved."""

from datetime import datetime

from kit.contract import tasks
from services.linear.arguments import SearchIssues
from services.linear.client import Json
from services.linear.mapping import native_id
from services.linear.names import CATEGORY_TYPES, Names, cycle_condition, person_filter


def joined(conditions: list[Json]) -> Json:
    """Return the filter that all of *conditions* make."""
    return {"and": conditions} if conditions else {}


def task_filter(given: tasks.Search) -> Json:
    """Return the filter for a search of the contract.

    It goes to several systems at once, so a person or a label that Linear does not know
    finds nothing here instead of being a mistake.
    """
    conditions = [_labelled(name) for name in given.labels]
    if given.assignee is not None:
        conditions.append({"assignee": assigned(given.assignee)})
    if given.status != "any":
        conditions.append({"state": {"type": {"in": list(CATEGORY_TYPES[given.status])}}})
    if given.project_ref is not None:
        project = native_id(given.project_ref, "project", field="project_ref")
        conditions.append({"project": {"id": {"eq": project}}})
    if given.due_before is not None:
        conditions.append({"dueDate": {"lt": given.due_before.isoformat()}})
    return joined([*conditions, *_after("updatedAt", given.updated_after)])


def with_words(condition: Json, query: str) -> Json:
    """Return *condition*, and that every word of *query* is in the title or the text."""
    words: list[Json] = [
        {"or": [{name: {"containsIgnoreCase": word}} for name in ("title", "description")]}
        for word in query.split()
    ]
    return joined([*([condition] if condition else []), *words])


def assigned(text: str) -> Json:
    """Return the condition on who an issue is assigned to."""
    if text.lower() == "me":
        return {"isMe": {"eq": True}}
    return {"email": {"eqIgnoreCase": text}}


async def issue_filter(given: SearchIssues, names: Names, parent_id: str | None) -> Json:
    """Return the filter for a search of our own.

    Args:
        given: What is searched.
        names: Finds what names mean.
        parent_id: The UUID of the parent that is given.

    Raises:
        Invalid: a name is unknown or fits several things.
    """
    conditions = await _things(given, names)
    if parent_id is not None:
        conditions.append({"parent": {"id": {"eq": parent_id}}})
    if given.priority is not None:
        conditions.append({"priority": {"eq": given.priority}})
    if given.due_before is not None:
        conditions.append({"dueDate": {"lt": given.due_before.isoformat()}})
    conditions += _after("createdAt", given.created_after)
    return joined([*conditions, *_after("updatedAt", given.updated_after)])


async def _things(given: SearchIssues, names: Names) -> list[Json]:
    team = None if given.team is None else await names.team(given.team)
    conditions: list[Json] = [] if team is None else [{"team": {"id": {"eq": team.id}}}]
    if given.state is not None:
        conditions.append({"state": await names.state_condition(given.state, team)})
    if given.assignee is not None:
        conditions.append({"assignee": await _assignee(given.assignee, names)})
    for label in given.labels:
        found = await names.label(label, None if team is None else team.id, "labels")
        conditions.append(_labelled(found.name))
    if given.project is not None:
        project = await names.project(given.project)
        conditions.append({"project": {"id": {"eq": project.id}}})
    if given.cycle is not None:
        conditions.append({"cycle": cycle_condition(given.cycle)})
    return conditions


async def cycle_filter(team: str | None, which: str, names: Names) -> Json:
    """Return the filter for a team's cycles, by where they lie in time."""
    conditions: list[Json] = [] if which == "all" else [cycle_condition(which)]
    if team is not None:
        conditions.append({"team": {"id": {"eq": (await names.team(team)).id}}})
    return joined(conditions)


async def label_filter(team: str | None, query: str | None, names: Names) -> Json:
    """Return the filter for the labels that a team can use, by part of the name."""
    conditions: list[Json] = [] if query is None else [{"name": {"containsIgnoreCase": query}}]
    if team is not None:
        team_id = (await names.team(team)).id
        conditions.append({"or": [{"team": {"null": True}}, {"team": {"id": {"eq": team_id}}}]})
    return joined(conditions)


def user_filter(query: str | None) -> Json:
    """Return the filter for people by name or e-mail."""
    return {} if query is None else person_filter(query)


async def _assignee(text: str, names: Names) -> Json:
    if text.lower() == "none":
        return {"null": True}
    return assigned(text if text.lower() == "me" else (await names.person(text)).email)


def _labelled(name: str) -> Json:
    return {"labels": {"some": {"name": {"eqIgnoreCase": name}}}}


def _after(field: str, time: datetime | None) -> list[Json]:
    return [] if time is None else [{field: {"gt": time.isoformat()}}]
