"""The client: what it asks is in Asana's own specification, and what comes back is checked."""

import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
import yaml
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit.errors import Internal, Unavailable, UnknownOutcome
from services.asana.client import AsanaClient, connected
from tests.support.asana import RunningAsana, Vendor, asana, settings_for
from tests.support.mcp_server import answering
from tests.support.sandbox import RunningSandbox
from tests.support.serving import serving
from tests.support.specs import specification

Sent = tuple[str, str, dict[str, str], Any]  # method, path, parameters, body
ANY_FIELDS = {"/workspaces/{workspace_gid}/typeahead"}  # of whatever it finds, by its prose
UNLISTED = {"limit"}  # of search: its prose names it, its list of parameters does not


@asynccontextmanager
async def recorded(box: RunningSandbox, seen: list[Sent]) -> AsyncGenerator[str]:
    """Stand between a client and the sandbox and note method, path, parameters and body."""

    async def relay(request: Request) -> Response:
        path, params, body = request.url.path, dict(request.query_params), await request.body()
        seen.append((request.method, path, params, json.loads(body)["data"] if body else {}))
        headers = {"authorization": request.headers["authorization"]}
        if body:
            headers["content-type"] = "application/json"
        try:
            answer = await client.request(
                request.method, path, params=params, content=body, headers=headers
            )
        except httpx2.TransportError:
            return Response(status_code=502)
        return Response(answer.content, answer.status_code, media_type="application/json")

    app = Starlette(routes=[Route("/{path:path}", relay, methods=["GET", "POST", "PUT"])])
    async with httpx2.AsyncClient(base_url=box.asana_url, timeout=5) as client, serving(app) as url:
        yield url


async def everything(server: RunningAsana, vendor: Vendor) -> None:
    """Call every tool so that every request is made."""
    project, launch = "Billing Migration", "Spring Launch"
    first = vendor.task("First")
    made = await server.call(
        "asana_save_task",
        name="All",
        notes="**b**",
        project=project,
        section="To do",
        assignee="me",
        due_on="2030-01-31",
        add_tags=["Bug"],
        followers=["grace.whitfield@example.com"],
        blocked_by=[first],
        custom_fields={"Priority": "High"},
        idempotency_key="k",
    )
    task = made["gid"]
    await server.call("asana_save_task", name="Part", parent=task, idempotency_key="part")
    await server.call("asana_save_task", name="Mine", assignee="me", idempotency_key="mine")
    await server.call(
        "asana_save_task",
        task=task,
        name="All of it",
        completed=True,
        project=launch,
        remove_project=project,
        parent=first,
        add_tags=["Billing"],
        remove_tags=["Bug"],
        followers=["ravi.shankaran@example.com"],
    )
    await server.call("asana_save_task", task=task, section="Done", clear=["parent", "notes"])
    await server.call("asana_comment", task=task, text="*Yes*", idempotency_key="c")
    await server.call("asana_get_task", task=task, include=["comments", "subtasks", "relations"])
    await server.call(
        "asana_search_tasks",
        query="a",
        project=project,
        section="To do",
        assignee="me",
        tags=["Bug"],
        due_before="2030-01-31",
        due_after="2020-01-31",
        updated_after="2020-01-31T00:00:00Z",
    )
    await server.call("asana_search_tasks", project=project, status="any", limit=1)
    await server.call("asana_my_tasks")
    saved = await server.call(
        "asana_save_project",
        name="P",
        team="Finance",
        owner="me",
        start_on="2029-01-31",
        due_on="2030-01-31",
        notes="*n*",
        idempotency_key="p",
    )
    await server.call("asana_save_project", project=saved["gid"], notes="x", archived=True)
    await server.call("asana_get_project", project=project)
    for tool in ("users", "tags", "teams", "projects"):
        await server.call(f"asana_list_{tool}")
    await server.call("asana_list_projects", team="Finance")
    await server.call("tasks_search", query="a", limit=1)


async def without_search(server: RunningAsana) -> None:
    """Make the requests that only a free plan needs."""
    await server.call("tasks_search", query="a")
    await server.call("tasks_search", labels=["Bug"], status="open")
    await server.call("tasks_search", assignee="me", updated_after="2020-01-31T00:00:00Z")
    await server.call("asana_search_tasks", project="Billing Migration", section="To do")


class Specification:
    """Asana's OpenAPI document, as far as requests go."""

    def __init__(self) -> None:
        text = specification("asana/asana_oas.yaml").read_text("utf-8")
        self.whole: Any = yaml.load(text, Loader=yaml.CSafeLoader)
        self.paths = {
            re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)): path for path in self.whole["paths"]
        }

    def at(self, node: Any) -> Any:
        """Return *node*, or what it refers to in the end."""
        while "$ref" in node:
            found = self.whole
            for part in node["$ref"].split("/")[1:]:
                found = found[part]
            node = found
        return node

    def fields(self, schema: Any) -> set[str]:
        """Return the names of an object's properties."""
        schema = self.at(schema)
        found = set(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            found |= self.fields(part)
        return found

    def wrong(self, method: str, path: str, query: dict[str, str], data: Any) -> list[str]:
        """Return what of a request is not in the specification."""
        literal = [p for pattern, p in self.paths.items() if pattern.fullmatch(path)]
        template = min(literal, key=lambda each: each.count("{"), default=None)
        operation = self.whole["paths"].get(template, {}).get(method.lower())
        if template is None or operation is None:
            return [f"{method} {path}: no such operation"]
        named = [
            *self.whole["paths"][template].get("parameters", ()),
            *operation.get("parameters", ()),
        ]
        parameters = {self.at(each)["name"]: self.at(each) for each in named}
        mistakes = [
            f"{method} {template}: no parameter {name}"
            for name in query.keys() - parameters.keys() - UNLISTED
        ]
        fields = query.get("opt_fields", "").split(",")
        if template not in ANY_FIELDS and fields != [""]:
            known = {"gid", *parameters["opt_fields"]["schema"]["items"]["enum"]}
            mistakes += [
                f"{method} {template}: no field {field}"
                for field in fields
                if field not in known and not _of_a_compact_record(field, known)
            ]
        if data:
            body = operation["requestBody"]["content"]["application/json"]["schema"]
            allowed = self.fields(body["properties"]["data"])
            mistakes += [
                f"{method} {template}: no property {name}" for name in data.keys() - allowed
            ]
        return mistakes


def _of_a_compact_record(field: str, known: set[str]) -> bool:
    """Say whether *field* is of a record that is listed, if not with all that it has."""
    record, _, name = field.rpartition(".")
    return name in {"name", "email"} and any(
        each == record or each.startswith(f"{record}.") for each in known
    )


async def test_every_request_is_in_asanas_specification(
    box: RunningSandbox, free: RunningSandbox
) -> None:
    known = Specification()
    seen: list[Sent] = []
    async with recorded(box, seen) as url, asana(box, base_url=url) as server:
        await everything(server, Vendor(box))
        box.fault("asana", "reset_after_commit", method="POST", path="/tasks")
        await server.call("tasks_create", title="x", container_ref="project:asana:Hiring Plan")
    async with recorded(free, seen) as url, asana(free, base_url=url) as server:
        await without_search(server)
    assert {mistake for request in seen for mistake in known.wrong(*request)} == set()
    kinds = {(method, re.sub(r"[0-9]{6,}", "*", path)) for method, path, _, _ in seen}
    assert len(kinds) > 30


@asynccontextmanager
async def given(box: RunningSandbox, status: int, body: Any) -> AsyncGenerator[AsanaClient]:
    """Yield a client that gets the same answer to everything."""
    async with (
        serving(answering(status, body)) as url,
        connected(settings_for(box, base_url=url)) as client,
    ):
        yield client


async def test_an_answer_that_is_not_asanas_is_told_and_not_taken_for_empty(
    box: RunningSandbox,
) -> None:
    async with given(box, 200, {"hello": "world"}) as client:
        with pytest.raises(Unavailable, match="check ASANA_BASE_URL"):
            await client.workspaces()
    async with given(box, 302, {}) as client:
        with pytest.raises(Unavailable, match="302, a redirect; check ASANA_BASE_URL"):
            await client.workspaces()


async def test_a_record_of_another_form_is_named(box: RunningSandbox) -> None:
    async with given(box, 200, {"data": {"gid": "1", "name": "x"}}) as client:
        with pytest.raises(Internal, match="Asana's task has another form: created_at"):
            await client.task("1")
        with pytest.raises(UnknownOutcome, match="another form"):
            await client.create_task({"name": "x"})
