"""JSON Schemas as models read them: small, with nothing that carries no meaning.

pydantic's titles repeat the names, and ``anyOf [X, null]`` says of an optional argument
only that it may be left out. Both cost a model's tokens in every conversation.
"""

from typing import Any

from pydantic import BaseModel

_MAPS = ("properties", "$defs")


def arguments_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the input schema of a tool that takes *model*."""
    schema: dict[str, Any] = _slim(model.model_json_schema(mode="validation"))
    schema.setdefault("properties", {})
    schema.pop("description", None)
    return schema


def result_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the output schema of a tool that answers *model*, dumped without nulls."""
    schema: dict[str, Any] = _open(_slim(model.model_json_schema(mode="validation")))
    schema.pop("description", None)
    return schema


def _slim(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_slim(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    slim: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "title" and isinstance(value, str):
            continue
        if key == "default" and (value is None or value in ([], {})):
            continue
        if key in _MAPS:
            slim[key] = {name: _slim(each) for name, each in value.items()}
        elif key in {"enum", "const", "default", "examples", "required"}:
            slim[key] = value
        else:
            slim[key] = _slim(value)
    options = slim.get("anyOf")
    if isinstance(options, list) and {"type": "null"} in options:
        rest = [each for each in options if each != {"type": "null"}]
        del slim["anyOf"]
        if len(rest) == 1:
            slim = {**rest[0], **slim}
        else:
            slim["anyOf"] = rest
    return slim


def _open(schema: Any) -> Any:
    """Leave out what an answer's reader does not need: defaults and closed objects."""
    if isinstance(schema, list):
        return [_open(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    opened: dict[str, Any] = {}
    for key, value in schema.items():
        if key in {"default", "additionalProperties"} and not isinstance(value, dict):
            continue
        if key in _MAPS:
            opened[key] = {name: _open(each) for name, each in value.items()}
        else:
            opened[key] = _open(value)
    return opened
