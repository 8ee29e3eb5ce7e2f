"""Merging: order, paging without loss, joins, and who is to blame."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.attempt.merge import Position, merged, positions
from gateway.attempt.replies import Answered, Attempt, Failed, Reply, Skipped
from kit.contract.operation import Merge
from kit.errors import FleetError, Invalid, TimedOut, Unavailable

BY_REF = Merge(key="ref")


def answered(provider: str, result: dict[str, Any]) -> Answered:
    return Answered(provider, provider, "PRIMARY", result, (Attempt(provider, "ok", 1.0),))


def items(provider: str, start: int, end: int) -> list[dict[str, str]]:
    return [{"ref": f"task:{provider}:{n}"} for n in range(start, end)]


def served(name: str, total: int, size: int, position: Position) -> Reply:
    """One provider's page as a real one would give it at *position*."""
    if position.done:
        return Answered(name, "", "", {}, ())
    start = int(position.cursor or 0)
    page: dict[str, Any] = {"items": items(name, start, min(start + size, total))}
    if start + size < total:
        page["next_cursor"] = str(start + size)
    return answered(name, page)


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 30), min_size=1),
    st.integers(1, 12),
    st.integers(1, 12),
)
def test_walking_the_pages_gives_every_item_once_in_each_providers_order(
    totals: dict[str, int], limit: int, size: int
) -> None:
    found: list[str] = []
    cursor: str | None = None
    for _ in range(500):
        before = positions(cursor)
        replies = [served(n, t, size, before.get(n, Position())) for n, t in totals.items()]
        page = merged(replies, BY_REF, limit=limit, before=before)
        assert len(page["items"]) <= limit
        found += [item["ref"] for item in page["items"]]
        cursor = page.get("next_cursor")
        if cursor is None:
            break
    assert len(found) == len(set(found)) == sum(totals.values())
    for name, total in totals.items():
        own = [ref for ref in found if ref.startswith(f"task:{name}:")]
        assert own == [f"task:{name}:{n}" for n in range(total)]


def test_items_are_taken_in_turn_whatever_the_order_of_arrival() -> None:
    a, b = answered("a", {"items": items("a", 0, 3)}), answered("b", {"items": items("b", 0, 1)})
    page = merged([a, b], BY_REF, limit=None, before={})
    assert [i["ref"] for i in page["items"]] == [
        "task:a:0",
        "task:b:0",
        "task:a:1",
        "task:a:2",
    ]


def test_a_failed_provider_keeps_its_place_for_the_next_page() -> None:
    page = {"items": items("a", 0, 2), "next_cursor": "2"}
    first = merged(
        [answered("a", page), Failed("b", TimedOut("late"), ())], BY_REF, limit=2, before={}
    )
    assert first["complete"] is False
    before = positions(first["next_cursor"])
    assert before == {"a": Position("2"), "b": Position()}


def test_the_same_person_of_two_systems_becomes_one() -> None:
    def person(provider: str) -> dict[str, Any]:
        return {"email": "a@example.com", "name": provider, "accounts": [{"provider": provider}]}

    page = merged(
        [answered(each, {"items": [person(each)]}) for each in "xy"],
        Merge(key="email", join="accounts"),
        limit=None,
        before={},
    )
    assert page["items"] == [
        {
            "email": "a@example.com",
            "name": "x",
            "accounts": [{"provider": "x"}, {"provider": "y"}],
        }
    ]


def test_people_without_e_mail_are_not_taken_for_one_another() -> None:
    nobody = {"name": "?", "accounts": []}
    merge = Merge(key="email", join="accounts")
    replies = [answered(each, {"items": [nobody]}) for each in "xy"]
    assert len(merged(replies, merge, limit=None, before={})["items"]) == 2


def test_a_provider_that_says_it_is_incomplete_makes_the_whole_incomplete() -> None:
    reply = answered("a", {"items": items("a", 0, 1), "complete": False})
    assert merged([reply], BY_REF, limit=None, before={})["complete"] is False


@pytest.mark.parametrize(
    ("replies", "code", "words"),
    [
        ([Failed("a", Invalid("bad", field="x"), ())], "invalid", "bad"),
        ([Failed("a", Unavailable("gone"), ()), Skipped("b", "DOWN")], "unavailable", "b: DOWN"),
        ([], "unavailable", "none is registered"),
    ],
)
def test_when_nobody_answers_it_is_a_failure_and_never_an_empty_list(
    replies: list[Reply], code: str, words: str
) -> None:
    with pytest.raises(FleetError, match=words) as raised:
        merged(replies, BY_REF, limit=5, before={})
    assert raised.value.code == code


@pytest.mark.parametrize("cursor", ["", "x", "e30", "🦊"])
def test_a_cursor_of_another_kind_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        positions(cursor)
