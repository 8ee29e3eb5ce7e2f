from typing import Any

import pytest

from tests.support.vendors import Caller

PAGE = """query(
  $first: Int, $after: String, $last: Int, $before: String, $orderBy: PaginationOrderBy
) {
  issues(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
    nodes { id createdAt updatedAt }
    edges { cursor }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""


async def page(vendors: Caller, **asked: Any) -> Any:
    return (await vendors.data(PAGE, **asked))["issues"]


async def test_pages_join_to_the_whole_list_without_gap_or_overlap(vendors: Caller) -> None:
    whole = [issue["id"] for issue in (await page(vendors, first=250))["nodes"]]
    joined: list[str] = []
    after = None
    while True:
        found = await page(vendors, first=30, after=after)
        joined += [issue["id"] for issue in found["nodes"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    assert joined == whole
    assert len(whole) == 104


async def test_fifty_are_given_where_no_size_is_asked_for(vendors: Caller) -> None:
    found = await page(vendors)
    assert len(found["nodes"]) == 50
    assert found["pageInfo"]["hasNextPage"]


async def test_a_page_can_be_taken_from_the_end(vendors: Caller) -> None:
    whole = [issue["id"] for issue in (await page(vendors, first=250))["nodes"]]
    found = await page(vendors, last=3, before=whole[50])
    assert [issue["id"] for issue in found["nodes"]] == whole[47:50]
    assert [edge["cursor"] for edge in found["edges"]] == whole[47:50]
    assert found["pageInfo"]["hasPreviousPage"]


@pytest.mark.parametrize("order", ["createdAt", "updatedAt"])
async def test_the_newest_comes_first(order: str, vendors: Caller) -> None:
    times = [issue[order] for issue in (await page(vendors, first=250, orderBy=order))["nodes"]]
    assert times == sorted(times, reverse=True)


@pytest.mark.parametrize("asked", [{"first": 251}, {"first": 0}, {"last": 300}, {"after": "x"}])
async def test_a_page_that_cannot_be_is_refused(asked: dict[str, Any], vendors: Caller) -> None:
    error = await vendors.error(PAGE, **asked)
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert next(iter(asked)) in error["extensions"]["userPresentableMessage"]


async def test_what_is_archived_is_listed_only_on_request(vendors: Caller) -> None:
    listed = "query($all: Boolean) { issues(first: 250, includeArchived: $all) { nodes { id } } }"
    before = (await vendors.data(listed))["issues"]["nodes"]
    await vendors.data('mutation { issueArchive(id: "ENG-3") { success } }')
    assert len((await vendors.data(listed))["issues"]["nodes"]) == len(before) - 1
    assert (await vendors.data(listed, all=True))["issues"]["nodes"] == before
