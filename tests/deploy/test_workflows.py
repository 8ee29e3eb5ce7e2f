import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.deployment import ROOT, tool

FOLDER = ROOT / ".github/workflows"
PATHS = sorted(FOLDER.glob("*.yml"))
CI = FOLDER / "ci.yml"

every = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def read(path: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return workflow


def test_zizmor_finds_nothing() -> None:
    tool("zizmor", "--offline", "--persona", "pedantic", ".github")


def test_workflows_keep_to_githubs_schema() -> None:
    tool("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *PATHS)


def test_dependabot_keeps_to_githubs_schema() -> None:
    path = ROOT / ".github/dependabot.yml"
    tool("check-jsonschema", "--builtin-schema", "vendor.dependabot", path)


@every
def test_a_workflow_may_do_nothing_that_a_job_does_not_ask_for(path: Path) -> None:
    assert read(path)["permissions"] == {}


@every
def test_a_job_ends_after_half_an_hour(path: Path) -> None:
    assert all(job["timeout-minutes"] <= 30 for job in read(path)["jobs"].values())


@every
def test_actions_are_pinned_to_a_commit(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    used = re.findall(r"uses: (.+)", text)
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+", each) for each in used)


def test_ci_runs_what_a_person_runs() -> None:
    steps = read(CI)["jobs"]["check"]["steps"]
    assert "make lint test" in [step.get("run") for step in steps]


def test_ci_tries_the_oldest_python_that_is_promised() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    matrix = read(CI)["jobs"]["check"]["strategy"]["matrix"]["python"]
    assert f">={matrix[0]}" == project["requires-python"]
