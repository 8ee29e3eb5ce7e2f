"""What is done with tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

from kit.clock import Clock
from kit.errors import Conflict, FleetError, Invalid, UnknownOutcome
from services.asana import fields, mapping, models
from services.asana.client import AsanaClient
from services.asana.drafts import Change, Draft, Keep
from services.asana.errors import PROVIDER
from services.asana.keys import marked, marker, marker_in
from services.asana.names import Names
from services.asana.queries import instant
from services.asana.richtext import payload, to_html
from services.asana.settings import AsanaSettings
from services.asana.status import Move, move
from services.asana.writes import (
    Turns,
    create_once,
    external_task,
    marked_gid,
)

Result = Literal["created", "existing", "updated"]


@dataclass(frozen=True, slots=True)
class _Step:
    """One request of a change; doing it again changes nothing."""

    told: str
    path: str
    data: Mapping[str, Any]


class Tasks:
    """Creates and changes tasks.

    Args:
        client: Asana.
        names: For the workspace and the sections.
        settings: How a repeat is recognised.
        clock: For how far back.
    """

    def __init__(
        self, client: AsanaClient, names: Names, settings: AsanaSettings, clock: Clock
    ) -> None:
        self._client = client
        self._names = names
        self._settings = settings
        self._clock = clock
        self._turns = Turns()

    async def create(
        self, draft: Draft, key: str, *, look_first: bool
    ) -> tuple[models.Task, Result]:
        """Create a task in one request, and a second one for what it waits for.

        Args:
            draft: The task.
            key: The idempotency key.
            look_first: The caller has chosen the key and may have used it before.

        Raises:
            UnknownOutcome: it may or may not be there.
        """
        mark = marker("task", key)
        external = self._settings.app == "oauth"
        notes = draft.notes if external else marked(draft.notes, mark)
        data = {**await self._body(draft), **payload("notes", notes)}
        if external:
            data["external"] = {"gid": mark}

        async def find() -> models.Task | None:
            if external:
                return await external_task(self._client, mark)
            gid = await marked_gid(self._client, *await self._list_of(draft), mark)
            return None if gid is None else await self._client.task(gid)

        async with self._turns.turn(mark):
            task, outcome = await create_once(
                find, lambda: self._client.create_task(data), key=key, look_first=look_first
            )
            try:
                for step in _waits(task.gid, draft.blocked_by):
                    await self._client.change_task(step.path, step.data)
            except FleetError as error:
                raise _half_done(error, task.gid, ["create"]) from None
            return task, outcome

    async def _body(self, draft: Draft) -> dict[str, Any]:
        data: dict[str, Any] = {"name": draft.name}
        if draft.parent:
            data["parent"] = draft.parent
        else:
            data["workspace"] = await self._names.workspace()
        section = await self._section(draft.project, draft.section)
        if section:
            data["memberships"] = [{"project": draft.project, "section": section}]
        elif draft.project:
            data["projects"] = [draft.project]
        given: dict[str, Any] = {
            "assignee": draft.assignee,
            "due_on": draft.due_on and draft.due_on.isoformat(),
            "tags": list(draft.tags),
            "followers": list(draft.followers),
            "custom_fields": await self._fields(draft.project, draft),
        }
        return {**data, **{name: value for name, value in given.items() if value}}

    async def _section(self, project: str | None, section: str | None) -> str | None:
        if section is None:
            return None
        if project is None:
            raise Invalid("section: the task is in no project", provider=PROVIDER, field="section")
        return await self._names.section(project, section)

    async def _fields(
        self, project: str | None, wanted: Draft | Change, within: str = ""
    ) -> dict[str, Any]:
        """Return the custom fields to set, priority among them."""
        if wanted.priority is None and not wanted.custom_fields:
            return {}
        known = await self._names.fields(project) if project else ()
        found = fields.values(known, wanted.custom_fields, "custom_fields")
        if wanted.priority is not None:
            found |= fields.priority_value(known, wanted.priority, f"{within}priority")
        return found

    async def _list_of(self, draft: Draft) -> tuple[str, dict[str, Any]]:
        """Return the list that the new task stands in."""
        start = instant(self._clock.utc() - timedelta(hours=self._settings.remembered_hours))
        if draft.project:
            return "/tasks", {"project": draft.project, "modified_since": start}
        if draft.parent:
            return f"/tasks/{draft.parent}/subtasks", {}
        return "/tasks", {
            "assignee": draft.assignee or "me",
            "workspace": await self._names.workspace(),
            "modified_since": start,
        }

    async def update(self, gid: str, change: Change) -> tuple[models.Task, Result]:
        """Make *change* true of the task, with as few requests as that takes.

        Raises:
            Conflict: it changed after ``change.unchanged_since``, and not to what is wanted.
            UnknownOutcome: some of the changes may have been made.
        """
        current, values, steps = await self._left(gid, change)
        if not values and not steps:
            return current, "existing"
        at, last = change.unchanged_since, current.modified_at
        if at is not None and last > at:
            raise Conflict(
                f"the task was changed at {last.isoformat()}, after {at.isoformat()}",
                provider=PROVIDER,
                existing_ref=mapping.ref("task", gid),
            )
        task, done = current, list[str]()
        try:
            if values:
                task = await self._client.update_task(gid, values)
                done += values
            for step in steps:
                await self._client.change_task(step.path, step.data)
                done.append(step.told)
            return (await self._client.task(gid) if steps else task), "updated"
        except UnknownOutcome as error:
            if (settled := await self._settled(gid, change)) is not None:
                return settled, "updated"
            raise _half_done(error, gid, done) from None
        except FleetError as error:
            raise _half_done(error, gid, done) from None

    async def _left(
        self, gid: str, change: Change
    ) -> tuple[models.Task, dict[str, Any], list[_Step]]:
        """Return the task as it is, and what is left to be done."""
        current = await self._client.task(gid)
        values = await self._values(current, change)
        return current, values, await self._steps(current, change, values)

    async def _settled(self, gid: str, change: Change) -> models.Task | None:
        """Read back: return the task if everything was done after all."""
        try:
            current, values, steps = await self._left(gid, change)
        except FleetError:
            return None
        return None if values or steps else current

    async def _values(self, current: models.Task, change: Change) -> dict[str, Any]:
        """Return the plain fields that differ from what is wanted, as Asana takes them."""
        now = {
            "name": current.name,
            "assignee": current.assignee and current.assignee.gid,
            "due_on": current.due_on and current.due_on.isoformat(),
            "completed": current.completed,
        }
        values = {name: value for name, value in change.values.items() if value != now[name]}
        if not isinstance(change.notes, Keep):
            values |= _notes(current, change.notes)
        home = change.into or _home(current)
        if custom := await self._fields(home, _differing(current, change), change.within):
            values["custom_fields"] = custom
        return values

    async def _move(self, current: models.Task, project: str | None, change: Change) -> Move:
        """Return what makes the status that *change* wants."""
        wanted, field = change.status or "", f"{change.within}status"
        if project is None:
            return move(wanted, current, (), field=field)
        try:
            return move(wanted, current, await self._names.sections(project), field=field)
        except Invalid:  # the section may be newer than what is kept
            sections = await self._names.sections(project, anew=True)
            return move(wanted, current, sections, field=field)

    async def _steps(
        self, current: models.Task, change: Change, values: dict[str, Any]
    ) -> list[_Step]:
        """Return the requests beside the plain fields; a status may set *values* too."""
        project = change.into or _home(current)
        section = await self._section(project, change.section)
        if change.status is not None:
            moved = await self._move(current, project, change)
            section = moved.section or section
            if moved.completed != current.completed:
                values["completed"] = moved.completed
        base = f"/tasks/{current.gid}"
        steps = [*_moves(current, change, section), *_waits(current.gid, change.blocked_by)]
        if not isinstance(change.parent, Keep) and change.parent != (
            current.parent and current.parent.gid
        ):
            steps.append(_Step("parent", f"{base}/setParent", {"parent": change.parent}))
        tags = {tag.gid for tag in current.tags}
        steps += [
            _Step("add a tag", f"{base}/addTag", {"tag": tag})
            for tag in change.add_tags
            if tag not in tags
        ]
        steps += [
            _Step("remove a tag", f"{base}/removeTag", {"tag": tag})
            for tag in change.remove_tags
            if tag in tags
        ]
        told = {user.gid for user in current.followers}
        followers = [gid for gid in change.followers if gid not in told]
        if followers:
            steps.append(_Step("followers", f"{base}/addFollowers", {"followers": followers}))
        return steps


def _differing(current: models.Task, change: Change) -> Change:
    """Return *change* without the custom fields that say it already."""
    shown = {each.name.casefold(): each.display_value for each in current.custom_fields}
    return replace(
        change,
        priority=None if change.priority == mapping.priority(current) else change.priority,
        custom_fields={
            name: value
            for name, value in change.custom_fields.items()
            if shown.get(name.casefold()) != (None if value is None else str(value))
        },
    )


def _home(current: models.Task) -> str | None:
    own = mapping.project_of(current)
    return own.gid if own else None


def _waits(gid: str, others: tuple[str, ...]) -> list[_Step]:
    if not others:
        return []
    return [_Step("wait", f"/tasks/{gid}/addDependencies", {"dependencies": list(others)})]


def _moves(current: models.Task, change: Change, section: str | None) -> list[_Step]:
    """Return the requests that change which projects and sections the task is in."""
    places = {
        each.project.gid: each.section and each.section.gid
        for each in current.memberships
        if each.project is not None
    }
    home = _home(current)
    out_of = change.out_of or (home if change.leave and home != change.into else None)
    steps: list[_Step] = []
    if change.into and change.into not in places:
        data = {"project": change.into, **({"section": section} if section else {})}
        steps.append(_Step("add to the project", f"/tasks/{current.gid}/addProject", data))
    elif section and places.get(change.into or home or "") != section:
        path = f"/sections/{section}/addTask"
        steps.append(_Step("move to the section", path, {"task": current.gid}))
    if out_of in places:
        path = f"/tasks/{current.gid}/removeProject"
        steps.append(_Step("remove from the project", path, {"project": out_of}))
    return steps


def _notes(current: models.Task, wanted: str) -> dict[str, str]:
    """Return the notes to send, with the marker they had; nothing where they say it already."""
    if to_html(mapping.text(current.html_notes, current.notes)) == to_html(wanted):
        return {}
    mark = marker_in(current.notes)
    return payload("notes", marked(wanted, mark) if mark else wanted)


def _half_done(error: FleetError, gid: str, done: Sequence[str]) -> FleetError:
    """Return *error*, which says what was done before it and how to find out."""
    if isinstance(error, UnknownOutcome):
        error.read_back_hint = (
            f"read {mapping.ref('task', gid)}, or repeat the call: what is done stays done"
        )
    hints = [error.read_back_hint] if isinstance(error, UnknownOutcome) else []
    told = [f"done before that: {', '.join(done)}"] if done else []
    error.message = "; ".join([error.message, *told, *(hint for hint in hints if hint)])
    return error
