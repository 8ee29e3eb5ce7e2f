import pytest
from pydantic import ValidationError

from services.linear.arguments import CommentOn, SaveIssue, SearchIssues


def test_relations_keep_their_kinds() -> None:
    given = SaveIssue.model_validate(
        {"blocks": ["ENG-1"], "blocked_by": ["ENG-2", "ENG-3"], "related_to": ["ENG-4"]}
    )

    assert given.relations == (
        ("blocks", "ENG-1"),
        ("blocked_by", "ENG-2"),
        ("blocked_by", "ENG-3"),
        ("related_to", "ENG-4"),
    )


@pytest.mark.parametrize(
    ("model", "arguments"),
    [
        (SearchIssues, {"team": ""}),
        (SearchIssues, {"labels": ["x"] * 21}),
        (SearchIssues, {"limit": 51}),
        (SearchIssues, {"labels": ["x" * 201]}),
        (SearchIssues, {"updated_after": "2026-01-01T00:00:00"}),
        (SaveIssue, {"title": "x" * 501}),
        (SaveIssue, {"idempotency_key": "two words"}),
        (SaveIssue, {"labels": ["x"]}),
        (CommentOn, {"body": "x" * 100_001}),
    ],
)
def test_bounds_that_a_tool_list_does_not_tell_are_checked(
    model: type[SearchIssues | SaveIssue | CommentOn], arguments: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(arguments)


def test_a_key_is_made_when_none_is_given() -> None:
    assert len({SaveIssue.model_validate({}).idempotency_key for _ in range(9)}) == 9
