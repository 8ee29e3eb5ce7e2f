"""How long answers may be kept."""

from typing import Any

import pytest

from gateway.hints import Hints, hints_in, strictest

DEFAULT = Hints(5)


@pytest.mark.parametrize(
    ("result", "hints"),
    [
        ({}, DEFAULT),
        ({"ttlMs": 7, "cacheScope": "public"}, Hints(7, public=True)),
        ({"ttlMs": 7}, Hints(7)),
        ({"cacheScope": "public"}, Hints(0, public=True)),
        ({"ttlMs": -1, "cacheScope": "private"}, Hints(0)),
        ({"ttlMs": True, "cacheScope": "odd"}, Hints(0)),
        ({"ttlMs": "7"}, Hints(0)),
    ],
)
def test_hints_are_read_as_the_specification_has_them(result: dict[str, Any], hints: Hints) -> None:
    assert hints_in(result, DEFAULT) == hints


def test_an_answer_made_of_several_is_kept_as_the_strictest_of_them() -> None:
    assert strictest([Hints(9, public=True), Hints(3, public=True)], DEFAULT) == Hints(
        3, public=True
    )
    assert strictest([Hints(9, public=True), Hints(30)], DEFAULT) == Hints(9)
    assert strictest([], DEFAULT) == DEFAULT
