"""Writes: applied once, whatever becomes of the answer."""

import asyncio
from typing import Any, cast

import pytest
from mcp_types import RequestParamsMeta

from kit.deadline import META_BUDGET
from kit.errors import Invalid, RateLimited, Unauthenticated, UnknownOutcome
from kit.wire import META_ERROR
from tests.support.asana import PROJECT, Vendor, asana
from tests.support.clock import FakeClock
from tests.support.sandbox import RunningSandbox

NEW: dict[str, Any] = {
    "title": "Only once",
    "container_ref": f"project:asana:{PROJECT}",
    "idempotency_key": "k1",
}


async def test_the_same_key_twice_makes_one_task(box: RunningSandbox) -> None:
    async with asana(box) as server:
        first = await server.call("tasks_create", **NEW)
        again = await server.call("tasks_create", **NEW)
        other = await server.call("tasks_create", **{**NEW, "idempotency_key": "k2"})
    async with asana(box) as restarted:
        later = await restarted.call("tasks_create", **NEW)
    assert [each["outcome"] for each in (first, again, other, later)] == [
        "created",
        "existing",
        "created",
        "existing",
    ]
    assert first["ref"] == again["ref"] == later["ref"] != other["ref"]
    assert box.writes("asana", "POST /tasks") == 2


async def test_the_same_key_at_the_same_time_makes_one_task(box: RunningSandbox) -> None:
    async with asana(box) as server:
        box.fault("asana", "latency", seconds=0.2, method="POST", path="/tasks")
        made = await asyncio.gather(*(server.call("tasks_create", **NEW) for _ in range(3)))
    assert sorted(each["outcome"] for each in made) == ["created", "existing", "existing"]
    assert len(Vendor(box).named("Only once")) == 1


async def test_without_a_key_of_the_callers_nothing_is_looked_for(box: RunningSandbox) -> None:
    async with asana(box) as server:
        made = await server.call("tasks_create", title="Plain", container_ref=NEW["container_ref"])
    assert made["outcome"] == "created"
    assert len(made["idempotency_key"]) == 32
    assert "GET /tasks" not in box.state("asana")["calls"]


async def test_the_marker_stands_in_the_notes_and_not_in_answers(box: RunningSandbox) -> None:
    async with asana(box) as server:
        made = await server.call("tasks_create", **NEW, description_md="Why **not**.")
        await server.call("tasks_update", ref=made["ref"], set={"description_md": "Because."})
        read = await server.call("tasks_get", ref=made["ref"])
        again = await server.call("tasks_create", **NEW)
    (task,) = Vendor(box).named("Only once")
    assert task["notes"].startswith("Because.\n\nsophia-key: ")
    assert read["description_md"] == "Because."
    assert again["outcome"] == "existing"  # the marker outlives a change of the notes


async def test_an_oauth_app_keeps_the_marker_out_of_the_notes(box: RunningSandbox) -> None:
    async with asana(box, access_token=box.asana_oauth_token, app="oauth") as server:
        first = await server.call("tasks_create", **NEW)
        again = await server.call("tasks_create", **NEW)
        box.fault("asana", "reset_after_commit", method="POST", path="/tasks")
        lost = await server.call("tasks_create", **{**NEW, "idempotency_key": "k2"})
    assert [each["outcome"] for each in (first, again, lost)] == ["created", "existing", "created"]
    assert [each["notes"] for each in Vendor(box).named("Only once")] == ["", ""]


async def test_a_write_whose_answer_was_lost_is_read_back(box: RunningSandbox) -> None:
    async with asana(box) as server:
        box.fault("asana", "reset_after_commit", method="POST", path="/tasks")
        made = await server.call("tasks_create", **NEW)
    assert made["outcome"] == "created"
    assert box.writes("asana", "POST /tasks") == 1
    assert len(Vendor(box).named("Only once")) == 1


@pytest.mark.parametrize("kind", ["reset", "error_500", "error_503", "hang", "malformed"])
async def test_a_write_that_may_have_happened_is_unknown_and_its_repeat_finds_out(
    box: RunningSandbox, kind: str
) -> None:
    async with asana(box, timeout_seconds=0.5) as server:
        box.fault("asana", kind, method="POST", path="/tasks")
        error = await server.refused("tasks_create", **NEW)
        box.clear_faults()
        async with asyncio.timeout(5):
            made = await server.call("tasks_create", **NEW)
            while not Vendor(box).named("Only once"):
                made = await server.call("tasks_create", **NEW)
    assert isinstance(error, UnknownOutcome)
    assert error.read_back_hint == "repeat the call with idempotency_key k1: it looks first"
    assert made["outcome"] in {"created", "existing"}
    assert len(Vendor(box).named("Only once")) == 1


async def test_reading_back_that_fails_too_is_unknown(box: RunningSandbox) -> None:
    async with asana(box) as server:
        await server.call("asana_get_project", project=PROJECT)
        box.fault("asana", "reset_after_commit", method="POST", path="/tasks")
        box.fault("asana", "error_503", times=None, method="GET", path="/tasks")
        error = await server.refused(
            "tasks_create", title="Dark", container_ref=NEW["container_ref"]
        )
    assert isinstance(error, UnknownOutcome)
    assert "reading back failed" in error.message


async def test_a_refused_write_did_nothing_and_says_what_was_wrong(box: RunningSandbox) -> None:
    async with asana(box) as server:
        error = await server.refused(
            "tasks_create", title="x", container_ref="project:asana:1209999999999999"
        )
    assert isinstance(error, Invalid)
    assert error.field == "projects"
    assert error.certain


async def test_a_write_that_is_turned_away_is_told_with_when_to_come_back(
    box: RunningSandbox,
) -> None:
    async with asana(box) as server:
        box.fault("asana", "rate_limited", seconds=45, method="POST", path="/tasks")
        error = await server.refused("tasks_create", **NEW)
    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == 45
    assert Vendor(box).named("Only once") == []


async def test_a_wrong_token_is_named(box: RunningSandbox) -> None:
    async with asana(box, access_token="wrong", workspace="1209000000000001") as server:
        error = await server.refused("tasks_create", **NEW)
    assert isinstance(error, Unauthenticated)
    assert "check ASANA_ACCESS_TOKEN" in error.message


async def test_a_change_whose_answer_was_lost_is_made_all_the_same(box: RunningSandbox) -> None:
    task = Vendor(box).task("Changing")
    async with asana(box) as server:
        box.fault("asana", "reset_after_commit", method="PUT", path="/tasks/*")
        box.fault("asana", "reset", path="/tasks/*/addTag")
        made = await server.call(
            "tasks_update", ref=f"task:asana:{task}", set={"title": "New"}, add_labels=["Bug"]
        )
    assert made["outcome"] == "updated"
    (read,) = Vendor(box).named("New")
    assert [tag["name"] for tag in read["tags"]] == ["Bug"]


async def test_a_change_that_is_never_answered_but_done_is_read_back(box: RunningSandbox) -> None:
    task = Vendor(box).task("Changing")
    async with asana(box) as server:
        box.fault("asana", "reset_after_commit", times=None, method="PUT", path="/tasks/*")
        made = await server.call("tasks_update", ref=f"task:asana:{task}", set={"title": "New"})
    assert (made["outcome"], made["task"]["title"]) == ("updated", "New")


async def test_a_change_that_was_not_made_is_unknown(box: RunningSandbox) -> None:
    task = Vendor(box).task("Changing")
    async with asana(box) as server:
        box.fault("asana", "error_500", times=None, method="PUT", path="/tasks/*")
        error = await server.refused("tasks_update", ref=f"task:asana:{task}", set={"title": "N"})
    assert isinstance(error, UnknownOutcome)
    assert f"read task:asana:{task}, or repeat the call" in (error.read_back_hint or "")


async def test_a_change_that_stops_half_way_says_what_was_done(box: RunningSandbox) -> None:
    task = Vendor(box).task("Changing")
    async with asana(box) as server:
        box.fault("asana", "error_503", times=None, path="/tasks/*/addTag")
        error = await server.refused(
            "tasks_update", ref=f"task:asana:{task}", set={"title": "New"}, add_labels=["Bug"]
        )
        box.clear_faults()
        again = await server.call(
            "tasks_update", ref=f"task:asana:{task}", set={"title": "New"}, add_labels=["Bug"]
        )
    assert isinstance(error, UnknownOutcome)
    assert "done before that: name" in error.message
    assert (again["outcome"], again["task"]["labels"]) == ("updated", ["Bug"])
    assert box.writes("asana", "PUT /tasks/{task_gid}") == 1


async def test_a_refused_step_is_told_as_it_is_with_what_was_done_before(
    box: RunningSandbox,
) -> None:
    task = Vendor(box).task("Changing")
    async with asana(box) as server:
        error = await server.refused("asana_save_task", task=task, name="New", blocked_by=[task])
    assert isinstance(error, Invalid)
    assert error.field == "dependencies"
    assert error.message.endswith("; done before that: name")


async def test_what_is_so_already_is_not_sent(box: RunningSandbox) -> None:
    async with asana(box) as server:
        made = await server.call(
            "tasks_create", **NEW, description_md="- a\n- **b**", labels=["Bug"], priority=1
        )
        same = await server.call(
            "tasks_update",
            ref=made["ref"],
            set={
                "title": NEW["title"],
                "description_md": "- a\n- **b**",
                "priority": 1,
                "status": made["task"]["status"]["name"],
                "project_ref": made["task"]["project"]["ref"],
                "assignee": None,
            },
            add_labels=["Bug"],
            remove_labels=["Billing"],
        )
    assert same["outcome"] == "existing"
    assert set(box.state("asana")["writes"]) == {"POST /tasks"}


async def test_a_write_leaves_time_to_read_back_within_the_callers_deadline(
    box: RunningSandbox,
) -> None:
    async with asana(box, workspace="1209000000000001") as server:
        await server.call("asana_list_sections", project=PROJECT)
        box.fault("asana", "hang", method="POST", path="/tasks")
        budget = cast("RequestParamsMeta", {META_BUDGET: 1500})
        answer = await server.client.call_tool("tasks_create", NEW, meta=budget)
    assert answer.is_error
    assert (answer.meta or {})[META_ERROR]["code"] == "unknown_outcome"
    assert "it is not there now" in (answer.meta or {})[META_ERROR]["message"]


async def test_a_section_that_was_made_just_now_is_a_status(box: RunningSandbox) -> None:
    clock = FakeClock()
    vendor = Vendor(box)
    ref = f"task:asana:{vendor.task('Moving')}"
    async with asana(box, clock=clock) as server:
        await server.call("tasks_update", ref=ref, set={"status": "To do"})
        vendor.post(f"/projects/{vendor.projects[PROJECT]}/sections", name="In review")
        clock.advance(3)
        moved = await server.call("tasks_update", ref=ref, set={"status": "in review"})
    assert moved["task"]["status"] == {"name": "In review", "category": "in_progress"}
