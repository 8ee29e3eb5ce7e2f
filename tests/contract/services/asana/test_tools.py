"""Asana's own tools, called as a client calls them."""

import json

import pytest

from kit.errors import Invalid
from services.asana.tools import tools
from tests.support.asana import PROJECT, Vendor, asana
from tests.support.sandbox import RunningSandbox


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_both_eras_see_the_same_tools(box: RunningSandbox, mode: str) -> None:
    async with asana(box, mode=mode) as server:
        listed = (await server.client.list_tools()).tools
        page = await server.call("asana_search_tasks", query="billing", limit=1)
    assert [tool.name for tool in listed] == [tool.name for tool in tools]
    assert len(page["items"]) == 1


async def test_the_tool_list_costs_a_conversation_less_than_6000_tokens(
    box: RunningSandbox,
) -> None:
    async with asana(box) as server:
        listed = (await server.client.list_tools()).tools
    told = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed]
    assert len(json.dumps(told, separators=(",", ":"))) / 4 < 6000


async def test_every_tool_says_whether_it_changes_anything() -> None:
    writing = {tool.name for tool in tools if not tool.hint.read_only}
    assert writing == {
        "tasks_create",
        "tasks_update",
        "tasks_comment",
        "asana_save_task",
        "asana_comment",
        "asana_save_project",
    }


async def test_a_search_takes_names_and_native_conditions(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    sections = {
        s["name"]: s["gid"] for s in vendor.get(f"/projects/{vendor.projects[PROJECT]}/sections")
    }
    place = [{"project": vendor.projects[PROJECT], "section": sections["To do"]}]
    wanted = vendor.post("/tasks", name="Kiwi", memberships=place, due_on="2030-01-31")["gid"]
    vendor.task("Kiwi elsewhere", due_on="2030-01-31")
    async with asana(box) as server:
        page = await server.call(
            "asana_search_tasks",
            query="kiwi",
            project=PROJECT.lower(),
            section="to do",
            due_after="2030-01-30",
            due_before="2030-02-01",
        )
        whole = await server.call("asana_search_tasks", query="kiwi", project=PROJECT)
    (line,) = page["items"]
    assert line["gid"] == wanted
    assert (line["status"], line["project"], line["due_on"]) == ("To do", PROJECT, "2030-01-31")
    assert len(whole["items"]) == 2


@pytest.mark.parametrize(
    ("arguments", "field", "told"),
    [
        ({"project": "Biling Migration"}, "project", "there is Billing Migration, "),
        ({"assignee": "nobody@example.com"}, "assignee", "Asana has no person"),
        ({"tags": ["Bugs"]}, "tags", "there is Bug, "),
        ({"project": PROJECT, "section": "Doing"}, "section", "there is Done, Backlog, Canceled"),
        ({"section": "To do"}, "section", "name its project too"),
        ({"project": "task:asana:1209000000000096"}, "project", "no project of Asana"),
    ],
)
async def test_an_unknown_name_is_refused_with_the_choices(
    box: RunningSandbox, arguments: dict[str, object], field: str, told: str
) -> None:
    async with asana(box) as server:
        error = await server.refused("asana_search_tasks", **arguments)
    assert isinstance(error, Invalid)
    assert error.field == field
    assert told in error.message


async def test_an_ambiguous_name_is_refused_with_the_gids(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    workspace = vendor.workspace
    twin = vendor.post(f"/workspaces/{workspace}/tags", name="bug")["gid"]
    async with asana(box) as server:
        error = await server.refused("asana_search_tasks", tags=["Bug"])
        page = await server.call("asana_search_tasks", tags=[twin])
    assert isinstance(error, Invalid)
    assert "more than one tag; give the gid: " in error.message
    assert twin in error.message
    assert page["items"] == []


async def test_a_task_is_saved_into_a_section_with_everything(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    before, whole = vendor.task("Before"), vendor.task("Whole")
    async with asana(box) as server:
        made = await server.call(
            "asana_save_task",
            name="Complete",
            notes="- **one**",
            assignee="Grace Whitfield",
            due_on="2030-01-31",
            project=PROJECT,
            section="In progress",
            parent=whole,
            add_tags=["Billing"],
            followers=["ravi.shankaran@example.com"],
            blocked_by=[before],
            custom_fields={"priority": "Urgent"},
            idempotency_key="k1",
        )
        read = await server.call(
            "asana_get_task", task=made["url"], include=["relations", "comments", "subtasks"]
        )
    assert (made["outcome"], made["status"], made["name"]) == ("created", "In progress", "Complete")
    assert read["gid"] == made["gid"]
    assert read["notes"] == "- **one**"
    assert read["assignee"] == "grace.whitfield@example.com"
    assert read["places"] == [
        {"gid": vendor.projects[PROJECT], "project": PROJECT, "section": "In progress"}
    ]
    assert read["parent"]["name"] == "Whole"
    assert read["tags"] == ["Billing"]
    assert "ravi.shankaran@example.com" in read["followers"]
    assert [each["name"] for each in read["blocked_by"]] == ["Before"]
    assert read["custom_fields"] == {"Priority": "Urgent"}
    assert read["comments"] == read["subtasks"] == read["blocks"] == []


async def test_a_task_is_changed_and_what_is_not_given_stays(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    task = vendor.task("Old", notes="text", due_on="2030-01-31", assignee="me")
    async with asana(box) as server:
        changed = await server.call(
            "asana_save_task",
            task=task,
            name="New",
            section="Done",
            completed=True,
            project="Spring Launch",
            add_tags=["Bug"],
            followers=["grace.whitfield@example.com"],
        )
        both = await server.call("asana_get_task", task=task)
        cleared = await server.call(
            "asana_save_task",
            task=task,
            clear=["notes", "due_on", "assignee"],
            completed=False,
            remove_project=PROJECT,
            remove_tags=["Bug"],
            custom_fields={"Priority": "Low"},
        )
        read = await server.call("asana_get_task", task=task)
    assert changed["outcome"] == cleared["outcome"] == "updated"
    assert both["due_on"] == "2030-01-31"
    assert {(each["project"], each.get("section")) for each in both["places"]} >= {
        ("Spring Launch", "Done")
    }
    assert len(both["places"]) == 2
    assert [each["project"] for each in read["places"]] == ["Spring Launch"]
    assert read["notes"] == ""
    assert not {"due_on", "assignee"} & read.keys()
    assert read["tags"] == []
    assert read["custom_fields"] == {"Priority": "Low"}


async def test_a_task_that_cannot_be_saved_says_why(box: RunningSandbox) -> None:
    task = Vendor(box).task("Old")
    async with asana(box) as server:
        for arguments, field in (
            ({"notes": "no name"}, "name"),
            ({"name": "x", "project": PROJECT, "completed": True}, "completed"),
            ({"name": "x"}, "project"),
            ({"name": "x", "assignee": "me", "section": "Done"}, "section"),
            ({"task": task, "section": "Nowhere"}, "section"),
            ({"task": task, "custom_fields": {"Colour": "red"}}, "custom_fields"),
            ({"task": task, "parent": "the big one"}, "parent"),
        ):
            error = await server.refused("asana_save_task", **arguments)
            assert isinstance(error, Invalid), arguments
            assert error.field == field, error.message


async def test_a_comment_is_added_once_for_its_key(box: RunningSandbox) -> None:
    task = Vendor(box).task("Talked about")
    async with asana(box) as server:
        first = await server.call("asana_comment", task=task, text="Yes.", idempotency_key="c1")
        again = await server.call("asana_comment", task=task, text="Yes.", idempotency_key="c1")
        read = await server.call("asana_get_task", task=task, include=["comments"])
    assert (first["outcome"], again["outcome"]) == ("created", "existing")
    assert first["gid"] == again["gid"]
    assert [(each["author"], each["text"]) for each in read["comments"]] == [
        ("avery.stone@example.com", "Yes.")
    ]


async def test_what_there_is_can_be_listed_and_paged(box: RunningSandbox) -> None:
    async with asana(box) as server:
        for tool, many in (
            ("asana_list_users", 31),
            ("asana_list_tags", 7),
            ("asana_list_teams", 5),
            ("asana_list_projects", 5),
        ):
            found: list[str] = []
            cursor: dict[str, str] = {}
            while True:
                page = await server.call(tool, limit=4, **cursor)
                found += [each["gid"] for each in page["items"]]
                if "next_cursor" not in page:
                    break
                cursor = {"cursor": page["next_cursor"]}
            assert len(found) == len(set(found)) == many, tool
        users = await server.call("asana_list_users", query="whit")
        sections = await server.call("asana_list_sections", project=PROJECT)
        tags = await server.call("asana_list_tags", query="bill")
        teams = await server.call("asana_list_teams", query="FIN")
    assert [each["email"] for each in users["items"]] == ["grace.whitfield@example.com"]
    assert [each["name"] for each in sections["items"]] == [
        "Backlog",
        "To do",
        "In progress",
        "Done",
        "Canceled",
    ]
    assert [each["name"] for each in tags["items"]] == ["Billing"]
    assert [each["name"] for each in teams["items"]] == ["Finance"]


async def test_more_comments_than_are_shown_are_told(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    task = vendor.task("Long story")
    for number in range(52):
        vendor.post(f"/tasks/{task}/stories", text=f"No. {number}")
    async with asana(box) as server:
        read = await server.call("asana_get_task", task=task, include=["comments"])
    assert [each["text"] for each in read["comments"]] == [f"No. {n}" for n in range(2, 52)]
    assert read["truncated"] == ["comments"]
