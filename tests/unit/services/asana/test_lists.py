from collections.abc import Sequence

import pytest

from kit.errors import Invalid
from services.asana.lists import page
from services.asana.models import Named, Slice, User

PEOPLE = [User(gid=str(n), name=f"Person {n}", email=f"p{n}@example.com") for n in range(7)]


async def load(limit: int, offset: str | None) -> Slice[User]:
    start = int(offset or 0)
    end = start + limit
    return Slice(tuple(PEOPLE[start:end]), str(end) if end < len(PEOPLE) else None)


async def everything() -> Sequence[User]:
    return PEOPLE


async def walked(query: str | None) -> list[str]:
    found: list[str] = []
    cursor: str | None = None
    while True:
        items, cursor = await page(
            load, everything, query=query, limit=3, cursor=cursor, scope="users"
        )
        found += [each.gid for each in items]
        if cursor is None:
            return found


@pytest.mark.parametrize("query", [None, "person", "@EXAMPLE"])
async def test_pages_to_the_end_hold_everything_once(query: str | None) -> None:
    assert await walked(query) == [str(n) for n in range(7)]


async def test_a_query_keeps_the_names_and_addresses_that_hold_it() -> None:
    assert await walked("p4@") == ["4"]
    assert await walked("nobody") == []


async def test_a_cursor_of_another_list_is_refused() -> None:
    _, cursor = await page(load, everything, query=None, limit=3, cursor=None, scope="users")
    with pytest.raises(Invalid, match="another list"):
        await page(load, everything, query=None, limit=3, cursor=cursor, scope="tags")
    with pytest.raises(Invalid, match="another list"):
        await page(load, everything, query="x", limit=3, cursor=cursor, scope="users")


async def test_things_without_an_address_are_found_by_name() -> None:
    tags = [Named(gid="1", name="Bug"), Named(gid="2", name="Billing")]

    async def all_tags() -> Sequence[Named]:
        return tags

    async def no_pages(_limit: int, _offset: str | None) -> Slice[Named]:
        raise AssertionError

    items, _ = await page(no_pages, all_tags, query="bill", limit=3, cursor=None, scope="tags")
    assert [each.gid for each in items] == ["2"]
