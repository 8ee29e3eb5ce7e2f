import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[3]
PACKAGES = ("cli", "gateway", "kit", "registry", "services")


class Plant(NamedTuple):
    module: str
    statement: str


PLANTS = {
    "layers": Plant("kit/planted_layers.py", "import gateway"),
    "services-know-only-kit": Plant("services/planted_caller.py", "import registry.model"),
    "services-are-independent": Plant("services/planted_one/x.py", "import services.planted_two"),
    "gateway-sees-the-registry-by-its-front": Plant(
        "gateway/planted_front.py", "from registry import planted_inside"
    ),
    "nothing-imports-tests": Plant("kit/planted_tests.py", "import tests.support.clock"),
    "redis": Plant("services/planted_redis.py", "import redis.asyncio"),
    "nats": Plant("registry/planted_nats.py", "from nats.js import kv"),
    "grpc": Plant("gateway/planted_grpc.py", "from grpc import aio"),
    "http-client": Plant("services/planted_http.py", "import httpx2"),
    "telemetry": Plant("gateway/planted_telemetry.py", "from opentelemetry import trace"),
    "mcp": Plant("gateway/planted_mcp.py", "from mcp.types import Tool"),
    "logging": Plant("services/planted_logging.py", "import logging"),
    "server": Plant("gateway/planted_server.py", "import uvicorn"),
    "graphql": Plant("services/planted_graphql.py", "from graphql import parse"),
}


def titles() -> dict[str, str]:
    """Return each contract's title by its identifier."""
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter", encoding="utf-8")
    prefix = "importlinter:contract:"
    return {
        section.removeprefix(prefix): config[section]["name"]
        for section in config.sections()
        if section.startswith(prefix)
    }


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )


def write(path: Path, statement: str) -> None:
    path.parent.mkdir(exist_ok=True)
    if path.parent.name.startswith("planted"):
        (path.parent / "__init__.py").touch()
    path.write_text(f"{statement}\n", encoding="utf-8")


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of each broken contract in a copy with one violation of every kind."""
    root = tmp_path_factory.mktemp("planted")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, root / package)
    shutil.copy(ROOT / ".importlinter", root)
    for plant in PLANTS.values():
        write(root / plant.module, plant.statement)
    write(root / "registry/planted_inside.py", "")
    write(root / "services/planted_two/x.py", "")
    report = lint(root)
    assert report.returncode == 1, report.stdout + report.stderr
    parts = re.split(
        r"^(.+)\n-{3,}\n", report.stdout.partition("Broken contracts")[2], flags=re.MULTILINE
    )
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_contract_has_a_planted_violation() -> None:
    assert set(PLANTS) == set(titles())


@pytest.mark.parametrize("contract", PLANTS)
def test_a_violation_is_caught(contract: str, complaints: dict[str, str]) -> None:
    planted = Path(PLANTS[contract].module).with_suffix("").as_posix().replace("/", ".")
    assert planted in complaints[titles()[contract]]


def test_the_tree_keeps_every_contract() -> None:
    report = lint(ROOT)
    assert report.returncode == 0, report.stdout + report.stderr
