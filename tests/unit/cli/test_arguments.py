"""What is typed after ``sophia call`` becomes JSON."""

import pytest

from cli.arguments import parsed
from cli.failure import Usage


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ([], {}),
        (["query=billing", "limit=5"], {"query": "billing", "limit": 5}),
        (["query=two words"], {"query": "two words"}),
        (["open=true", "due=null"], {"open": True, "due": None}),
        (['query="5"'], {"query": "5"}),
        (['labels:=["a","b"]'], {"labels": ["a", "b"]}),
        (["set.title=New", "set.priority=2"], {"set": {"title": "New", "priority": 2}}),
        (["query="], {"query": ""}),
        (["query=a=b"], {"query": "a=b"}),
        (["due=2026-11-23"], {"due": "2026-11-23"}),
        (["url=http://x:1/y"], {"url": "http://x:1/y"}),
    ],
)
def test_words_become_an_object(words: list[str], result: object) -> None:
    assert parsed(words) == result


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["billing"], "key=value"),
        (["=x"], "key=value"),
        (["labels:=[oops"], "must be JSON"),
        (["a=1", "a=2"], "given twice"),
        (["a=1", "a.b=2"], "a has a value already"),
        (["a.=1"], "empty"),
    ],
)
def test_a_mistake_names_the_word(words: list[str], told: str) -> None:
    with pytest.raises(Usage, match=told) as caught:
        parsed(words)
    assert repr(words[-1]) in str(caught.value)
