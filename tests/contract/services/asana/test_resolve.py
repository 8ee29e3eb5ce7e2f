"""Arguments as people write them, resolved against what there is."""

import contextlib
from collections.abc import AsyncGenerator
from datetime import date

from kit.clock import SystemClock
from kit.contract import tasks
from services.asana import resolve
from services.asana.arguments import SaveTask
from services.asana.client import connected
from services.asana.drafts import KEEP, Change
from services.asana.names import Names
from tests.support.asana import PROJECT, Vendor, settings_for
from tests.support.sandbox import RunningSandbox

TASK = "1209000000000096"


@contextlib.asynccontextmanager
async def looking(box: RunningSandbox) -> AsyncGenerator[Names]:
    settings = settings_for(box)
    async with connected(settings) as client:
        yield Names(client, settings, SystemClock())


async def test_nothing_to_set_changes_nothing(box: RunningSandbox) -> None:
    async with looking(box) as names:
        contract = await resolve.updated(
            names, tasks.Update.model_validate({"ref": f"task:asana:{TASK}"})
        )
        native = await resolve.changed(names, SaveTask.model_validate({"task": TASK}))
    assert contract == Change(within="set.")
    assert native == Change()


async def test_the_contracts_null_clears(box: RunningSandbox) -> None:
    cleared = dict.fromkeys(
        ("description_md", "assignee", "due_on", "priority", "project_ref", "parent_ref")
    )
    async with looking(box) as names:
        change = await resolve.updated(
            names, tasks.Update.model_validate({"ref": f"task:asana:{TASK}", "set": cleared})
        )
    assert change.values == {"assignee": None, "due_on": None}
    assert (change.notes, change.priority, change.parent) == ("", 0, None)
    assert (change.into, change.leave) == (None, True)


async def test_the_native_null_says_nothing_and_clear_clears(box: RunningSandbox) -> None:
    nulls = {"task": TASK, "notes": None, "assignee": None, "parent": None}
    cleared = {"task": TASK, "clear": ["notes", "assignee", "due_on", "parent"]}
    async with looking(box) as names:
        kept = await resolve.changed(names, SaveTask.model_validate(nulls))
        change = await resolve.changed(names, SaveTask.model_validate(cleared))
    assert (kept.values, kept.notes, kept.parent) == ({}, KEEP, KEEP)
    assert change.values == {"assignee": None, "due_on": None}
    assert (change.notes, change.parent) == ("", None)


async def test_names_become_gids(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    async with looking(box) as names:
        sought = await resolve.sought(
            names,
            tasks.Search.model_validate(
                {
                    "assignee": "grace.whitfield@example.com",
                    "project_ref": f"project:asana:{PROJECT}",
                    "labels": ["Bug"],
                    "due_before": "2030-01-31",
                }
            ),
        )
        draft = await resolve.created(
            names, tasks.Create.model_validate({"title": "T", "assignee": "me"}), PROJECT
        )
    assert sought is not None
    assert sought.project == draft.project == vendor.projects[PROJECT]
    assert (sought.due_before, len(sought.tags)) == (date(2030, 1, 31), 1)
    assert sought.assignee != draft.assignee
