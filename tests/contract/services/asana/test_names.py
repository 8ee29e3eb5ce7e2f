"""Names: looked up once for a while, and once more when they are missed."""

import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest

from kit.errors import Invalid
from services.asana.client import connected
from services.asana.names import Names
from tests.support.asana import PROJECT, Vendor, settings_for
from tests.support.clock import FakeClock
from tests.support.sandbox import RunningSandbox


@contextlib.asynccontextmanager
async def looking(
    box: RunningSandbox, clock: FakeClock | None = None, **given: Any
) -> AsyncGenerator[Names]:
    settings = settings_for(box, **given)
    async with connected(settings) as client:
        yield Names(client, settings, clock or FakeClock())


def asked(box: RunningSandbox, path: str) -> int:
    return box.state("asana")["calls"].get(f"GET {path}", 0)


async def test_a_name_is_looked_up_once_while_it_is_fresh(box: RunningSandbox) -> None:
    clock = FakeClock()
    before = asked(box, "/projects")
    async with looking(box, clock, names_ttl_seconds=30) as names:
        first = await names.project(PROJECT)
        assert await names.project(PROJECT.upper()) == first
        assert asked(box, "/projects") == before + 1
        clock.advance(29)
        await names.project(PROJECT)
        assert asked(box, "/projects") == before + 1
        clock.advance(2)
        await names.project(PROJECT)
        assert asked(box, "/projects") == before + 2


async def test_a_new_name_is_found_although_the_old_list_is_kept(box: RunningSandbox) -> None:
    clock = FakeClock()
    vendor = Vendor(box)
    async with looking(box, clock) as names:
        await names.tag("Bug")
        made = vendor.post(f"/workspaces/{vendor.workspace}/tags", name="Brand new")["gid"]
        with pytest.raises(Invalid, match="no tag 'Brand new'"):
            await names.tag("Brand new")  # it was looked for just now
        clock.advance(3)
        assert await names.tag("Brand new") == made


async def test_a_gid_is_believed_without_a_look(box: RunningSandbox) -> None:
    before = box.state("asana")["calls"]
    async with looking(box) as names:
        assert await names.project("1209000000000077") == "1209000000000077"
        assert await names.user("1209000000000007") == "1209000000000007"
    assert box.state("asana")["calls"] == before


async def test_a_person_goes_by_address_name_or_me(box: RunningSandbox) -> None:
    async with looking(box) as names:
        grace = await names.user("grace.whitfield@example.com")
        assert await names.user("Grace Whitfield") == grace
        assert await names.user("ME") == (await names.me()).gid != grace
        assert await names.known_user("nobody@example.com") is None
        assert await names.known_tag("nothing") is None


@pytest.mark.parametrize("workspace", [None, "Brightwater Freight", "brightwater freight"])
async def test_the_workspace_is_the_only_one_or_the_one_that_is_set(
    box: RunningSandbox, workspace: str | None
) -> None:
    async with looking(box, workspace=workspace) as names:
        assert await names.workspace() == "1209000000000001"


async def test_a_workspace_that_is_not_there_is_named_with_those_that_are(
    box: RunningSandbox,
) -> None:
    async with looking(box, workspace="Elsewhere") as names:
        with pytest.raises(Invalid, match=r"ASANA_WORKSPACE must name .* Brightwater Freight = 1"):
            await names.workspace()
        with pytest.raises(Invalid, match="ASANA_WORKSPACE"):
            await names.known_user("grace.whitfield@example.com")


async def test_a_set_workspace_gid_costs_no_request(box: RunningSandbox) -> None:
    async with looking(box, workspace="1209000000000001") as names:
        assert await names.workspace() == "1209000000000001"
    assert asked(box, "/workspaces") == 0


async def test_sections_and_fields_belong_to_a_project(box: RunningSandbox) -> None:
    vendor = Vendor(box)
    async with looking(box) as names:
        here = await names.section(vendor.projects[PROJECT], "done")
        there = await names.section(vendor.projects["Spring Launch"], "done")
        (priority,) = await names.fields(vendor.projects[PROJECT])
    assert here != there
    assert [each.name for each in priority.enum_options] == ["Urgent", "High", "Medium", "Low"]


async def test_forgotten_names_are_looked_up_anew(box: RunningSandbox) -> None:
    async with looking(box) as names:
        await names.teams()
        names.forget()
        await names.team("finance")
    assert asked(box, "/workspaces/{workspace_gid}/teams") == 2
