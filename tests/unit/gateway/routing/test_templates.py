"""URI templates: what matches, and which templates share a URI."""

import itertools
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gateway.routing.templates import MAX_CHARACTERS, Pattern


@pytest.mark.parametrize(
    ("template", "uri", "matches"),
    [
        ("test://template/{id}/data", "test://template/7/data", True),
        ("test://template/{id}/data", "test://template/7/8/data", False),
        ("test://template/{id}/data", "test://template/a%2Fb/data", True),
        ("test://template/{id}/data", "test://template/é x/data", True),
        ("file:///{+path}", "file:///a/b/c.txt?x#y", True),
        ("file:///a{/path*}", "file:///a/b/c", True),
        ("file:///a{/path*}", "file:///a", True),
        ("file:///a{/path*}", "file:///ab", False),
        ("x://find{?q,limit}", "x://find?q=a&limit=2", True),
        ("x://find{?q,limit}", "x://find", True),
        ("x://find{?q,limit}", "x://findings", False),
        ("x://find?all=1{&q}", "x://find?all=1&q=2", True),
        ("x://{a}.{b}", "x://one.two.three", True),
        ("x://doc{.format}", "x://doc.md", True),
        ("x://doc{#part}", "x://doc#a/b", True),
        ("x://doc{;lang}", "x://doc;lang=en", True),
        ("x://{a,b}", "x://1,2", True),
        ("plain://text", "plain://text", True),
        ("plain://text", "plain://text2", False),
        ("broken://{open", "broken://{open", True),
    ],
)
def test_a_template_matches_what_it_can_be_filled_to(
    template: str, uri: str, *, matches: bool
) -> None:
    assert Pattern(template).matches(uri) is matches


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("x://{id}", "x://{name}", True),
        ("x://{id}", "y://{id}", False),
        ("x://{owner}/{repo}", "x://{owner}/{repo}/issues", False),
        ("x://{+path}", "x://{owner}/{repo}/issues", True),
        ("x://a/{id}", "x://{kind}/7", True),
        ("x://a{/path*}", "x://ab", False),
        ("x://a{?q}", "x://a", True),
        ("{+anything}", "y://z", True),
    ],
)
def test_templates_meet_where_one_uri_matches_both(one: str, other: str, *, meet: bool) -> None:
    assert Pattern(one).meets(Pattern(other)) is meet
    assert Pattern(other).meets(Pattern(one)) is meet


def test_a_template_made_to_take_long_does_not() -> None:
    pattern = Pattern("x://" + "{+a}y" * 200)
    assert not pattern.matches("x://" + "y" * 150 + "n" * 2000)
    assert pattern.matches("x://" + "y" * 300)


def test_a_template_of_unreasonable_length_matches_nothing() -> None:
    pattern = Pattern("x" * (MAX_CHARACTERS + 1))
    assert not pattern.matches(pattern.template)
    assert not pattern.meets(pattern)


EXPRESSIONS = {
    "{v}": "[^/?#]*",
    "{+v}": ".*",
    "{/v}": "(/[^?#]*)?",
    "{.v}": r"(\.[^/?#]*)?",
    "{?v}": r"(\?[^#]*)?",
}
pieces = st.lists(st.sampled_from(["a", "b", "/", ".", "?", *EXPRESSIONS]), max_size=6)
uris = st.text(alphabet="ab/.?#", max_size=7)


def as_regex(parts: list[str]) -> str:
    return "".join(EXPRESSIONS.get(part, re.escape(part)) for part in parts)


@given(pieces, uris)
def test_matching_agrees_with_the_regular_expression_of_the_template(
    parts: list[str], uri: str
) -> None:
    expected = re.fullmatch(as_regex(parts), uri) is not None
    assert Pattern("".join(parts)).matches(uri) is expected


SHORT = ["".join(chars) for size in range(5) for chars in itertools.product("ab/?.", repeat=size)]


@given(pieces, pieces)
def test_templates_that_share_a_short_uri_are_found_to_meet(
    one: list[str], other: list[str]
) -> None:
    patterns = Pattern("".join(one)), Pattern("".join(other))
    assume(any(all(pattern.matches(uri) for pattern in patterns) for uri in SHORT))
    assert patterns[0].meets(patterns[1])


@given(pieces, pieces)
def test_templates_that_are_said_to_meet_share_a_uri(one: list[str], other: list[str]) -> None:
    patterns = Pattern("".join(one)), Pattern("".join(other))
    assume(sum(part in EXPRESSIONS for part in one + other) <= 2 and len(one + other) <= 5)
    shared = any(all(pattern.matches(uri) for pattern in patterns) for uri in SHORT)
    assert patterns[0].meets(patterns[1]) is shared
