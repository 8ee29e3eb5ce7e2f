import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.specimen import QUALITY, SPECIMEN, STAND_IN, write
from tools.house.rules import RULES

ROOT = Path(__file__).parents[3]
FOLDER = "services/specimen"
TOOLS = f"{FOLDER}/tools.py"
MANIFEST = f"{FOLDER}/service.yaml"
README = f"{FOLDER}/README.md"

NATIVE = '''

@tools.native(title="{title}", hint={hint})
async def {name}(deps: Any, stone: {stone}) -> {result}:
    """{description}"""
'''
FIELD = 'Annotated[str, Field(description="its name")]'


def native(**differences: str) -> str:
    """Return SPECIMEN's tools with one more, which differs from a good one."""
    good = {
        "name": "specimen_polish_stone",
        "title": "Polish a stone",
        "hint": "CHANGES",
        "stone": FIELD,
        "result": "Stone",
        "description": "Polish one stone of the collection.",
    }
    text = SPECIMEN[TOOLS].replace("import READ_ONLY", "import CHANGES, READ_ONLY, Hint")
    return text + NATIVE.format(**(good | differences))


def replaced(path: str, old: str, new: str) -> dict[str, str]:
    assert old in SPECIMEN[path]
    return {path: SPECIMEN[path].replace(old, new)}


# What is planted, under the rule that must see it, and what it must say.
PLANTS: tuple[tuple[str, dict[str, str], str], ...] = (
    ("files", {f"{FOLDER}/client.py": ""}, "client.py: is missing"),
    ("files", {TOOLS: SPECIMEN[TOOLS] + "\ntools = None\n"}, "has no `tools`"),
    ("files", replaced(MANIFEST, "done", "yes"), "quality.vendor-errors-mapped"),
    (
        "manifest_agrees",
        replaced(MANIFEST, "[PEOPLE]", "[PEOPLE, TASKS]"),
        "capabilities is [PEOPLE, TASKS] but the code has [PEOPLE]",
    ),
    ("manifest_agrees", replaced(MANIFEST, "port: 9999", "port: 9998"), "port is 9998"),
    ("tools_explain_themselves", {TOOLS: native(title=" ")}, "has no title"),
    ("tools_explain_themselves", {TOOLS: native(description="x" * 300)}, "has 300 characters"),
    ("tools_explain_themselves", {TOOLS: native(stone="str")}, "argument stone is not described"),
    (
        "hints_are_true",
        {TOOLS: native(hint="Hint(read_only=True, destructive=True)")},
        "read-only and destructive",
    ),
    ("hints_are_true", {TOOLS: native(name="specimen_get_all")}, "reads by its name"),
    ("hints_are_true", {TOOLS: native(name="specimen_delete_all", hint="READ_ONLY")}, "removes by"),
    (
        "results_are_typed",
        replaced(f"{FOLDER}/models.py", "name: str", "pass"),
        "its result has no fields",
    ),
    (
        "schemas_are_small",
        {TOOLS: native(stone=f"Annotated[str, Field(description='{'x' * 24_000}')]")},
        "6000 is the limit",
    ),
    (
        "settings_are_documented",
        replaced(README, "`9999`", "`9998`"),
        "must have | `SPECIMEN_PORT` | `9999` | port to listen on |",
    ),
    (
        "settings_are_documented",
        replaced(README, "SPECIMEN_TOKEN", "SPECIMEN_STONE"),
        "SPECIMEN_STONE, which nothing reads",
    ),
    (
        "only_the_client_talks",
        replaced(TOOLS, "from kit.contract", "from kit.http import HttpAnswer\nfrom kit.contract"),
        "services/specimen/tools.py:5: imports kit.http",
    ),
    (
        "only_the_client_talks",
        {f"{FOLDER}/errors.py": "from kit.http import HttpClient\n"},
        "services/specimen/errors.py:1: imports kit.http",
    ),
    ("a_stand_in_exists", {"services/sandbox/specimen.py": ""}, "services/sandbox/specimen: is"),
    (
        "tests_mirror_modules",
        {"tests/unit/services/specimen/test_errors.py": ""},
        "services/specimen/errors.py: has no test",
    ),
    ("quality_is_claimed", replaced(MANIFEST, QUALITY, "  shiny: todo\n"), "quality.sandbox: is"),
    ("quality_is_claimed", replaced(MANIFEST, QUALITY, "  shiny: todo\n"), "quality.shiny: is no"),
)


def check(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tools.check_services"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def checkout(root: Path, services: Mapping[str, dict[str, str]]) -> None:
    """Write a checkout with a specimen service a name, each with its own differences."""
    for package in ("kit", "tools"):
        shutil.copytree(ROOT / package, root / package)
    write(root, {"services/__init__.py": ""})
    for name, differences in services.items():
        for path, text in (SPECIMEN | differences).items():
            removed = path in differences and not text
            if not removed:
                renamed = text.replace("specimen", name).replace("SPECIMEN", name.upper())
                write(root, {path.replace("specimen", name): renamed})


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, _, _ in PLANTS} == {"files"} | {rule.__name__ for rule in RULES}


def test_a_service_that_keeps_the_rules_passes(tmp_path: Path) -> None:
    checkout(tmp_path, {"specimen": {}})
    report = check(tmp_path)
    assert report.stdout == "1 services keep all house rules\n"
    assert report.returncode == 0


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What is said of a checkout in which each service breaks one rule."""
    root = tmp_path_factory.mktemp("checkout")
    checkout(root, {f"planted{i:02}": plant for i, (_, plant, _) in enumerate(PLANTS)})
    report = check(root)
    assert (report.returncode, report.stderr) == (1, "")
    return report.stdout


@pytest.mark.parametrize("number", range(len(PLANTS)), ids=lambda i: f"{PLANTS[i][0]}-{i}")
def test_a_violation_is_caught(number: int, complaints: str) -> None:
    lines = [
        line for line in complaints.splitlines() if f"planted{number:02}" in line.split(":")[0]
    ]
    said = PLANTS[number][2].replace("specimen", f"planted{number:02}")
    assert said.replace("SPECIMEN", f"PLANTED{number:02}") in "\n".join(lines)


def test_a_stand_in_names_the_vendors_that_it_has(tmp_path: Path) -> None:
    checkout(tmp_path, {"specimen": {}})
    write(tmp_path, STAND_IN)
    assert check(tmp_path).stdout == "2 services keep all house rules\n"
    manifest = "services/sandbox/service.yaml"
    write(tmp_path, {manifest: STAND_IN[manifest].replace("[specimen]", "[]")})
    said = "vendors is [] but the code has [specimen]; make them one"
    assert check(tmp_path).stdout == f"{manifest}: {said}\n"


def test_a_checkout_without_services_is_not_a_pass(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    report = check(tmp_path)
    assert (report.returncode, report.stdout) == (1, "")
