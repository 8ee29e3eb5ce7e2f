"""Pages of a list that changes between them."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.entries import Entries, Entry
from gateway.hints import Hints
from kit.errors import Invalid

SCOPE = "tools/list"
Fleet = dict[str, list[str]]


def entries(fleet: Fleet) -> Entries:
    """Return the list over *fleet*: keys by server, in order."""
    found = [
        Entry(server, f"{server}.{key}", {"name": f"{server}.{key}"})
        for server, keys in fleet.items()
        for key in keys
    ]
    return Entries(found, Hints(0))


def walked(*states: Fleet, size: int) -> list[str]:
    """Return all names that a client gets while the list goes through *states*, page by page."""
    found: list[str] = []
    cursor = None
    for number in range(100):
        state = states[min(number, len(states) - 1)]
        page = entries(state).page(cursor, scope=SCOPE, size=size)
        found += [item["name"] for item in orjson.loads(orjson.dumps(page.items))]
        cursor = page.cursor
        if cursor is None:
            return found
    raise AssertionError("the list goes round in a circle")


keys = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)
fleets = st.dictionaries(st.sampled_from(["one", "two", "three", "four"]), keys, max_size=4)


@given(fleets, st.integers(1, 7))
def test_pages_of_a_list_that_stays_are_the_list(fleet: Fleet, size: int) -> None:
    expected = [f"{server}.{key}" for server, each in fleet.items() for key in each]
    assert walked(fleet, size=size) == expected


@given(fleets, st.integers(1, 7), st.data())
def test_a_server_that_goes_loses_nobody_elses_items(
    fleet: Fleet, size: int, data: st.DataObject
) -> None:
    gone = data.draw(st.sampled_from([*fleet, "none of them"]))
    after = {server: each for server, each in fleet.items() if server != gone}
    found = walked(fleet, after, size=size)
    stay = [f"{server}.{key}" for server, each in after.items() for key in each]
    assert [name for name in found if name in stay] == stay


@given(fleets, st.integers(1, 7), st.data())
def test_a_server_that_comes_makes_nothing_appear_twice_or_not_at_all(
    fleet: Fleet, size: int, data: st.DataObject
) -> None:
    names = list(fleet)
    place = data.draw(st.integers(0, len(names)))
    new = data.draw(keys)
    order = [*names[:place], "new", *names[place:]]
    after = {server: new if server == "new" else fleet[server] for server in order}
    found = walked(fleet, after, size=size)
    assert len(found) == len(set(found))
    stay = [f"{server}.{key}" for server, each in fleet.items() for key in each]
    assert [name for name in found if name in stay] == stay


@given(fleets, st.integers(1, 7), st.data())
def test_an_item_that_goes_takes_no_other_with_it(
    fleet: Fleet, size: int, data: st.DataObject
) -> None:
    everything = [(server, key) for server, each in fleet.items() for key in each]
    gone = data.draw(st.sampled_from([*everything, ("", "")]))
    after = {
        server: [key for key in each if (server, key) != gone] for server, each in fleet.items()
    }
    found = walked(fleet, after, size=size)
    stay = [f"{server}.{key}" for server, each in after.items() for key in each]
    assert [name for name in found if name in stay] == stay


def test_a_cursor_of_another_list_is_refused() -> None:
    fleet = {"one": ["a", "b", "c"]}
    cursor = entries(fleet).page(None, scope="prompts/list", size=1).cursor
    given_back: list[object] = [cursor, "", "made up", 7, {}]
    for wrong in given_back:
        with pytest.raises(Invalid):
            entries(fleet).page(wrong, scope=SCOPE)


def test_items_are_put_into_the_form_asked_for_and_rendered_once() -> None:
    listed = entries({"one": ["a"]})
    calls: list[str] = []

    def shouted(item: dict[str, str]) -> dict[str, str]:
        calls.append(item["name"])
        return {"name": item["name"].upper()}

    for _ in range(2):
        page = listed.page(None, scope=SCOPE, form=shouted)
        assert orjson.loads(orjson.dumps(page.items)) == [{"name": "ONE.A"}]
    assert calls == ["one.a"]
