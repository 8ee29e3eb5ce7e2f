"""Asana's answers, parameters and bodies, checked against Asana's own OpenAPI document."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from services.sandbox.asana.dispatch import ENDPOINTS
from services.sandbox.asana.endpoint import Endpoint
from services.sandbox.asana.errors import Refused
from services.sandbox.asana.fields import RELATED, known
from services.sandbox.asana.records import (
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
from services.sandbox.asana.task import Membership, Story, Task
from tests.support.specs import specification
from tests.support.vendors import Caller

ROOT = "asana"
# What Asana takes although its document does not say so: search has it in its prose, and
# Asana's own SDK sends it to every list.
BEYOND_QUERY = {
    ("limit", "/teams/{team_gid}/users"),
    ("limit", "/workspaces/{workspace_gid}/tasks/search"),
    ("limit", "/workspaces/{workspace_gid}/typeahead"),
    ("limit", "/workspaces/{workspace_gid}/users"),
}


class Specification:
    """Asana's OpenAPI document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        resource: Resource[Any] = Resource.from_contents(document, default_specification=DRAFT4)
        self.registry: Registry[Any] = Registry().with_resource(ROOT, resource)

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            found: Any = self.document
            for part in node["$ref"].split("/")[1:]:
                found = found[part]
            node = found
        return node

    def properties(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Return the properties of *schema* and of all that it is made of."""
        schema = self.resolved(schema)
        found: dict[str, Any] = {}
        for part in schema.get("allOf", ()):
            found |= self.properties(part)
        found.update(schema.get("properties", {}))
        return found

    def parameters(self, method: str, path: str) -> dict[str, dict[str, Any]]:
        item = self.document["paths"][path]
        listed = [*item.get("parameters", ()), *item[method].get("parameters", ())]
        found = (self.resolved(parameter) for parameter in listed)
        return {each["name"]: each for each in found if each["in"] == "query"}

    def body(self, method: str, path: str) -> dict[str, Any]:
        operation = self.document["paths"][path][method]
        content = self.resolved(operation["requestBody"])["content"]["application/json"]
        return self.properties(self.properties(content["schema"])["data"])

    def answer(self, method: str, path: str, status: int) -> dict[str, Any]:
        responses = self.document["paths"][path][method]["responses"]
        found = self.resolved(responses.get(status) or responses[str(status)])
        schema: dict[str, Any] = found["content"]["application/json"]["schema"]
        return schema

    def errors(self, schema: dict[str, Any], answer: Any) -> Iterator[tuple[str, Any, str]]:
        """Yield the place, the value and the reason of what is not as *schema* says."""
        validator = OAS30Validator(
            _absolute(schema),
            registry=self.registry,
            format_checker=oas30_format_checker,
        )
        for error in validator.iter_errors(answer):
            yield error.json_path, error.instance, error.message

    def unknown(self, schema: dict[str, Any], answer: Any, place: str = "$") -> Iterator[str]:
        """Yield the fields of *answer* that *schema* does not have."""
        schema = self.resolved(schema)
        if isinstance(answer, list):
            for number, each in enumerate(answer):
                yield from self.unknown(schema["items"], each, f"{place}[{number}]")
        elif isinstance(answer, dict):
            known = self.properties(schema)
            for name, value in answer.items():
                if name in known:
                    yield from self.unknown(known[name], value, f"{place}.{name}")
                elif known:
                    yield f"{place}.{name}"


def _absolute(schema: Any) -> Any:
    """Return *schema* with its references pointing into the whole document."""
    if isinstance(schema, list):
        return [_absolute(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _absolute(value) for name, value in schema.items()}
    if "$ref" in made:
        made["$ref"] = ROOT + made["$ref"].removeprefix(ROOT)
    return made


@pytest.fixture(scope="module")
def asana() -> Specification:
    text = specification("asana/asana_oas.yaml").read_text(encoding="utf-8")
    return Specification(yaml.load(text, Loader=yaml.CSafeLoader))


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.name)
def test_an_endpoint_takes_only_what_asana_takes(endpoint: Endpoint, asana: Specification) -> None:
    path, method = endpoint.path, endpoint.method.lower()
    assert path in asana.document["paths"], "Asana has no such path"
    known = asana.parameters(method, path).keys()
    paged = {"limit", "offset"} if endpoint.paged else set()
    ours = {(name, path) for name in endpoint.query | paged} - BEYOND_QUERY
    assert {name for name, _ in ours} <= known
    assert (endpoint.shows is None) or "opt_fields" in known
    assert not endpoint.body or endpoint.body <= asana.body(method, path).keys()
    statuses = {
        int(status)
        for status in asana.document["paths"][path][method]["responses"]
        if str(status).startswith("2")
    }
    assert statuses == {endpoint.status}


def everything(kind: type[Record]) -> str:
    """Return ``opt_fields`` with every field of *kind*, and one below each that has any."""
    below = {
        name: "project.name" if related is Membership else min(known(related) & {"name", "gid"})
        for name, related in RELATED[kind].items()
        if related is not None
    }
    return ",".join(
        [*(known(kind) - below.keys()), *(f"{name}.{each}" for name, each in below.items())]
    )


FULL: dict[type[Record] | None, str] = {
    kind: f"#/components/schemas/{kind.__name__}Response"
    for kind in (Project, Section, Story, Tag, Task, Team, User, UserTaskList, Workspace)
} | {FieldSetting: "#/components/schemas/CustomFieldSettingResponse"}
# Objects that Asana answers with null although its document has them as never null.
NULLS = {
    "assigned_by",
    "assignee",
    "assignee_section",
    "completed_by",
    "created_from_template",
    "current_status",
    "current_status_update",
    "enum_value",
    "parent",
    "project_brief",
}
BEYOND = {"/workspaces/{workspace_gid}/typeahead": {"resource_subtype"}}


async def places(vendors: Caller) -> dict[str, str]:
    """Return a gid for every parameter that a path may have."""
    (workspace,) = await vendors.ok("GET", "/workspaces")
    (team, *_) = await vendors.ok("GET", f"/workspaces/{workspace['gid']}/teams")
    listed = await vendors.ok(
        "GET",
        f"/workspaces/{workspace['gid']}/tasks/search",
        text="review",
        limit="100",
        opt_fields="memberships.project,memberships.section,tags,num_subtasks,dependencies",
    )
    task = next(each for each in listed if each["tags"] and each["memberships"])
    (story, *_) = await vendors.ok("GET", f"/tasks/{task['gid']}/stories")
    mine = await vendors.ok("GET", "/users/me/user_task_list", workspace=workspace["gid"])
    return {
        "project_gid": task["memberships"][0]["project"]["gid"],
        "section_gid": task["memberships"][0]["section"]["gid"],
        "story_gid": story["gid"],
        "tag_gid": task["tags"][0]["gid"],
        "task_gid": task["gid"],
        "team_gid": team["gid"],
        "user_gid": "me",
        "user_task_list_gid": mine["gid"],
        "workspace_gid": workspace["gid"],
    }


REQUIRED = {
    "/tasks": {"project": "project_gid"},
    "/users/{user_gid}/teams": {"organization": "workspace_gid"},
    "/users/{user_gid}/user_task_list": {"workspace": "workspace_gid"},
}


def wrongs(asana: Specification, schema: dict[str, Any], answer: Any, path: str) -> list[str]:
    """Return what in *answer* is not as specified, less what is known to be otherwise."""
    found = [
        f"{place}: {message}"
        for place, value, message in asana.errors(schema, answer)
        if value is not None or place.rpartition(".")[2] not in NULLS
    ]
    beyond = BEYOND.get(path, set())
    more = [each for each in asana.unknown(schema, answer) if each.rpartition(".")[2] not in beyond]
    return [*found, *more]


@pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in ENDPOINTS if not endpoint.writes],
    ids=lambda endpoint: endpoint.path,
)
async def test_an_answer_is_as_asana_specifies(
    endpoint: Endpoint, asana: Specification, vendors: Caller
) -> None:
    gids = await places(vendors)
    query = {name: gids[gid] for name, gid in REQUIRED.get(endpoint.path, {}).items()}
    if "typeahead" in endpoint.path:
        query["resource_type"] = "task"
    path = endpoint.path.format(**gids)
    answer = await vendors.asana("GET", path, None, **query)
    assert answer.status_code == 200, answer.text
    assert (
        wrongs(asana, asana.answer("get", endpoint.path, 200), answer.json(), endpoint.path) == []
    )


@pytest.mark.parametrize(
    "endpoint",
    [endpoint for endpoint in ENDPOINTS if not endpoint.writes and endpoint.shows in FULL],
    ids=lambda endpoint: endpoint.path,
)
async def test_every_field_is_as_asana_specifies(
    endpoint: Endpoint, asana: Specification, vendors: Caller
) -> None:
    gids = await places(vendors)
    query = {name: gids[gid] for name, gid in REQUIRED.get(endpoint.path, {}).items()}
    assert endpoint.shows is not None
    query["opt_fields"] = everything(endpoint.shows)
    answer = await vendors.asana("GET", endpoint.path.format(**gids), None, **query)
    assert answer.status_code == 200, answer.text
    shown = answer.json()["data"]
    for record in shown if isinstance(shown, list) else [shown]:
        assert record.keys() == known(endpoint.shows) - {"external"}
        assert wrongs(asana, {"$ref": FULL[endpoint.shows]}, record, endpoint.path) == []


async def test_what_is_written_is_answered_as_asana_specifies(
    asana: Specification, vendors: Caller
) -> None:
    gids = await places(vendors)
    project, workspace = gids["project_gid"], gids["workspace_gid"]
    bodies: dict[tuple[str, str], dict[str, Any]] = {
        ("POST", "/tasks"): {"name": "a", "projects": [project], "assignee": "me"},
        ("PUT", "/tasks/{task_gid}"): {"completed": True, "due_on": "2026-02-01"},
        ("POST", "/tasks/{task_gid}/subtasks"): {"name": "b"},
        ("POST", "/tasks/{task_gid}/stories"): {"text": "c"},
        ("POST", "/tasks/{task_gid}/addProject"): {"project": project},
        ("POST", "/tasks/{task_gid}/addTag"): {"tag": gids["tag_gid"]},
        ("POST", "/tasks/{task_gid}/addFollowers"): {"followers": ["me"]},
        ("POST", "/tasks/{task_gid}/setParent"): {"parent": None},
        ("POST", "/sections/{section_gid}/addTask"): {"task": gids["task_gid"]},
        ("POST", "/projects"): {"name": "d", "team": gids["team_gid"], "workspace": workspace},
        ("PUT", "/projects/{project_gid}"): {"notes": "e", "due_on": "2026-03-01"},
        ("POST", "/projects/{project_gid}/sections"): {"name": "f"},
        ("POST", "/tags"): {"name": "g", "workspace": workspace},
        ("PUT", "/tags/{tag_gid}"): {"name": "h"},
        ("DELETE", "/tasks/{task_gid}"): {},
    }
    for (method, path), data in bodies.items():
        answer = await vendors.asana(method, path.format(**gids), data)
        assert answer.is_success, f"{method} {path}: {answer.text}"
        schema = asana.answer(method.lower(), path, answer.status_code)
        assert wrongs(asana, schema, answer.json(), path) == [], f"{method} {path}"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429, 500])
async def test_an_error_is_as_asana_specifies(status: int, asana: Specification) -> None:
    body = Refused(status, "why").body
    schema = {"$ref": "#/components/schemas/ErrorResponse"}
    assert wrongs(asana, schema, body, "") == []


def test_a_wrong_answer_would_be_found(asana: Specification) -> None:
    schema = {"$ref": "#/components/schemas/TaskResponse"}
    right = {"gid": "1", "completed": True, "assignee": {"gid": "2"}, "due_on": "2026-01-01"}
    assert wrongs(asana, schema, right, "") == []
    for wrong in ({"gid": 1}, {"completed": None}, {"due_on": "soon"}, {"assignee": {"mail": "x"}}):
        assert wrongs(asana, schema, {**right, **wrong}, ""), wrong
