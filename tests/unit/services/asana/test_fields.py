from typing import Any

import pytest

from kit.errors import Invalid
from services.asana.fields import priority_value, values
from services.asana.models import FieldDefinition

PRIORITY = FieldDefinition.model_validate(
    {
        "gid": "1",
        "name": "Priority",
        "resource_subtype": "enum",
        "enum_options": [
            {"gid": "10", "name": "P0", "enabled": False},
            {"gid": "11", "name": "Critical"},
            {"gid": "12", "name": "High"},
            {"gid": "14", "name": "Low"},
        ],
    }
)
POINTS = FieldDefinition(gid="2", name="Points", resource_subtype="number")
CLIENT = FieldDefinition(gid="3", name="Client", resource_subtype="text")
PEOPLE = FieldDefinition(gid="4", name="Reviewers", resource_subtype="people")
FIELDS = (PRIORITY, POINTS, CLIENT, PEOPLE)


@pytest.mark.parametrize(("level", "option"), [(0, None), (1, "11"), (2, "12"), (4, "14")])
def test_a_priority_is_an_option_of_the_field_called_so(level: int, option: str | None) -> None:
    assert priority_value(FIELDS, level, "priority") == {"1": option}


def test_a_priority_that_cannot_be_said_is_refused_with_what_can() -> None:
    with pytest.raises(Invalid, match="means 3; there is Critical, High, Low") as caught:
        priority_value(FIELDS, 3, "set.priority")
    assert caught.value.field == "set.priority"
    with pytest.raises(Invalid, match="no custom field called Priority"):
        priority_value((POINTS,), 1, "priority")
    assert priority_value((POINTS,), 0, "priority") == {}


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"priority": "high"}, {"1": "12"}),
        ({"Points": 3}, {"2": 3.0}),
        ({"Points": "2.5"}, {"2": 2.5}),
        ({"client": "Umbra", "Points": None}, {"3": "Umbra", "2": None}),
    ],
)
def test_values_are_sent_by_gid_in_the_fields_own_form(
    given: dict[str, Any], sent: dict[str, Any]
) -> None:
    assert values(FIELDS, given, "custom_fields") == sent


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"Colour": "red"}, "no field 'Colour'; there is Priority, Points, Client, Reviewers"),
        ({"Priority": "P0"}, "no option 'P0'; there is Critical, High, Low"),
        ({"Points": "many"}, "Points takes a number"),
        ({"Reviewers": "Ann"}, "a people field, which cannot be set"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(given: dict[str, Any], why: str) -> None:
    with pytest.raises(Invalid, match=why):
        values(FIELDS, given, "custom_fields")
