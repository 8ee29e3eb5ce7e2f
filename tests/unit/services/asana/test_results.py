from services.asana.results import Saved, TaskPage


def test_what_is_not_known_is_left_out_of_an_answer() -> None:
    assert TaskPage(items=()).model_dump(mode="json", exclude_none=True) == {"items": []}
    saved = Saved(outcome="created", gid="1")
    assert saved.model_dump(exclude_none=True) == {"outcome": "created", "gid": "1"}
