"""The jobs on projects and labels: list, save."""

from typing import Final, Literal

from kit.errors import Invalid
from services.linear.arguments import SaveProject
from services.linear.client import Json, LinearClient
from services.linear.errors import VENDOR
from services.linear.filters import assigned, joined
from services.linear.models.projects import Label, Project
from services.linear.models.wire import Connection
from services.linear.names import Names
from services.linear.writes import Outcome, client_id, create_once, repeat

_CLEARED: Final = {
    "content": "content",
    "lead": "leadId",
    "start_date": "startDate",
    "target_date": "targetDate",
}


class Projects:
    """What is done with projects and labels; people and teams go by name.

    Args:
        client: Linear.
        names: Finds what names mean.
    """

    def __init__(self, client: LinearClient, names: Names) -> None:
        self._client = client
        self._names = names

    async def page(
        self,
        *,
        query: str | None,
        team: str | None,
        status: str | None,
        lead: str | None,
        limit: int,
        cursor: str | None,
    ) -> Connection[Project]:
        """Return a page of projects that meet all conditions, last changed first."""
        conditions: list[Json] = []
        if query is not None:
            conditions.append({"name": {"containsIgnoreCase": query}})
        if team is not None:
            found = await self._names.team(team)
            conditions.append({"accessibleTeams": {"some": {"id": {"eq": found.id}}}})
        if status is not None:
            state = await self._names.project_status(status)
            conditions.append({"status": {"id": {"eq": state.id}}})
        if lead is not None:
            person = (
                "me" if lead.lower() == "me" else (await self._names.person(lead, "lead")).email
            )
            conditions.append({"lead": assigned(person)})
        return await self._client.projects(joined(conditions), first=limit, after=cursor)

    async def save(self, given: SaveProject) -> tuple[Project, Literal[Outcome, "updated"]]:
        """Return the created or changed project, and which it was."""
        values = await self._values(given)
        if given.project is None:
            return await self._create(given, values)
        before = await self._names.project(given.project)
        values |= {_CLEARED[name]: None for name in given.clear}
        if not values:
            message = f"nothing is given that would change {before.name!r}"
            raise Invalid(message, provider=VENDOR)
        changed = await self._client.update_project(before.id, values)
        self._names.forget()
        return changed or await self._client.project(before.id), "updated"

    async def _create(self, given: SaveProject, values: Json) -> tuple[Project, Outcome]:
        for field in ("name", "teams"):
            if not getattr(given, field):
                raise Invalid(f"a new project needs {field}", provider=VENDOR, field=field)
        if given.clear:
            message = "a new project has nothing to clear"
            raise Invalid(message, provider=VENDOR, field="clear")
        uuid = client_id("project", given.idempotency_key)
        return await create_once(
            lambda: self._client.create_project({"id": uuid, **values}),
            lambda: self._client.project(uuid),
            hint=f"read project {uuid} to see, {repeat(given.idempotency_key)}",
        )

    async def _values(self, given: SaveProject) -> Json:
        both = [name for name in given.clear if getattr(given, name) is not None]
        if both:
            raise Invalid(f"{both[0]} is both set and cleared", provider=VENDOR, field="clear")
        values: Json = {
            "name": given.name,
            "description": given.description,
            "content": given.content,
            "priority": given.priority,
            "startDate": given.start_date and given.start_date.isoformat(),
            "targetDate": given.target_date and given.target_date.isoformat(),
        }
        if given.teams:
            values["teamIds"] = [(await self._names.team(each, "teams")).id for each in given.teams]
        if given.lead is not None:
            values["leadId"] = (await self._names.person(given.lead, "lead")).id
        if given.status is not None:
            values["statusId"] = (await self._names.project_status(given.status)).id
        return {name: value for name, value in values.items() if value is not None}

    async def create_label(
        self, name: str, team: str | None, color: str | None, key: str
    ) -> tuple[Label, Outcome]:
        """Return the new label and whether this call made it."""
        uuid = client_id("label", key)
        label: Json = {"id": uuid, "name": name}
        if team is not None:
            label["teamId"] = (await self._names.team(team)).id
        if color is not None:
            label["color"] = color
        made = await create_once(
            lambda: self._client.create_label(label),
            lambda: self._client.label(uuid),
            hint=f"list the labels to see, {repeat(key)}",
        )
        self._names.forget()
        return made
