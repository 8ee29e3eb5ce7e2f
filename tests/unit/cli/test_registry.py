"""``sophia registry``."""

import json
from pathlib import Path

import pytest

from cli.main import main

GOOD = """
version: 2
servers:
  - name: linear
    tier: PRIMARY
    capabilities: [TASKS]
    transport: {kind: http, url: "http://127.0.0.1:9004/mcp"}
"""


def test_a_good_file_is_told_with_its_servers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert main(["registry", "validate", str(file)]) == 0
    assert "1 server (linear)" in capsys.readouterr().out


def test_each_mistake_is_told_with_its_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "registry.yaml"
    file.write_text(GOOD.replace("PRIMARY", "FIRST").replace("[TASKS]", "[TASK]"), encoding="utf-8")
    assert main(["registry", "validate", str(file)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [f"{file}:5", f"{file}:6"]
    assert main(["registry", "validate", str(file), "--json"]) == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["valid"] is False
    assert verdict["mistakes"] == lines


def test_the_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["registry", "schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "Registry"
