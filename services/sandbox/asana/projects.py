"""Projects, their sections and their custom fields."""

from services.sandbox.asana import errors, params
from services.sandbox.asana.endpoint import NOTHING, Asked, Endpoint, Many, One, Plain, Result
from services.sandbox.asana.membership import drop
from services.sandbox.asana.records import FieldSetting, Project, Section, Team, User, Workspace
from services.sandbox.asana.texts import markup, text_of

_WRITABLE = frozenset(
    {
        "archived",
        "color",
        "default_view",
        "due_date",
        "due_on",
        "html_notes",
        "icon",
        "name",
        "notes",
        "owner",
        "privacy_setting",
        "public",
        "start_on",
        "team",
    }
)
_READ_ONLY = frozenset({*Project.FULL, *Project.OPTIONAL}) - _WRITABLE
_PAGED = frozenset({"archived"})


def _project(asked: Asked) -> One:
    return One(asked.at(Project))


def _listed(asked: Asked, team: Team | None = None) -> Many:
    found = asked.store.every(Project)
    if team:
        found = [project for project in found if project.team is team]
    if "archived" in asked.query:
        archived = params.boolean("archived", asked.query["archived"])
        found = [project for project in found if project.archived is archived]
    return Many(found)


def _projects(asked: Asked) -> Many:
    asked.named(Workspace, "workspace")
    return _listed(asked, asked.named(Team, "team"))


def _projects_of_workspace(asked: Asked) -> Many:
    asked.at(Workspace)
    return _listed(asked)


def _projects_of_team(asked: Asked) -> Many:
    return _listed(asked, asked.at(Team))


def _create(asked: Asked) -> One:
    team = asked.store.at(Team, asked.path["team_gid"]) if "team_gid" in asked.path else None
    if team is None:
        if "workspace_gid" in asked.path:
            asked.at(Workspace)
        elif asked.data.get("workspace"):
            asked.needed(Workspace, "workspace")
        team = asked.needed(Team, "team")  # an organisation's projects must have one
    if not params.text("name", asked.data.get("name") or ""):
        raise errors.missing("name")
    project = Project(
        gid=asked.store.new_gid(),
        name="",
        workspace=asked.store.workspace,
        team=team,
        created_at=asked.now,
        modified_at=asked.now,
        owner=asked.store.viewer,
        members=[asked.store.viewer],
        followers=[asked.store.viewer],
    )
    _set(asked, project)
    asked.store.add(project)
    _add_section(asked, project, "Untitled section")
    return One(project)


def _update(asked: Asked) -> One:
    project = asked.at(Project)
    _set(asked, project)
    return One(project)


def _set(asked: Asked, project: Project) -> None:
    given = asked.data
    owner = asked.needed(User, "owner") if given.get("owner") else None
    team = asked.needed(Team, "team") if given.get("team") else project.team
    dates = {
        "due_on": given.get("due_on", given.get("due_date")),
        "start_on": given.get("start_on"),
    }
    read = {name: params.day(name, value) for name, value in dates.items() if value}
    for name in ("archived", "color", "default_view", "icon", "name", "notes", "privacy_setting"):
        if name in given:
            setattr(project, name, given[name])
    if "notes" in given:
        project.html = None
    if "html_notes" in given:
        project.html = markup("html_notes", given["html_notes"])
        project.notes = text_of(project.html)
    if "public" in given:
        shown = params.boolean("public", given["public"])
        project.privacy_setting = "public_to_workspace" if shown else "private"
    if "owner" in given:
        project.owner = owner
    if "due_on" in given or "due_date" in given:
        project.due_on = read.get("due_on")
    if "start_on" in given:
        project.start_on = read.get("start_on")
    project.team = team
    project.modified_at = asked.now


def _delete(asked: Asked) -> Result:
    project = asked.at(Project)
    for task in project.tasks:
        drop(task, project)
        asked.changed(task)
    for section in project.sections:
        del asked.store.records[section.gid]
    del asked.store.records[project.gid]
    return NOTHING


def _counts(asked: Asked) -> Plain:
    if "opt_fields" not in asked.query:  # by itself it says nothing, so says Asana
        return NOTHING
    tasks = asked.at(Project).tasks
    done = [task for task in tasks if task.completed]
    stones = [task for task in tasks if task.resource_subtype == "milestone"]
    counts = {
        "num_tasks": len(tasks),
        "num_incomplete_tasks": len(tasks) - len(done),
        "num_completed_tasks": len(done),
        "num_milestones": len(stones),
        "num_incomplete_milestones": sum(not task.completed for task in stones),
        "num_completed_milestones": sum(task.completed for task in stones),
    }
    wanted = params.listed("opt_fields", asked.query["opt_fields"])
    return Plain({name: counts[name] for name in wanted if name in counts})


def _field_settings(asked: Asked) -> Many:
    return Many(asked.at(Project).custom_field_settings)


def _sections(asked: Asked) -> Many:
    return Many(asked.at(Project).sections)


def _section(asked: Asked) -> One:
    return One(asked.at(Section))


def _create_section(asked: Asked) -> One:
    name = params.text("name", asked.data.get("name") or "")
    if not name:
        raise errors.missing("name")
    return One(_add_section(asked, asked.at(Project), name))


def _add_section(asked: Asked, project: Project, name: str) -> Section:
    section = Section(gid=asked.store.new_gid(), name=name, created_at=asked.now, project=project)
    place = len(project.sections)
    for key, step in (("insert_before", 0), ("insert_after", 1)):
        if asked.data.get(key):
            place = project.sections.index(asked.needed(Section, key)) + step
    project.sections.insert(place, section)
    return asked.store.add(section)


def _rename_section(asked: Asked) -> One:
    section = asked.at(Section)
    section.name = params.text("name", asked.data.get("name", section.name))
    return One(section)


def _delete_section(asked: Asked) -> Result:
    section = asked.at(Section)
    if section.tasks:
        raise errors.wrong("section", "Cannot delete a section that has tasks in it")
    section.project.sections.remove(section)
    del asked.store.records[section.gid]
    return NOTHING


_NEW = _WRITABLE | {"workspace"}
_SECTION = frozenset({"name", "insert_before", "insert_after"})

ENDPOINTS = (
    Endpoint(
        "GET", "/projects", _projects, Project, paged=True, query=_PAGED | {"workspace", "team"}
    ),
    Endpoint("POST", "/projects", _create, Project, body=_NEW, read_only=_READ_ONLY, status=201),
    Endpoint("GET", "/projects/{project_gid}", _project, Project),
    Endpoint(
        "PUT", "/projects/{project_gid}", _update, Project, body=_WRITABLE, read_only=_READ_ONLY
    ),
    Endpoint("DELETE", "/projects/{project_gid}", _delete),
    Endpoint("GET", "/projects/{project_gid}/task_counts", _counts),
    Endpoint(
        "GET",
        "/projects/{project_gid}/custom_field_settings",
        _field_settings,
        FieldSetting,
        paged=True,
    ),
    Endpoint("GET", "/projects/{project_gid}/sections", _sections, Section, paged=True),
    Endpoint(
        "POST",
        "/projects/{project_gid}/sections",
        _create_section,
        Section,
        body=_SECTION,
        status=201,
    ),
    Endpoint(
        "GET",
        "/workspaces/{workspace_gid}/projects",
        _projects_of_workspace,
        Project,
        paged=True,
        query=_PAGED,
    ),
    Endpoint(
        "POST",
        "/workspaces/{workspace_gid}/projects",
        _create,
        Project,
        body=_NEW,
        read_only=_READ_ONLY,
        status=201,
    ),
    Endpoint(
        "GET", "/teams/{team_gid}/projects", _projects_of_team, Project, paged=True, query=_PAGED
    ),
    Endpoint(
        "POST",
        "/teams/{team_gid}/projects",
        _create,
        Project,
        body=_NEW,
        read_only=_READ_ONLY,
        status=201,
    ),
    Endpoint("GET", "/sections/{section_gid}", _section, Section),
    Endpoint("PUT", "/sections/{section_gid}", _rename_section, Section, body=_SECTION),
    Endpoint("DELETE", "/sections/{section_gid}", _delete_section),
)
