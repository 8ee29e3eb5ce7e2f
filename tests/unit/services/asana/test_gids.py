import pytest

from kit.errors import Invalid
from services.asana.gids import said, task_gid

GID = "1209000000000096"


@pytest.mark.parametrize(
    "text",
    [
        GID,
        f" {GID} ",
        f"task:asana:{GID}",
        f"https://app.asana.com/0/1209000000000077/{GID}",
        f"https://app.asana.com/0/0/{GID}/f",
        f"https://app.asana.com/1/12/project/1209000000000077/task/{GID}?focus=true",
        f"https://app.asana.com/1/12/task/{GID}",
    ],
)
def test_a_task_is_a_gid_a_ref_or_the_address_of_its_page(text: str) -> None:
    assert task_gid(text) == GID


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Write the memo", "is no task; give its gid"),
        ("12", "is no task"),
        ("../users/me", "is no task"),
        ("https://app.asana.com/0/inbox", "is no task"),
        ("task:linear:ENG-12", "no task of Asana; expected task:asana:<gid>"),
        (f"project:asana:{GID}", "no task of Asana"),
    ],
)
def test_anything_else_is_no_task(text: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as caught:
        task_gid(text, "ref")
    assert caught.value.field == "ref"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (GID, (GID, GID)),
        (f"project:asana:{GID}", (GID, GID)),
        ("project:asana:Spring Launch", (None, "Spring Launch")),
        (f"https://app.asana.com/0/{GID}/list", (GID, f"https://app.asana.com/0/{GID}/list")),
        ("Q3: launch", (None, "Q3: launch")),
        ("2026", (None, "2026")),
    ],
)
def test_a_project_may_be_a_name_as_well(text: str, found: tuple[str | None, str]) -> None:
    assert said(text, "project", "project") == found
