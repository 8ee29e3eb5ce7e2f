"""What is done with projects; every name is a gid by now."""

from collections.abc import Mapping
from typing import Any

from kit.errors import FleetError, Invalid, UnknownOutcome
from services.asana import mapping, models, results
from services.asana.arguments import SaveProject
from services.asana.client import AsanaClient
from services.asana.details import together
from services.asana.errors import PROVIDER
from services.asana.keys import marked, marker, marker_in
from services.asana.lists import page
from services.asana.names import Names
from services.asana.richtext import payload
from services.asana.writes import Outcome, Turns, create_once, marked_gid


class Projects:
    """Reads, creates and changes projects.

    Args:
        client: Asana.
        names: For the workspace; told when there is a new project.
    """

    def __init__(self, client: AsanaClient, names: Names) -> None:
        self._client = client
        self._names = names
        self._turns = Turns()

    async def detail(self, gid: str) -> results.ProjectDetail:
        """Return a project with its sections and how many tasks it holds."""
        got = await together(
            {
                "project": self._client.project(gid),
                "sections": self._client.sections(gid),
                "counts": self._client.task_counts(gid),
            }
        )
        return mapping.project_detail(got["project"], got["sections"].items, got["counts"])

    async def page(
        self, *, query: str | None, team: str | None, archived: bool, limit: int, cursor: str | None
    ) -> tuple[tuple[models.Project, ...], str | None]:
        """Return one page of projects and the cursor of the next."""
        gid = team and await self._names.team(team)
        workspace = await self._names.workspace()
        return await page(
            lambda count, offset: self._client.projects(
                workspace=workspace, team=gid, archived=archived, limit=count, offset=offset
            ),
            lambda: self._names.projects(gid, archived=archived),
            query=query,
            limit=limit,
            cursor=cursor,
            scope=f"projects {gid} {archived}",
        )

    async def save(self, given: SaveProject) -> results.Saved:
        """Create or change a project.

        Raises:
            Invalid: a name that is not in Asana, or a new project without one.
            UnknownOutcome: it may or may not have happened.
        """
        values: dict[str, Any] = {
            "name": given.name,
            "owner": given.owner and await self._names.user(given.owner, "owner"),
            "team": given.team and await self._names.team(given.team),
            "start_on": given.start_on and given.start_on.isoformat(),
            "due_on": given.due_on and given.due_on.isoformat(),
            "archived": given.archived,
        }
        values = {name: value for name, value in values.items() if value is not None}
        key = given.idempotency_key
        outcome: results.Outcome
        if given.project is None:
            if given.name is None:
                raise Invalid("name: a new project needs one", provider=PROVIDER, field="name")
            chosen = "idempotency_key" in given.model_fields_set
            project, outcome = await self.create(values, given.notes or "", key, look_first=chosen)
        else:
            values |= {name: None for name in given.clear if name != "notes"}
            notes = "" if "notes" in given.clear else given.notes
            gid = await self._names.project(given.project)
            project, outcome = await self.update(gid, values, notes), "updated"
        return mapping.saved_project(project, outcome, key)

    async def create(
        self, values: Mapping[str, Any], notes: str, key: str, *, look_first: bool
    ) -> tuple[models.Project, Outcome]:
        """Create a project; its marker is the last line of its notes.

        Raises:
            UnknownOutcome: it may or may not be there.
        """
        mark = marker("project", key)
        workspace = await self._names.workspace()
        data = {**values, "workspace": workspace, **payload("notes", marked(notes, mark))}
        team = values.get("team")
        where = {"team": team} if team else {"workspace": workspace}

        async def find() -> models.Project | None:
            gid = await marked_gid(self._client, "/projects", where, mark)
            return None if gid is None else await self._client.project(gid)

        async with self._turns.turn(mark):
            made = await create_once(
                find, lambda: self._client.create_project(data), key=key, look_first=look_first
            )
        self._names.forget()
        return made

    async def update(
        self, gid: str, values: Mapping[str, Any], notes: str | None
    ) -> models.Project:
        """Set fields of a project; None leaves the notes as they are.

        Raises:
            UnknownOutcome: it may or may not have been changed.
        """
        data = dict(values)
        if notes is not None:
            mark = marker_in((await self._client.project(gid)).notes)
            data |= payload("notes", marked(notes, mark) if mark else notes)
        try:
            return await self._client.update_project(gid, data)
        except UnknownOutcome as error:
            raise _unsure(error, gid) from error
        finally:
            self._names.forget()


def _unsure(error: FleetError, gid: str) -> UnknownOutcome:
    hint = f"read the project {gid}, or repeat the call: what is done stays done"
    return UnknownOutcome(f"{error.message}; {hint}", provider=PROVIDER, read_back_hint=hint)
