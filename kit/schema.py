"""JSON Schemas as models read them: small, with nothing that carries no meaning.

pydantic's titles repeat the names, and ``anyOf [X, null]`` says of an optional argument
only that it may be left out. Both cost a model's tokens in every conversation.
"""

from collections.abc import Collection
from typing import Any, Final

from pydantic import BaseModel

NULL_CLEARS: Final = "x-null-clears"
"""As an extra of a field's schema: its null means something, and is told."""
_MAPS = ("properties", "$defs")
_CHECKED_ANYWAY = {"maxItems", "maxLength", "minItems", "minLength", "pattern"}
_NOT_ANSWERED = {
    "additionalProperties",
    "default",
    "description",
    "maxItems",
    "maxLength",
    "maximum",
    "minItems",
    "minLength",
    "minimum",
    "pattern",
}


def arguments_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the input schema of a tool that takes *model*.

    Lengths and patterns are left to the server, which names a mistake when it is made.
    """
    schema: dict[str, Any] = _slim(model.model_json_schema(mode="validation"), _CHECKED_ANYWAY)
    schema.setdefault("properties", {})
    schema.pop("description", None)
    return schema


def result_schema(model: type[BaseModel]) -> dict[str, Any]:
    """Return the output schema of a tool that answers *model*, dumped without nulls."""
    written = model.model_json_schema(mode="serialization")
    schema: dict[str, Any] = _inlined(_open(_slim(_without_nulls(written))))
    return schema


def outline(
    model: type[BaseModel], *, depth: int, leave_out: Collection[str] = ()
) -> dict[str, Any]:
    """Return ``result_schema`` down to some depth, for a result that is described elsewhere.

    Args:
        model: What is answered.
        depth: Objects in objects that are told; 1 is the answer's own fields.
        leave_out: Fields of it that are not told.
    """
    schema = _shallow(result_schema(model), depth)
    schema["properties"] = {
        name: each for name, each in schema["properties"].items() if name not in leave_out
    }
    return schema


def _shallow(schema: dict[str, Any], depth: int) -> dict[str, Any]:
    if schema.get("type") == "object" and depth == 0:
        return {"type": "object"}
    cut = dict(schema)
    if "properties" in schema:
        cut["properties"] = {
            name: _shallow(each, depth - 1) for name, each in schema["properties"].items()
        }
    if "items" in schema:
        cut["items"] = _shallow(schema["items"], depth)
    return cut


def _slim(schema: Any, drop: Collection[str] = ()) -> Any:
    if isinstance(schema, list):
        return [_slim(each, drop) for each in schema]
    if not isinstance(schema, dict):
        return schema
    slim: dict[str, Any] = {}
    for key, value in schema.items():
        if (key == "title" and isinstance(value, str)) or key in drop:
            continue
        if key == "default" and _says_nothing(value):
            continue
        if key in _MAPS:
            slim[key] = {name: _slim(each, drop) for name, each in value.items()}
        elif key in {"enum", "const", "default", "examples", "required"}:
            slim[key] = value
        else:
            slim[key] = _slim(value, drop)
    return _without_null_option(slim)


def _without_null_option(slim: dict[str, Any]) -> dict[str, Any]:
    """Say of an optional argument only what it is, unless its null clears something."""
    options = slim.get("anyOf")
    if not isinstance(options, list) or {"type": "null"} not in options:
        return slim
    rest = [each for each in options if each != {"type": "null"}]
    about = {key: value for key, value in slim.items() if key not in {"anyOf", NULL_CLEARS}}
    if len(rest) > 1:
        return {**about, "anyOf": options if NULL_CLEARS in slim else rest}
    if NULL_CLEARS in slim:
        return {**rest[0], **about, "type": [rest[0]["type"], "null"]}
    return {**rest[0], **about}


def _says_nothing(default: Any) -> bool:
    """Tell whether *default* is what a reader assumes of an argument that was left out."""
    if isinstance(default, dict):
        return all(each is None for each in default.values())
    return default is None or default == []


def _without_nulls(schema: Any) -> Any:
    """Require no property that may be null: an answer leaves it out then."""
    if isinstance(schema, list):
        return [_without_nulls(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: _without_nulls(value) for key, value in schema.items()}
    required = schema.get("required")
    if isinstance(required, list):
        properties = schema.get("properties", {})
        kept["required"] = [name for name in required if not _nullable(properties.get(name, {}))]
    return kept


def _nullable(schema: dict[str, Any]) -> bool:
    return {"type": "null"} in schema.get("anyOf", [])


def _open(schema: Any) -> Any:
    """Leave out what an answer's reader does not need: prose, defaults, bounds, closed objects."""
    if isinstance(schema, list):
        return [_open(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    opened: dict[str, Any] = {}
    for key, value in schema.items():
        if key in _NOT_ANSWERED and not isinstance(value, dict):
            continue
        if key in _MAPS:
            opened[key] = {name: _open(each) for name, each in value.items()}
        else:
            opened[key] = _open(value)
    return opened


def _inlined(schema: dict[str, Any]) -> dict[str, Any]:
    """Return *schema* with its definitions in place, unless one contains itself."""
    definitions = schema.get("$defs", {})

    def put(part: Any, above: tuple[str, ...]) -> Any:
        if isinstance(part, list):
            return [put(each, above) for each in part]
        if not isinstance(part, dict):
            return part
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            if name in above:
                raise RecursionError(name)
            return {**put(definitions[name], (*above, name)), **without(part, "$ref", above)}
        return without(part, "$defs", above)

    def without(part: dict[str, Any], dropped: str, above: tuple[str, ...]) -> dict[str, Any]:
        return {key: put(value, above) for key, value in part.items() if key != dropped}

    try:
        inlined: dict[str, Any] = put(schema, ())
    except RecursionError:
        return schema
    return inlined
