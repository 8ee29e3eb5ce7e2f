import json
import string
from base64 import urlsafe_b64encode
from hashlib import blake2b
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.errors import Invalid, Unavailable, Unsupported
from kit.paging import MAX_CHARACTERS, Collected, collect, decode, encode

ALPHABET = string.ascii_letters + string.digits + "-_"
LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20)
POSITIONS = st.dictionaries(
    st.text(max_size=10),
    LEAVES | st.dictionaries(st.text(max_size=5), LEAVES, max_size=3),
    max_size=4,
)


@given(POSITIONS, st.text(max_size=10))
def test_a_cursor_gives_its_position_back(position: dict[str, Any], scope: str) -> None:
    cursor = encode(position, scope=scope)
    assert set(cursor) <= set(ALPHABET)
    assert decode(cursor, scope=scope) == position


@given(POSITIONS, st.data())
def test_a_changed_cursor_is_refused(position: dict[str, Any], data: st.DataObject) -> None:
    cursor = encode(position)
    place = data.draw(st.integers(0, len(cursor) - 1))
    other = data.draw(st.sampled_from(ALPHABET).filter(lambda each: each != cursor[place]))
    changed = cursor[:place] + other + cursor[place + 1 :]
    with pytest.raises(Invalid) as refused:
        decode(changed)
    assert refused.value.field == "cursor"


@given(st.text(max_size=100))
def test_no_foreign_text_is_a_cursor(text: str) -> None:
    with pytest.raises(Invalid):
        decode(text)


@pytest.mark.parametrize(
    "foreign",
    [
        "",
        "0",
        urlsafe_b64encode(json.dumps({"linear": {"c": "x"}}).encode()).decode(),
        urlsafe_b64encode(b"1").decode(),
        encode({"after": "x"}) + "=",
        encode({"after": "x"}) + " ",
        encode({"after": "x"}) + "!",
        encode({"after": "x"})[:-1],
        "é" * 10,
    ],
)
def test_what_was_cut_padded_or_made_elsewhere_is_refused(foreign: str) -> None:
    with pytest.raises(Invalid, match="cursor"):
        decode(foreign)


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"{", b"[" * 3000])
def test_a_forged_cursor_without_a_position_is_refused(body: bytes) -> None:
    check = blake2b(b"\0" + body, digest_size=8).digest()
    with pytest.raises(Invalid, match="not one of ours"):
        decode(urlsafe_b64encode(b"1" + check + body).rstrip(b"=").decode())


def test_a_cursor_of_another_list_is_refused() -> None:
    cursor = encode({"after": "x"}, scope="tasks.search")
    with pytest.raises(Invalid, match="made for another list"):
        decode(cursor, scope="people.resolve")


def test_a_cursor_longer_than_the_contract_allows_is_neither_made_nor_read() -> None:
    with pytest.raises(Unsupported, match="narrow the search"):
        encode({"after": "x" * MAX_CHARACTERS})
    with pytest.raises(Invalid, match="over 8192"):
        decode("A" * (MAX_CHARACTERS + 1))


class Vendor:
    """A list of *total* numbers, in pages of *page* at most."""

    def __init__(self, total: int, page: int) -> None:
        self.total = total
        self.page = page
        self.asked: list[tuple[int | None, int]] = []

    async def fetch(self, after: int | None, wanted: int) -> tuple[range, int | None]:
        self.asked.append((after, wanted))
        start = after or 0
        end = min(start + min(wanted, self.page), self.total)
        return range(start, end), end if end < self.total else None


async def test_pages_are_walked_until_enough_is_there() -> None:
    vendor = Vendor(total=100, page=4)
    assert await collect(vendor.fetch, 10, page_size=5) == Collected(tuple(range(10)), 10)
    assert vendor.asked == [(None, 5), (4, 5), (8, 2)]


async def test_the_end_of_the_list_ends_the_walk() -> None:
    vendor = Vendor(total=3, page=2)
    assert await collect(vendor.fetch, 10) == Collected((0, 1, 2), None)


async def test_a_walk_goes_on_where_the_last_one_ended() -> None:
    vendor = Vendor(total=100, page=50)
    first = await collect(vendor.fetch, 7)
    assert (await collect(vendor.fetch, 3, start=first.next)).items == (7, 8, 9)


async def test_a_vendor_with_endless_empty_pages_is_left_after_some() -> None:
    async def fetch(after: int | None, _: int) -> tuple[tuple[str, ...], int | None]:
        return (), (after or 0) + 1

    assert await collect(fetch, 10, max_pages=3) == Collected((), 3)


async def test_a_vendor_that_goes_in_a_circle_is_told() -> None:
    async def fetch(_: int | None, __: int) -> tuple[tuple[str, ...], int | None]:
        return ("x",), 1

    with pytest.raises(Unavailable, match="same cursor"):
        await collect(fetch, 10)
