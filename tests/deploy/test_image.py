import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from urllib.request import urlopen

import pytest
import yaml

from tests.support.deployment import ROOT, compose, tool

DOCKERFILE = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
PROCESSES = {
    "registry": ["--port", "0", "--grpc-port", "0"],
    "gateway": ["--port", "0"],
    "services.linear": ["--port", "0"],
    "services.asana": ["--port", "0"],
    "services.sandbox": ["--port", "0"],
}
# Runs a module on the wheel's packages and the environment's libraries, not on the checkout's.
RUN = """
import runpy, sys
sys.path[:] = [sys.argv[1], *(part for part in sys.path if part not in ("", sys.argv[2]))]
module = sys.argv[3]
sys.argv[:] = sys.argv[3:]
runpy.run_module(module, run_name="__main__", alter_sys=True)
"""


def instructions(name: str) -> list[str]:
    """Return the arguments of every instruction called *name*, lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return re.findall(rf"^{name} +(.+)$", joined, re.MULTILINE)


def copied() -> list[str]:
    """Return what is copied from the checkout."""
    lines = (line.split() for line in instructions("COPY") if not line.startswith("--from"))
    return [source for line in lines for source in line[:-1]]


def test_hadolint_finds_nothing() -> None:
    tool("hadolint", "deploy/Dockerfile")


def test_both_stages_start_from_one_pinned_base() -> None:
    bases = {line.split()[0] for line in instructions("FROM")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases.pop())


def test_dependencies_are_installed_by_hash_only() -> None:
    installs = re.findall(r"pip [^&]*install [^&]+", "\n".join(instructions("RUN")))
    assert installs
    for install in installs:
        options = set(install.split())
        by_hash = {"--require-hashes", "--no-deps", "--only-binary=:all:"} <= options
        assert by_hash or {"--no-index", "--no-deps"} <= options or "uninstall" in options
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
    assert allowed == set(copied())


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
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image has: ``site`` as the wheel installs it, ``app`` as working directory."""
    root = tmp_path_factory.mktemp("image")
    build, app = root / "build", root / "app"
    for source in copied():
        (build / source).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            ignore = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, build / source, ignore=ignore)
        else:
            shutil.copy(ROOT / source, build / source)
    offline = ("--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *offline, "--wheel-dir", "dist", "."],
        cwd=build,
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        check=True,
        timeout=50,
    )
    (wheel,) = (build / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(root / "site")
    shutil.copytree(build / "deploy", app / "deploy")
    return root


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_starts_from_what_the_image_has(process: str, image: Path) -> None:
    arguments = [str(image / "site"), str(ROOT), process, *PROCESSES[process]]
    with subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments],
        cwd=image / "app",
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", "FLEET_LOG_FORMAT": "json"},
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as running:
        assert running.stderr is not None
        said = ""
        try:
            for line in running.stderr:
                said += line
                if '"process.listening"' in line:
                    port = json.loads(line)["port"]
                    with urlopen(f"http://127.0.0.1:{port}/livez", timeout=10) as answer:
                        assert json.load(answer) == {"status": "alive"}
                    break
        finally:
            running.terminate()
            said += running.stderr.read()
    assert '"process.listening"' in said, said
    assert running.returncode == 0, said
