from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from registry.schema import schema


def errors(data: Any) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema())
    return [error.message for error in validator.iter_errors(data)]


def file(**more: Any) -> dict[str, Any]:
    transport = {"kind": "http", "url": "http://x/mcp"}
    server = {"name": "x", "tier": "PRIMARY", "capabilities": ["TASKS"], "transport": transport}
    return {"version": 2, "servers": [{**server, **more}]}


def test_it_is_a_valid_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


def test_the_shipped_file_fits() -> None:
    assert errors(yaml.safe_load(Path("deploy/registry.yaml").read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "more",
    [
        {"teir": "PRIMARY"},
        {"tier": "FIRST"},
        {"capabilities": ["TASK"]},
        {"transport": {"kind": "stdio", "command": ["x"]}},
        {"limits": {"max_concurrency": 0}},
        {"secret": "LINEAR"},
        {"bindings": {"tasks.searchr": {"tool": "x"}}},
        {"bindings": {"tasks.search": {}}},
        {"bindings": {"tasks.search": {"tool": "x", "arguments": {"quer": "q"}}}},
        {"equivalence": {"to": "y"}},
    ],
)
def test_an_editor_sees_the_mistakes_that_the_loader_sees(more: dict[str, Any]) -> None:
    assert errors(file()) == []
    assert errors(file(**more)) != []


def test_every_key_is_described() -> None:
    found = schema()
    models = [found, *(each for each in found["$defs"].values() if "properties" in each)]
    silent = [
        f"{model['title']}.{name}"
        for model in models
        for name, key in model["properties"].items()
        if not key.get("description")
    ]
    assert silent == []
