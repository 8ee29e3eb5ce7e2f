import pytest
from pydantic import ValidationError

from kit.contract.people import PersonRecord, Resolve


@pytest.mark.parametrize("arguments", [{}, {"email": "ada@example.com", "name": "Ada"}])
def test_a_person_is_asked_for_by_exactly_one_thing(arguments: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="either email or name"):
        Resolve.model_validate(arguments)


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ({"email": "ada"}, "email"),
        ({"email": "@" * 321}, "email"),
        ({"name": "A"}, "name"),
        ({"name": "x" * 201}, "name"),
    ],
)
def test_a_wrong_argument_is_refused_at_its_place(arguments: dict[str, str], place: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Resolve.model_validate(arguments)
    assert refused.value.errors()[0]["loc"] == (place,)


def test_a_person_without_an_address_is_a_person() -> None:
    person = PersonRecord.model_validate({"email": None, "name": "Ada", "accounts": []})
    assert person.email is None
