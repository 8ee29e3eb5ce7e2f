import pytest

from kit.errors import Invalid
from services.asana.drafts import Draft, need_place


def test_a_task_that_nobody_would_find_is_refused() -> None:
    with pytest.raises(Invalid, match="ASANA_DEFAULT_PROJECT") as caught:
        need_place(Draft(name="Lost"), "container_ref")
    assert caught.value.field == "container_ref"


@pytest.mark.parametrize("place", ["project", "parent", "assignee"])
def test_a_project_a_parent_or_an_assignee_is_a_place(place: str) -> None:
    need_place(Draft(name="Found", **{place: "1209000000000077"}), "container_ref")  # type: ignore[arg-type] # one of three strings
