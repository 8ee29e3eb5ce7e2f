import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.support.deployment import ROOT, compose, tool

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
PROCESSES = ("registry", "gateway", "services.linear", "services.asana", "services.sandbox")
IMPORT = """
import importlib, sys
sys.path[:] = [part for part in sys.path if part not in ("", {root!r})]
sys.path.insert(0, "")
importlib.import_module("{process}.__main__")
strangers = [
    module.__file__
    for module in sys.modules.values()
    if (getattr(module, "__file__", None) or "").startswith({root!r})
    and not module.__file__.startswith(sys.prefix)
]
sys.exit(", ".join(strangers) or 0)
"""


def instructions(name: str) -> list[str]:
    """Return the arguments of every instruction called *name*, lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} +(.+)$", joined, re.MULTILINE)


def copied() -> list[tuple[str, str]]:
    """Return source and destination of what is copied from the checkout."""
    pairs = (line.split() for line in instructions("COPY") if not line.startswith("--from"))
    return [(source, destination) for source, destination in pairs]


def test_hadolint_finds_nothing() -> None:
    tool("hadolint", "deploy/Dockerfile")


def test_both_stages_start_from_one_pinned_base() -> None:
    bases = {line.split()[0] for line in instructions("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases.pop())


def test_dependencies_are_installed_by_hash_only() -> None:
    (install,) = [line for line in instructions("RUN") if " install " in line]
    assert {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= set(install.split())
    locked = re.split(
        r"^(?=\S)", (ROOT / "requirements.lock").read_text("utf-8"), flags=re.MULTILINE
    )
    requirements = [each for each in locked if "==" in each.partition("\n")[0]]
    assert requirements
    assert all("--hash=sha256:" in each for each in requirements)


def test_it_runs_as_nobody_in_particular() -> None:
    assert instructions("USER") == ["10001:10001"]


def test_nothing_enters_the_context_that_is_not_copied() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    assert allowed == {source for source, _ in copied()}


def test_the_image_is_named_by_the_projects_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    tags = {
        image["newTag"]
        for path in ROOT.glob("k8s/**/kustomization.yaml")
        for image in yaml.safe_load(path.read_text(encoding="utf-8")).get("images", ())
    }
    built = {each["image"] for each in compose().values() if "build" in each}
    assert tags == {project["version"]}
    assert built == {f"sophia-fleet:{project['version']}"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image has under /app."""
    root = tmp_path_factory.mktemp("image")
    for source, destination in copied():
        target = root / destination.removeprefix("/")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif destination.startswith("/app/"):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, target)
    return root / "app"


@pytest.mark.parametrize("process", PROCESSES)
def test_what_is_copied_is_enough_for(process: str, app: Path) -> None:
    script = IMPORT.format(process=process, root=str(ROOT))
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=app,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
