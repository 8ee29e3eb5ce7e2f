import re
from pathlib import Path

import pytest

from cli.commands import COMMANDS

ROOT = Path(__file__).parents[3]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "services/*/README.md")
    for path in ROOT.glob(pattern)
)
FOLDERS = "cli|deploy|docs|gateway|k8s|kit|proto|registry|services|tests|tools"

every = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@every
def test_a_link_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)", text(path))
    local = [link for link in links if "://" not in link and not link.startswith("mailto:")]
    assert [link for link in local if not (path.parent / link).exists()] == []


@every
def test_a_path_that_is_named_exists(path: Path) -> None:
    named = re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", text(path))
    assert [each for each in named if not (ROOT / each).exists()] == []


@every
def test_a_make_target_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text(path))) <= targets


@every
def test_a_command_that_is_named_exists(path: Path) -> None:
    commands = {command.name.partition(" ")[0] for command in COMMANDS}
    assert set(re.findall(r"`sophia ([a-z]+)", text(path))) <= commands


def test_every_decision_is_in_the_index() -> None:
    index = text(ROOT / "docs/decisions/README.md")
    decisions = {path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md")}
    assert set(re.findall(r"\]\(([0-9][^)]*)\)", index)) == decisions
