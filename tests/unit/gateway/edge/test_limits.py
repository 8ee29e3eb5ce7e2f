"""What a request's JSON may be."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.edge.limits import MAX_DEPTH, wrong


def why(body: bytes) -> str:
    return wrong(body, orjson.loads(body))


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"[]" + b"}" * (levels - 1)


@pytest.mark.parametrize(
    "body",
    [
        b'{"a":1,"a":2}',
        b'{"a": 1, "b": 0, "a": 1}',
        b'[{"x": {"a": 1, "\\u0061": 2}}]',
    ],
)
def test_a_key_that_is_there_twice_is_named(body: bytes) -> None:
    assert why(body) == "An object in the body has the key 'a' twice"


def test_equal_keys_of_different_objects_are_no_matter() -> None:
    assert why(b'{"a": {"a": 1}, "b": [{"a": 1}, {"a": 2}]}') == ""


def test_nesting_is_bounded_by_what_can_be_passed_on() -> None:
    assert why(nested(MAX_DEPTH)) == ""
    assert why(nested(MAX_DEPTH).replace(b"[]", b"[ ]")) == ""
    assert why(nested(MAX_DEPTH + 1)) == "The body is nested deeper than 254 levels"


@pytest.mark.parametrize("number", [-(2**63) - 1, 2**64, 10**30, 10**300])
def test_an_integer_that_would_be_rounded_is_refused(number: int) -> None:
    assert "is beyond 64 bits" in why(b'{"n":%d}' % number)


@pytest.mark.parametrize("number", [-(2**63), 2**64 - 1, 2**53 + 1, 0])
def test_an_integer_of_64_bits_passes(number: int) -> None:
    assert why(b'{"n": %d}' % number) == ""
    assert orjson.loads(b'{"n": %d}' % number) == {"n": number}


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"]), max_size=3), inner, max_size=4
        )
    ),
    max_leaves=12,
)


styles = st.fixed_dictionaries(
    {"separators": st.sampled_from([None, (",", ":")]), "ensure_ascii": st.booleans()}
)


@given(values, styles)
def test_whatever_a_client_may_write_passes_however_it_writes_it(
    value: Any, style: dict[str, Any]
) -> None:
    assert why(json.dumps(value, **style).encode()) == ""


@given(st.dictionaries(st.text("ab", max_size=2), values, min_size=1, max_size=4), st.data())
def test_any_key_that_is_repeated_anywhere_is_found(
    held: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(held)))
    inside = json.dumps(held)[:-1] + ", " + json.dumps({key: data.draw(values)})[1:]
    wrapped = data.draw(st.sampled_from(["%s", "[1, %s]", '{"x": {"y": [%s]}}']))
    assert why(wrapped.replace("%s", inside).encode()).endswith("twice")
