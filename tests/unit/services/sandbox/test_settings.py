"""The settings and the documents that name them."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from services.sandbox.settings import SandboxSettings
from tools.house.rules import QUALITY
from tools.house.service import Exempt

FOLDER = Path(__file__).parents[4] / "services/sandbox"
ROW = re.compile(r"(?m)^\| `(?P<name>[A-Z0-9_]+)` \| `(?P<default>.*?)` \| (?P<meaning>.*?) \|$")


def shown(value: Any) -> str:
    if value is None or value == ():
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_the_readme_has_each_setting_and_no_other() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = {row["name"]: (row["default"], row["meaning"]) for row in ROW.finditer(text)}
    assert rows == {
        f"SANDBOX_{name}".upper(): (shown(field.default), field.description)
        for name, field in SandboxSettings.model_fields.items()
    }


def test_the_manifest_claims_each_quality_or_says_why_not() -> None:
    manifest = yaml.safe_load((FOLDER / "service.yaml").read_text(encoding="utf-8"))
    assert manifest["port"] == SandboxSettings.model_fields["port"].default
    assert manifest["settings_prefix"] == SandboxSettings.model_config["env_prefix"]
    assert manifest["quality"].keys() == QUALITY.keys()
    for claim in manifest["quality"].values():
        assert claim == "done" or Exempt.model_validate(claim)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("asana_plan", "gold"),
        ("limits", "none"),
        ("asana_search_lag_seconds", -1),
        ("linear_requests_per_hour", 0),
        ("linear_token", ""),
    ],
)
def test_a_setting_that_means_nothing_is_refused(name: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=name):
        SandboxSettings(**{name: value})
