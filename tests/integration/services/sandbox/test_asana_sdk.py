"""The official Asana SDK, unchanged but for its host, as an independent client."""

from collections.abc import Callable
from typing import Any

import asana
import pytest
from asana.rest import ApiException

from tests.support.sandbox import RunningSandbox


@pytest.fixture
def client(vendors: RunningSandbox) -> Any:
    configuration = asana.Configuration()
    configuration.host = vendors.asana_url
    configuration.access_token = vendors.asana_token
    return asana.ApiClient(configuration)


@pytest.fixture
def workspace(client: Any) -> str:
    (only,) = asana.WorkspacesApi(client).get_workspaces({})
    gid: str = only["gid"]
    return gid


@pytest.fixture
def project(client: Any, workspace: str) -> str:
    listed = asana.ProjectsApi(client).get_projects_for_workspace(workspace, {"limit": 2})
    gid: str = next(each["gid"] for each in listed if each["name"] == "Hiring Plan")
    return gid


def test_the_sdk_reads_who_it_is(client: Any) -> None:
    me = asana.UsersApi(client).get_user("me", {"opt_fields": "email,name"})
    assert me["email"] == "avery.stone@example.com"


def test_the_sdk_lists_page_after_page(client: Any, project: str, vendors: RunningSandbox) -> None:
    tasks = asana.TasksApi(client)
    before = vendors.state("asana")["calls"].get("GET /tasks", 0)
    listed = list(tasks.get_tasks({"project": project, "limit": 6, "opt_fields": "name,completed"}))
    assert len({each["gid"] for each in listed}) == len(listed) == 20
    assert vendors.state("asana")["calls"]["GET /tasks"] - before == 4
    first = list(tasks.get_tasks({"project": project, "limit": 6}, item_limit=3))
    assert [each["gid"] for each in first] == [each["gid"] for each in listed[:3]]


def test_the_sdk_creates_reads_changes_and_deletes(client: Any, project: str) -> None:
    tasks = asana.TasksApi(client)
    body = {"data": {"name": "By SDK", "projects": [project], "assignee": "me"}}
    made = tasks.create_task(body, {})
    read = tasks.get_task(
        made["gid"], {"opt_fields": "name,assignee.email,memberships.section.name"}
    )
    assert read["assignee"]["email"] == "avery.stone@example.com"
    changed = tasks.update_task({"data": {"completed": True}}, made["gid"], {})
    assert changed["completed"] is True
    story = asana.StoriesApi(client).create_story_for_task(
        {"data": {"text": "Hi"}}, made["gid"], {}
    )
    assert story["text"] == "Hi"
    stories = list(asana.StoriesApi(client).get_stories_for_task(made["gid"], {}))
    assert story["gid"] in {each["gid"] for each in stories}
    tasks.delete_task(made["gid"])
    with pytest.raises(ApiException, match="404"):
        tasks.get_task(made["gid"], {})


def test_the_sdk_searches(client: Any, workspace: str) -> None:
    asked = {"text": "billing", "completed": False, "sort_by": "created_at", "limit": 5}
    found = list(asana.TasksApi(client).search_tasks_for_workspace(workspace, asked))
    assert 0 < len(found) <= 5
    typed = asana.TypeaheadApi(client).typeahead_for_workspace(
        workspace, "task", {"query": "billing"}
    )
    assert list(typed)


Read = Callable[[Any, str, str], Any]
READS: dict[str, Read] = {
    "sections": lambda c, _, p: asana.SectionsApi(c).get_sections_for_project(p, {}),
    "users": lambda c, w, _: asana.UsersApi(c).get_users({"workspace": w, "opt_fields": "email"}),
    "tags": lambda c, w, _: asana.TagsApi(c).get_tags_for_workspace(w, {}),
    "teams": lambda c, w, _: asana.TeamsApi(c).get_teams_for_workspace(w, {}),
    "settings": lambda c, _, p: asana.CustomFieldSettingsApi(
        c
    ).get_custom_field_settings_for_project(p, {}),
}


@pytest.mark.parametrize("name", READS)
def test_the_sdk_lists_what_is_round_the_tasks(
    name: str, client: Any, workspace: str, project: str
) -> None:
    assert list(READS[name](client, workspace, project))


def test_the_sdk_waits_as_long_as_a_429_says_and_tries_again(
    client: Any, vendors: RunningSandbox
) -> None:
    vendors.fault("asana", "rate_limited", seconds=1, path="/users/*")
    assert asana.UsersApi(client).get_user("me", {})["name"] == "Avery Stone"
    assert vendors.state("asana")["answers"]["429"] == 1


def test_the_sdk_names_a_wrong_token(vendors: RunningSandbox) -> None:
    configuration = asana.Configuration()
    configuration.host = vendors.asana_url
    configuration.access_token = "wrong"
    with pytest.raises(ApiException, match="Not Authorized"):
        asana.UsersApi(asana.ApiClient(configuration)).get_user("me", {})
