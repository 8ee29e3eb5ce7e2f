"""Projects: read whole, found by name and team, saved once."""

from kit.errors import Invalid, UnknownOutcome
from tests.support.asana import PROJECT, Vendor, asana
from tests.support.sandbox import RunningSandbox


async def test_a_project_is_read_with_its_sections_and_counts(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    gid = vendor.projects[PROJECT]
    counts = vendor.get(
        f"/projects/{gid}/task_counts", opt_fields="num_incomplete_tasks,num_completed_tasks"
    )
    async with asana(box) as server:
        read = await server.call("asana_get_project", project=PROJECT)
        same = await server.call("asana_get_project", project=read["url"])
    assert read == same
    assert (read["name"], read["team"]) == (PROJECT, "Finance")
    assert read["owner"] == "grace.whitfield@example.com"
    assert [each["name"] for each in read["sections"]][:2] == ["Backlog", "To do"]
    assert read["tasks_open"] == counts["num_incomplete_tasks"]
    assert read["tasks_done"] == counts["num_completed_tasks"]


async def test_projects_are_found_by_name_and_team(box: RunningSandbox) -> None:
    async with asana(box) as server:
        named = await server.call("asana_list_projects", query="launch")
        team = await server.call("asana_list_projects", team="Finance")
        both = await server.call("asana_list_projects", team="Finance", query="launch")
    assert [each["name"] for each in named["items"]] == ["Spring Launch"]
    assert [each["name"] for each in team["items"]] == [PROJECT]
    assert both["items"] == []


async def test_a_new_project_is_there_at_once_and_once(box: RunningSandbox) -> None:
    new = {"name": "Audit", "team": "Finance", "notes": "**Why**", "idempotency_key": "p1"}
    async with asana(box) as server:
        before = await server.call("asana_list_projects", query="audit")
        made = await server.call("asana_save_project", **new)
        again = await server.call("asana_save_project", **new)
        task = await server.call("asana_save_task", name="First", project="audit")
        read = await server.call("asana_get_project", project="Audit")
    assert before["items"] == []
    assert (made["outcome"], again["outcome"]) == ("created", "existing")
    assert made["gid"] == again["gid"] == read["gid"]
    assert read["notes"] == "**Why**"
    assert task["outcome"] == "created"
    assert box.writes("asana", "POST /projects") == 1


async def test_a_project_whose_answer_was_lost_is_read_back(box: RunningSandbox) -> None:
    new = {"name": "Audit", "team": "Finance", "idempotency_key": "p1"}
    async with asana(box) as server:
        box.fault("asana", "reset_after_commit", method="POST", path="/projects")
        made = await server.call("asana_save_project", **new)
        box.fault("asana", "reset", method="POST", path="/projects")
        error = await server.refused("asana_save_project", **{**new, "idempotency_key": "p2"})
    assert made["outcome"] == "created"
    assert isinstance(error, UnknownOutcome)
    assert box.writes("asana", "POST /projects") == 1


async def test_a_project_is_changed_cleared_and_archived(box: RunningSandbox) -> None:
    async with asana(box) as server:
        made = await server.call(
            "asana_save_project", name="Audit", team="Finance", due_on="2030-01-31", notes="text"
        )
        changed = await server.call(
            "asana_save_project",
            project="Audit",
            name="Audit 2030",
            owner="me",
            notes="new",
            clear=["due_on"],
        )
        read = await server.call("asana_get_project", project=made["gid"])
        await server.call("asana_save_project", project=made["gid"], archived=True)
        active = await server.call("asana_list_projects", query="audit")
        archived = await server.call("asana_list_projects", query="audit", status="archived")
    assert changed["outcome"] == "updated"
    assert (read["name"], read["owner"]) == ("Audit 2030", "avery.stone@example.com")
    assert read["notes"] == "new"
    assert "due_on" not in read
    assert active["items"] == []
    assert [each["name"] for each in archived["items"]] == ["Audit 2030"]


async def test_a_project_that_cannot_be_saved_says_why(box: RunningSandbox) -> None:
    async with asana(box) as server:
        for arguments, field in (
            ({"notes": "no name"}, "name"),
            ({"name": "x", "team": "Nobody"}, "team"),
            ({"project": "No such project", "name": "x"}, "project"),
            ({"project": PROJECT, "owner": "nobody"}, "owner"),
        ):
            error = await server.refused("asana_save_project", **arguments)
            assert isinstance(error, Invalid)
            assert error.field == field


async def test_a_change_that_is_never_answered_is_unknown(box: RunningSandbox) -> None:
    async with asana(box) as server:
        box.fault("asana", "error_500", times=None, method="PUT", path="/projects/*")
        error = await server.refused("asana_save_project", project=PROJECT, name="x")
    assert isinstance(error, UnknownOutcome)
    assert "read the project" in (error.read_back_hint or "")
