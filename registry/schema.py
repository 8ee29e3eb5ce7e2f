"""The JSON Schema of the registry file, for editors."""

from typing import Any, Final

from kit.contract.catalogue import OPERATIONS
from registry.model import Document

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """Return the schema of the file as it is written: operations and their arguments by name."""
    found = Document.model_json_schema()
    defs = found["$defs"]
    defs["Server"]["properties"]["bindings"] |= {
        "properties": {name: _binding(name) for name in OPERATIONS},
        "additionalProperties": False,
    }
    return {
        "$schema": DIALECT,
        **found,
        "title": "Registry",
        "description": "The servers of the fleet. ${NAME} and ${NAME:-default} in any text are "
        "filled in from the environment.",
    }


def _binding(operation: str) -> dict[str, Any]:
    known = OPERATIONS[operation]
    arguments = {
        name: {"type": "string", "description": field.description or ""}
        for name, field in known.arguments.model_fields.items()
    }
    return {
        "description": known.description,
        "allOf": [
            {"$ref": "#/$defs/Binding"},
            {"properties": {"arguments": {"properties": arguments, "additionalProperties": False}}},
        ],
    }
