import pytest
from pydantic import ValidationError

from services.asana.arguments import CommentOn, SaveProject, SaveTask, SearchTasks


@pytest.mark.parametrize("model", [SearchTasks, SaveTask, SaveProject, CommentOn])
def test_an_unknown_argument_is_refused(
    model: type[SearchTasks | SaveTask | SaveProject | CommentOn],
) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        model.model_validate({"task": "1", "text": "x", "labels": ["x"]})


def test_a_key_is_made_when_none_is_given_and_is_known_to_be_made() -> None:
    made = SaveTask.model_validate({"name": "x"})
    chosen = SaveTask.model_validate({"name": "x", "idempotency_key": "mine"})
    assert made.idempotency_key != SaveTask.model_validate({"name": "x"}).idempotency_key
    assert "idempotency_key" not in made.model_fields_set
    assert "idempotency_key" in chosen.model_fields_set
