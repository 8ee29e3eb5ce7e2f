"""What goes wrong at Linear, as callers of the tools see it."""

import asyncio
from typing import Any

import pytest

from kit.errors import (
    NotFound,
    RateLimited,
    TimedOut,
    Unauthenticated,
    Unavailable,
    UnknownOutcome,
)
from tests.support.linear import RunningLinear, Workspace, linear
from tests.support.sandbox import RunningSandbox

CREATE = {"title": "Made", "container_ref": "team:linear:ENG", "idempotency_key": "k"}
READS: dict[str, dict[str, Any]] = {
    "tasks_search": {},
    "tasks_get": {"ref": "task:linear:ENG-1"},
    "people_resolve": {"name": "avery"},
    "linear_search_issues": {"query": "billing"},
    "linear_get_issue": {"issue": "ENG-1"},
    "linear_list_projects": {},
    "linear_get_project": {"project": "Billing 2.0"},
    "linear_list_cycles": {},
    "linear_list_users": {},
    "linear_list_labels": {},
    "linear_list_teams": {},
}
WRITES: dict[str, tuple[str, dict[str, Any]]] = {
    "tasks_create": ("issueCreate", CREATE),
    "tasks_update": ("issueUpdate", {"ref": "task:linear:ENG-1", "set": {"title": "Made"}}),
    "tasks_comment": ("commentCreate", {"ref": "task:linear:ENG-1", "body_md": "Made"}),
    "linear_save_issue": ("issueCreate", {"title": "Made", "team": "ENG"}),
    "linear_comment": ("commentCreate", {"issue": "ENG-1", "body": "Made"}),
    "linear_save_project": ("projectCreate", {"name": "Made", "teams": ["ENG"]}),
    "linear_create_label": ("issueLabelCreate", {"name": "Made"}),
}
ALL = READS | {tool: arguments for tool, (_, arguments) in WRITES.items()}


async def test_a_refused_credential_is_said_to_be_one(
    server: RunningLinear, box: RunningSandbox
) -> None:
    box.fault("linear", "unauthorized", times=None)

    for tool, arguments in ALL.items():
        error = await server.refused(tool, **arguments)
        assert isinstance(error, Unauthenticated), tool
        assert "LINEAR_API_KEY" in error.message


async def test_a_spent_limit_is_named_with_the_wait(
    server: RunningLinear, box: RunningSandbox
) -> None:
    box.fault("linear", "rate_limited", times=None, seconds=600)

    for tool, arguments in ALL.items():
        error = await server.refused(tool, **arguments)
        assert isinstance(error, RateLimited), tool
        assert error.retry_after_seconds is not None
        assert 500 < error.retry_after_seconds <= 600
    assert sum(box.state("linear")["writes"].values()) == 0


async def test_a_vendor_that_is_down_is_unavailable(
    server: RunningLinear, box: RunningSandbox
) -> None:
    box.fault("linear", "error_503", times=None)

    for tool, arguments in READS.items():
        assert isinstance(await server.refused(tool, **arguments), Unavailable), tool


async def test_a_vendor_that_cannot_be_reached_is_unavailable_and_nothing_was_done(
    box: RunningSandbox,
) -> None:
    async with linear(box, base_url="http://127.0.0.1:9/graphql") as server:
        error = await server.refused("linear_list_teams")

    assert isinstance(error, Unavailable)
    assert error.certain


@pytest.mark.parametrize("fault", ["error_503", "reset", "malformed"])
async def test_a_read_is_tried_again(
    server: RunningLinear, box: RunningSandbox, fault: str
) -> None:
    for tool in ("tasks_search", "people_resolve", "linear_get_issue", "linear_list_teams"):
        box.fault("linear", fault, times=1)
        await server.call(tool, **READS[tool])
        assert box.faults()[-1]["hits"] == 1, tool


@pytest.mark.parametrize("fault", ["reset", "reset_after_commit", "error_503", "malformed"])
async def test_a_write_whose_answer_is_lost_is_applied_exactly_once(
    server: RunningLinear, box: RunningSandbox, fault: str
) -> None:
    for tool, (mutation, arguments) in WRITES.items():
        box.fault("linear", fault, times=1, operation=mutation)
        before = box.writes("linear", mutation)

        answer = await server.call(tool, **arguments)

        update = mutation == "issueUpdate"  # sets fields: twice is as once
        assert answer["outcome"] == ("updated" if update else "created"), tool
        assert box.faults()[-1]["hits"] == 1, tool
        applied = box.writes("linear", mutation) - before
        assert applied == (2 if update and fault == "reset_after_commit" else 1), tool


async def test_a_create_that_is_repeated_after_a_lost_answer_finds_what_is_there(
    server: RunningLinear, box: RunningSandbox, workspace: Workspace
) -> None:
    box.fault("linear", "reset_after_commit", operation="issueCreate")
    box.fault("linear", "reset", times=None, operation="Issue")
    unknown = await server.refused("tasks_create", **CREATE)
    box.clear_faults()

    answer = await server.call("tasks_create", **CREATE)

    assert isinstance(unknown, UnknownOutcome)
    assert answer["outcome"] == "existing"
    assert len(workspace.titled("Made")) == 1


async def test_a_write_that_stays_unanswered_says_how_to_find_out(box: RunningSandbox) -> None:
    box.fault("linear", "hang", times=None, operation="issueCreate")

    async with linear(box, timeout_seconds=0.3) as server:
        error = await server.refused("tasks_create", **CREATE)

    assert isinstance(error, UnknownOutcome)
    assert not error.certain
    assert error.read_back_hint is not None
    assert "task:linear:" in error.read_back_hint
    assert "idempotency_key k" in error.read_back_hint
    assert box.writes("linear", "issueCreate") == 0


async def test_a_create_that_hangs_once_is_made_once(box: RunningSandbox) -> None:
    box.fault("linear", "hang", times=1, operation="issueCreate")

    async with linear(box, timeout_seconds=0.5) as server:
        answer = await server.call("tasks_create", **CREATE)

    assert answer["outcome"] == "created"
    assert box.writes("linear", "issueCreate") == 1


async def test_a_create_that_lands_after_its_time_is_made_once(
    box: RunningSandbox, workspace: Workspace
) -> None:
    box.fault("linear", "latency", times=1, seconds=0.8, operation="issueCreate")

    async with linear(box, timeout_seconds=0.5) as server:
        answer = await server.call("tasks_create", **CREATE)
        seen = box.state("linear")["answers"]["200"]
        async with asyncio.timeout(5):
            while box.state("linear")["answers"]["200"] == seen:
                await asyncio.to_thread(box.state, "linear")

    assert answer["outcome"] == "created"
    assert box.writes("linear", "issueCreate") == 1
    assert len(workspace.titled("Made")) == 1


async def test_a_read_that_hangs_times_out(box: RunningSandbox) -> None:
    box.fault("linear", "hang", times=None)

    async with linear(box, timeout_seconds=0.2) as server:
        error = await server.refused("linear_list_teams")

    assert isinstance(error, TimedOut)


async def test_a_write_leaves_time_of_its_deadline_to_read_back(box: RunningSandbox) -> None:
    box.fault("linear", "hang", times=None, operation="issueCreate")

    async with linear(box) as server:
        await server.call("linear_list_teams")
        meta: Any = {"fleet/budget_ms": 900}
        answer = await server.client.call_tool("tasks_create", CREATE, meta=meta)

    assert answer.is_error
    assert (answer.meta or {})["fleet/error"]["code"] == "unknown_outcome"


async def test_a_reference_that_is_not_there_is_not_found(server: RunningLinear) -> None:
    error = await server.refused("linear_get_issue", issue="ENG-99999")

    assert isinstance(error, NotFound)
    assert error.message == "Linear has no issue 'ENG-99999'"


async def test_an_oauth_token_goes_as_bearer(box: RunningSandbox) -> None:
    async with linear(box, api_key=None, oauth_token=box.linear_oauth_token) as server:
        assert (await server.call("linear_list_teams"))["teams"]
