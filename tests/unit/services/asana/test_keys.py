import pytest

from services.asana import keys

MARK = keys.marker("task", "k")


def test_a_marker_depends_on_the_key_and_the_kind_alone() -> None:
    assert keys.marker("task", "k") == MARK
    assert len({MARK, keys.marker("task", "j"), keys.marker("comment", "k")}) == 3


@pytest.mark.parametrize("notes", ["", "one line", "two\n\nparagraphs", "- a\n- b"])
def test_marked_notes_give_back_the_marker_and_the_notes(notes: str) -> None:
    marked = keys.marked(notes, MARK)
    assert keys.marker_in(marked) == MARK
    assert keys.without_marker(marked) == notes


def test_text_that_was_added_below_the_marker_stays() -> None:
    edited = keys.marked("above", MARK) + "\nbelow"
    assert keys.marker_in(edited) == MARK
    assert keys.without_marker(edited) == "above\n\nbelow"


@pytest.mark.parametrize("notes", ["", "a key: b", "see sophia-key: elsewhere", "\n  indented"])
def test_notes_without_a_marker_stay_as_they_are(notes: str) -> None:
    assert keys.marker_in(notes) is None
    assert keys.without_marker(notes).strip() == notes.strip()
