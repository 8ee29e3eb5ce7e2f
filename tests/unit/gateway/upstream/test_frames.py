import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.frames import Event, EventReader, Lines, TooLong, messages


def split(data: bytes, places: list[int]) -> list[bytes]:
    cuts = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(cuts)]


@given(st.lists(st.integers(min_value=0), max_size=8))
def test_any_split_of_the_bytes_gives_the_same_lines(places: list[int]) -> None:
    lines = Lines(1000)
    found = [line for part in split(b"one\r\n\n{}\ntwo\nrest", places) for line in lines.feed(part)]
    assert found == [b"one", b"", b"{}", b"two"]


def test_a_line_that_is_too_long_is_refused_before_it_is_whole() -> None:
    with pytest.raises(TooLong, match="a line of more than 4 bytes"):
        Lines(4).feed(b"12345")
    lines = Lines(4)
    lines.feed(b"123")
    with pytest.raises(TooLong):
        lines.feed(b"45\n")


STREAM = (
    b": hi\r\nevent: endpoint\r\ndata: /post\r\n\r\nid: 7\rretry: 250\rdata: a\rdata:b\r\rdata\n\n"
)


@given(st.lists(st.integers(min_value=0), max_size=8))
def test_any_split_of_the_bytes_gives_the_same_events(places: list[int]) -> None:
    reader = EventReader(1000)
    found = [event for part in split(STREAM, places) for event in reader.feed(part)]
    assert found == [Event("endpoint", b"/post"), Event("message", b"a\nb")]
    assert (reader.last_id, reader.retry_seconds) == ("7", 0.25)


def test_a_priming_event_has_an_id_and_is_no_message() -> None:
    reader = EventReader(100)
    assert reader.feed(b"id: 1\ndata:\n\n") == []
    assert reader.last_id == "1"
    reader.feed(b"data: half")
    reader.begin()
    assert reader.feed(b"data: new\n\n") == [Event("message", b"new")]
    assert reader.last_id == "1"


@pytest.mark.parametrize("field", [b"id: a\0b", b"retry: soon", b"retry:", b"colour: blue"])
def test_a_field_that_means_nothing_is_passed_over(field: bytes) -> None:
    reader = EventReader(100)
    assert reader.feed(field + b"\ndata: x\n\n") == [Event("message", b"x")]
    assert (reader.last_id, reader.retry_seconds) == (None, None)


def test_an_event_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooLong, match="an event of more than 10 bytes"):
        EventReader(10).feed(b"data: 123456\ndata: 789012\n")


def test_messages_come_alone_or_in_batches() -> None:
    one = {"jsonrpc": "2.0", "id": 1, "result": {}}
    assert messages(b'{"jsonrpc":"2.0","id":1,"result":{}}') == [one]
    assert messages(b'[{"jsonrpc":"2.0","id":1,"result":{}},7]') == [one]
    for nothing in (b"", b"hello", b"[]", b"{}", b'{"jsonrpc":"1.0"}', b"7"):
        with pytest.raises(ValueError):  # noqa: PT011 -- whatever the JSON library says
            messages(nothing)
