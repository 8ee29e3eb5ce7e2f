"""Names against the sandbox: kept for a while, looked up again when they must be."""

import contextlib
from collections.abc import AsyncGenerator

import pytest

from kit.errors import Invalid, Unavailable
from services.linear.client import LinearClient
from services.linear.names import Names
from tests.support.clock import FakeClock
from tests.support.linear import Workspace, settings_for
from tests.support.sandbox import RunningSandbox

PROJECT = """mutation P($name: String!, $team: String!) {
  projectCreate(input: {name: $name, teamIds: [$team]}) { project { id } }
}"""


@contextlib.asynccontextmanager
async def names(box: RunningSandbox, clock: FakeClock) -> AsyncGenerator[Names]:
    async with LinearClient(settings_for(box)) as client:
        yield Names(client, clock, ttl_seconds=60)


def calls(box: RunningSandbox) -> int:
    return sum(box.state("linear")["answers"].values())


async def test_a_name_is_looked_up_once_and_again_when_it_is_old(box: RunningSandbox) -> None:
    clock = FakeClock()
    async with names(box, clock) as known:
        before = calls(box)
        for _ in range(3):
            await known.person("avery.stone@example.com")
            await known.person("AVERY.STONE@example.com")
        assert calls(box) == before + 1

        clock.advance(61)
        await known.person("avery.stone@example.com")
        assert calls(box) == before + 2


async def test_what_was_not_found_is_not_kept(box: RunningSandbox, workspace: Workspace) -> None:
    async with names(box, FakeClock()) as known:
        with pytest.raises(Invalid):
            await known.project("Lamps")
        workspace.ask(PROJECT, name="Lamps", team=workspace.team("ENG"))

        assert (await known.project("lamps")).name == "Lamps"


async def test_a_failed_look_up_is_not_kept(box: RunningSandbox) -> None:
    async with names(box, FakeClock()) as known:
        box.fault("linear", "error_503", times=None)
        with pytest.raises(Unavailable):
            await known.team("ENG")
        box.clear_faults()

        assert (await known.team("ENG")).name == "Engineering"


async def test_a_team_that_is_not_known_is_looked_for_anew(box: RunningSandbox) -> None:
    async with names(box, FakeClock()) as known:
        await known.team("ENG")
        before = calls(box)

        with pytest.raises(Invalid):
            await known.team("NEW")

        assert calls(box) == before + 1


async def test_a_name_of_two_projects_names_both(box: RunningSandbox, workspace: Workspace) -> None:
    for _ in range(2):
        workspace.ask(PROJECT, name="Twin", team=workspace.team("ENG"))

    async with names(box, FakeClock()) as known:
        with pytest.raises(Invalid, match=r"fits more than one project: Twin = .*, Twin = "):
            await known.project("twin")


async def test_part_of_a_name_is_enough_for_one_person_and_not_for_two(
    box: RunningSandbox,
) -> None:
    async with names(box, FakeClock()) as known:
        assert (await known.person("avery")).email == "avery.stone@example.com"
        with pytest.raises(Invalid, match=r"fits more than one person: .*@example.com, "):
            await known.person("an")


async def test_me_is_whose_credential_it_is(box: RunningSandbox) -> None:
    async with names(box, FakeClock()) as known:
        assert (await known.person("ME")).email == "avery.stone@example.com"


async def test_a_category_means_its_first_state_and_a_name_goes_first(
    box: RunningSandbox,
) -> None:
    async with names(box, FakeClock()) as known:
        team = await known.team("ENG")
        found = {
            text: (await known.state(team.id, text)).name
            for text in ("in_progress", "todo", "done", "canceled", "started", "IN REVIEW")
        }

    assert found == {
        "in_progress": "In Progress",
        "todo": "Todo",
        "done": "Done",
        "canceled": "Canceled",
        "started": "In Progress",
        "IN REVIEW": "In Review",
    }


async def test_a_group_of_labels_is_no_label(box: RunningSandbox, workspace: Workspace) -> None:
    workspace.ask(
        """mutation { issueLabelCreate(input: {name: "Kind", isGroup: true}) { success } }"""
    )

    async with names(box, FakeClock()) as known:
        with pytest.raises(Invalid, match="is a group of labels"):
            await known.label("kind", None, "labels")


async def test_only_so_many_names_are_kept(box: RunningSandbox) -> None:
    async with names(box, FakeClock()) as known:
        ids = [str(number) for number in range(1100)]

        async def found() -> str:
            return "found"

        for each in ids:
            await known.kept(("x", each), found)

        assert len(known) == 1000
