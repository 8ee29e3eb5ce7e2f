import contextlib
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from kit.contract.refs import PATTERN, Ref, RefText
from kit.errors import Invalid

REFS = st.builds(
    Ref,
    kind=st.text(string.ascii_lowercase + "_", min_size=1, max_size=20),
    provider=st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    native_id=st.text(min_size=1, max_size=50),
)


class Holder(BaseModel):
    ref: RefText


@given(REFS)
def test_a_ref_comes_back_from_its_text(ref: Ref) -> None:
    assert Ref.parse(str(ref)) == ref


@given(st.text(max_size=50))
def test_any_text_is_a_ref_or_invalid(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert str(Ref.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "ENG-12", "task:linear", "task:linear:", ":linear:x", "task::x"),
        *("Task:linear:x", "task:Linear:x", "task:1linear:x", "task:lin_ear:x", "task :linear:x"),
    ],
)
def test_what_is_no_ref_is_refused_with_its_place_and_an_example(text: str) -> None:
    with pytest.raises(Invalid, match="task:linear:ENG-12") as refused:
        Ref.parse(text, field="container_ref")
    assert refused.value.field == "container_ref"
    with pytest.raises(ValidationError):
        Holder(ref=text)


def test_a_native_id_may_have_colons() -> None:
    ref = Ref.parse("comment:slack:C012:1700000000.123")
    assert ref == ("comment", "slack", "C012:1700000000.123")


def test_an_overlong_text_is_refused_without_repeating_all_of_it() -> None:
    with pytest.raises(Invalid) as refused:
        Ref.parse("x" * 10_000)
    assert len(refused.value.message) < 300
    with pytest.raises(ValidationError):
        Holder(ref="task:linear:" + "x" * 500)


@given(REFS.filter(lambda ref: "\n" not in ref.native_id))
def test_the_schemas_pattern_takes_what_parse_takes(ref: Ref) -> None:
    assert re.search(PATTERN, str(ref))
