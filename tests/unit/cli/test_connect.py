"""Clients' configuration: printed, or merged without loss."""

import json
from pathlib import Path

import pytest

from cli.clients import CLIENTS, merged
from cli.main import main

URL = "http://127.0.0.1:8000"


def connect(*argv: str) -> int:
    return main(["connect", *argv, "--url", URL])


@pytest.mark.parametrize(
    ("client", "block"),
    [
        ("claude", {"mcpServers": {"sophia": {"type": "http", "url": f"{URL}/mcp"}}}),
        ("cursor", {"mcpServers": {"sophia": {"url": f"{URL}/mcp"}}}),
        ("vscode", {"servers": {"sophia": {"type": "http", "url": f"{URL}/mcp"}}}),
    ],
)
def test_each_client_gets_its_own_form(
    client: str, block: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert connect(client, "--json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["block"] == block
    assert answer["written"] is False
    assert answer["file"].endswith("mcp.json")


@pytest.mark.parametrize("client", CLIENTS)
def test_a_key_is_referred_to_and_never_written(
    client: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_API_KEY", "the-key-itself")
    assert connect(client, "--json") == 0
    said = capsys.readouterr()
    assert "the-key-itself" not in said.out + said.err
    assert "Bearer ${" in said.out


def test_writing_keeps_every_other_entry_and_a_copy(tmp_path: Path) -> None:
    file = tmp_path / "mcp.json"
    before = '{"mcpServers": {"other": {"command": "x"}, "sophia": {"url": "old"}}, "more": [1]}'
    file.write_text(before, encoding="utf-8")
    file.chmod(0o600)
    assert connect("cursor", "--write", "--file", str(file)) == 0
    assert json.loads(file.read_text(encoding="utf-8")) == {
        "mcpServers": {"other": {"command": "x"}, "sophia": {"url": f"{URL}/mcp"}},
        "more": [1],
    }
    assert file.stat().st_mode & 0o777 == 0o600
    (copy,) = tmp_path.glob("*.bak")
    assert copy.read_text(encoding="utf-8") == before


def test_writing_makes_the_file_and_its_folder(tmp_path: Path) -> None:
    file = tmp_path / ".vscode" / "mcp.json"
    assert connect("vscode", "--write", "--file", str(file)) == 0
    assert set(json.loads(file.read_text(encoding="utf-8"))) == {"servers"}


@pytest.mark.parametrize("text", ['{"servers": {} // mine\n}', "[]", '{"servers": []}', "not json"])
def test_what_cannot_be_changed_without_loss_is_left(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mcp.json"
    file.write_text(text, encoding="utf-8")
    assert connect("vscode", "--write", "--file", str(file)) == 1
    assert "left as it is" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == text
    assert list(tmp_path.iterdir()) == [file]


def test_a_question_to_the_person_is_asked_once() -> None:
    block = CLIENTS["vscode"].block("sophia", f"{URL}/mcp", keyed=True)
    twice = merged(merged({"inputs": [{"id": "mine"}]}, block), block)
    assert [each["id"] for each in twice["inputs"]] == ["mine", "sophia-api-key"]
