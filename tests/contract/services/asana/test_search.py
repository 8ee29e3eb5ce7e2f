"""Finding tasks: pages without loss, the free plan, limits."""

from datetime import timedelta
from typing import Any

import pytest

from kit.errors import Invalid, PlanRequired, RateLimited, TimedOut, Unavailable
from services.asana.search import LIMITED
from tests.support.asana import PROJECT, RunningAsana, Vendor, asana
from tests.support.clock import FakeClock
from tests.support.sandbox import RunningSandbox, sandbox


async def walked(server: RunningAsana, tool: str, **arguments: Any) -> list[list[str]]:
    """Return the names on each page, from the first to the last."""
    pages: list[list[str]] = []
    cursor: str | None = None
    while len(pages) < 100:
        page = await server.call(tool, **arguments, **({"cursor": cursor} if cursor else {}))
        pages.append([str(each.get("ref") or each.get("gid")) for each in page["items"]])
        cursor = page.get("next_cursor")
        if cursor is None:
            return pages
    raise AssertionError("the pages have no end")


async def test_pages_to_the_end_hold_every_task_once(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    everything = {
        f"task:asana:{task['gid']}"
        for project in vendor.projects.values()
        for task in vendor.get("/tasks", project=project, limit=100)
    }
    async with asana(box) as server:
        pages = await walked(server, "tasks_search", limit=7)
    found = [ref for page in pages for ref in page]
    assert len(found) == len(set(found))
    assert everything <= set(found)
    assert {len(page) for page in pages[:-1]} == {7}


async def test_tasks_of_the_same_millisecond_are_neither_lost_nor_doubled() -> None:
    clock = FakeClock()
    with sandbox(clock, limits="generous") as still:
        vendor = Vendor(still)
        made = {vendor.task(f"Twin {number}") for number in range(11)}
        clock.advance(timedelta(seconds=1).total_seconds())
        made |= {vendor.task(f"Twin {number}") for number in range(11, 15)}
        async with asana(still) as server:
            pages = await walked(server, "asana_search_tasks", query="twin", limit=4)
    found = [gid for page in pages for gid in page]
    assert len(found) == len(set(found)) == 15
    assert set(found) == made


async def test_a_task_made_while_pages_are_turned_disturbs_nothing(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    made = {vendor.task(f"Apple {number}") for number in range(6)}
    async with asana(box) as server:
        first = await server.call("asana_search_tasks", query="apple", limit=3)
        vendor.task("Apple of later")
        second = await server.call(
            "asana_search_tasks", query="apple", limit=3, cursor=first["next_cursor"]
        )
    assert {each["gid"] for each in first["items"] + second["items"]} == made
    assert "next_cursor" not in second


async def test_a_cursor_belongs_to_its_search(box: RunningSandbox) -> None:
    async with asana(box) as server:
        page = await server.call("tasks_search", query="billing", limit=3)
        error = await server.refused(
            "tasks_search", query="invoice", limit=3, cursor=page["next_cursor"]
        )
    assert isinstance(error, Invalid)
    assert error.field == "cursor"


async def test_a_search_asks_no_more_than_it_is_allowed_for_one_page(box: RunningSandbox) -> None:
    async with asana(box, search_requests=1) as server:
        page = await server.call("tasks_search", labels=["Bug", "Feature", "Customer"], limit=50)
    assert page["items"] == []
    path = "GET /workspaces/{workspace_gid}/tasks/search"
    assert box.state("asana")["calls"][path] == 1


async def test_on_a_free_plan_a_named_project_is_read_instead_exactly(
    free: RunningSandbox,
) -> None:
    vendor = Vendor(free)
    project = f"project:asana:{vendor.projects[PROJECT]}"
    everything = {
        f"task:asana:{task['gid']}"
        for task in vendor.get("/tasks", project=vendor.projects[PROJECT], limit=100)
    }
    async with asana(free) as server:
        page = await server.call("tasks_search", project_ref=project, limit=50)
        pages = await walked(server, "tasks_search", project_ref=project, limit=3)
        words = await server.call("tasks_search", project_ref=project, query="memo")
        done = await server.call("tasks_search", project_ref=project, status="done", limit=50)
    assert page["complete"] is True
    found = [ref for each in pages for ref in each]
    assert len(found) == len(set(found))
    assert set(found) == {each["ref"] for each in page["items"]} == everything
    assert words["items"]
    assert all("memo" in each["title"].lower() for each in words["items"])
    assert {each["status"]["category"] for each in done["items"]} == {"done"}


@pytest.mark.parametrize(
    "arguments", [{"assignee": "me"}, {"labels": ["Billing"]}, {"labels": ["Billing", "Customer"]}]
)
async def test_on_a_free_plan_a_person_or_a_label_is_enough(
    free: RunningSandbox, box: RunningSandbox, arguments: dict[str, Any]
) -> None:
    async with asana(free) as server:
        listed = await walked(server, "tasks_search", limit=5, **arguments)
    async with asana(box) as server:
        searched = await walked(server, "tasks_search", limit=5, **arguments)
    assert {ref for page in listed for ref in page} == {ref for page in searched for ref in page}


async def test_on_a_free_plan_words_alone_are_guessed_and_the_answer_says_so(
    free: RunningSandbox,
) -> None:
    async with asana(free) as server:
        page = await server.call("tasks_search", query="billing", limit=5)
        native = await server.call("asana_search_tasks", query="billing", status="any", limit=5)
        nothing = await server.call("tasks_search", query="zebra")
    assert page["complete"] is False
    (report,) = page["providers"]
    assert (report["provider"], report["status"]) == ("asana", "ok")
    assert report["error"] == {"code": "plan_required", "message": LIMITED}
    assert all("billing" in each["title"].lower() for each in page["items"])
    assert native["note"] == LIMITED
    assert nothing["providers"][0]["status"] == "empty"


async def test_on_a_free_plan_nothing_named_is_refused_with_what_to_do(
    free: RunningSandbox,
) -> None:
    async with asana(free) as server:
        error = await server.refused("tasks_search", status="open")
        await server.refused("tasks_search", status="open")
    assert isinstance(error, PlanRequired)
    assert "name words, a project, a person or a tag" in error.message
    path = "GET /workspaces/{workspace_gid}/tasks/search"
    assert free.state("asana")["calls"][path] == 1  # the refusal is remembered


async def test_my_tasks_are_paged_to_the_end(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    made = {vendor.task(f"Mine {number}", assignee="me") for number in range(7)}
    async with asana(box) as server:
        pages = await walked(server, "asana_my_tasks", limit=3)
        done = await server.call("asana_my_tasks", status="done", limit=50)
    found = [gid for page in pages for gid in page]
    assert len(found) == len(set(found))
    assert made <= set(found)
    assert not made & {each["gid"] for each in done["items"]}


async def test_a_limit_is_told_with_when_to_come_back(box: RunningSandbox) -> None:
    async with asana(box) as server:
        box.fault("asana", "rate_limited", seconds=45)
        error = await server.refused("tasks_search", query="billing")
    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == 45
    assert error.provider == "asana"


async def test_a_short_limit_is_waited_for(box: RunningSandbox) -> None:
    async with asana(box) as server:
        box.fault("asana", "rate_limited", seconds=1)
        page = await server.call("tasks_search", query="billing", limit=1)
    assert page["items"]


async def test_a_vendor_that_is_down_is_unavailable_and_not_empty(box: RunningSandbox) -> None:
    async with asana(box) as server:
        box.fault("asana", "error_503", times=None)
        error = await server.refused("tasks_search", query="billing")
    assert isinstance(error, Unavailable)
    assert "503" in error.message


async def test_a_hanging_vendor_is_a_timeout(box: RunningSandbox) -> None:
    async with asana(box, timeout_seconds=0.2) as server:
        box.fault("asana", "hang", times=None)
        error = await server.refused("tasks_search", query="billing")
    assert isinstance(error, TimedOut)


async def test_a_broken_read_is_tried_again(box: RunningSandbox) -> None:
    async with asana(box) as server:
        box.fault("asana", "reset", path="/workspaces/*/tasks/search")
        page = await server.call("tasks_search", query="billing", limit=1)
    assert page["items"]
