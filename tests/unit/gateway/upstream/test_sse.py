"""Server-sent events from any split of the bytes."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.sse import Events, EventTooLong

STREAM = (
    b': ping\n\nevent: message\nid: 1\ndata: {"a": 1}\n\n'
    b"data: first\r\ndata: second\r\n\r\nretry: 10\n\ndata:no space\r\rdata\n\n"
)
WHOLE = [b'{"a": 1}', b"first\nsecond", b"no space"]


def test_events_are_given_whole_and_comments_are_not() -> None:
    assert Events().feed(STREAM) == WHOLE


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_any_split_gives_the_same_events(cuts: list[int]) -> None:
    edges = sorted({0, len(STREAM), *cuts})
    events = Events()
    found = [data for start, end in pairwise(edges) for data in events.feed(STREAM[start:end])]
    assert found == WHOLE


def test_an_event_without_end_is_refused() -> None:
    events = Events(max_event_bytes=100)
    events.feed(b"data: 0123456789\n" * 9)
    with pytest.raises(EventTooLong):
        events.feed(b"data: 0123456789\n" * 2)
