"""Custom fields: what people say as the values that Asana takes, by the field's gid."""

from collections.abc import Mapping, Sequence
from typing import Any

from kit.errors import Invalid
from services.asana import models
from services.asana.drafts import Value
from services.asana.errors import PROVIDER
from services.asana.mapping import PRIORITY_FIELD, priority_of


def priority_value(
    fields: Sequence[models.FieldDefinition], level: int, argument: str
) -> dict[str, Any]:
    """Return the custom field called Priority set to *level* (0 to 4; 0 clears it).

    Raises:
        Invalid: there is no such field, or no option that means *level*.
    """
    field = next((each for each in fields if each.name.casefold() == PRIORITY_FIELD), None)
    if field is None:
        if level == 0:
            return {}
        raise _refused(argument, "the task's project has no custom field called Priority")
    if level == 0:
        return {field.gid: None}
    usable = [each for each in field.enum_options if each.enabled]
    option = next((each for each in usable if priority_of(each.name) == level), None)
    if option is None:
        names = ", ".join(each.name for each in usable)
        raise _refused(argument, f"no option of Priority means {level}; there is {names}")
    return {field.gid: option.gid}


def values(
    fields: Sequence[models.FieldDefinition], given: Mapping[str, Value], argument: str
) -> dict[str, Any]:
    """Return *given* (by the fields' names) as Asana takes it.

    Raises:
        Invalid: no such field or option, or a field of another kind than text, number,
            single choice.
    """
    found: dict[str, Any] = {}
    for name, value in given.items():
        field = next((each for each in fields if each.name.casefold() == name.casefold()), None)
        if field is None:
            names = ", ".join(each.name for each in fields) or "none at all"
            raise _refused(argument, f"the project has no field {name!r}; there is {names}")
        found[field.gid] = _value(field, value, argument)
    return found


def _value(field: models.FieldDefinition, value: Value, argument: str) -> Any:
    if value is None:
        return None
    match field.resource_subtype:
        case "enum":
            usable = [each for each in field.enum_options if each.enabled]
            wanted = str(value).casefold()
            option = next((each for each in usable if each.name.casefold() == wanted), None)
            if option is None:
                names = ", ".join(each.name for each in usable)
                raise _refused(argument, f"{field.name} has no option {value!r}; there is {names}")
            return option.gid
        case "number":
            try:
                return float(value)
            except ValueError:
                raise _refused(argument, f"{field.name} takes a number") from None
        case "text":
            return str(value)
        case other:
            raise _refused(argument, f"{field.name} is a {other} field, which cannot be set here")


def _refused(argument: str, why: str) -> Invalid:
    return Invalid(f"{argument}: {why}", provider=PROVIDER, field=argument)
