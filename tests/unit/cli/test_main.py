"""The command line as a whole: what it lists, how it fails."""

import inspect
import pkgutil
import subprocess
import sys

import pytest

from cli.commands import COMMANDS, Command
from cli.main import main

each_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda each: each.name)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    for command in COMMANDS:
        assert command.name.partition(" ")[0] in listed


@each_command
def test_each_command_teaches_with_examples(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.name.split(), "--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert command.summary in said
    assert all(line.split()[-1] in said for line, _ in command.examples)


@each_command
def test_each_command_has_json(command: Command) -> None:
    function = pkgutil.resolve_name(command.target)
    assert "json" in inspect.signature(function).parameters


@each_command
def test_each_example_begins_with_its_command(command: Command) -> None:
    assert all(f"sophia {command.name}" in line for line, _ in command.examples)


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["frobnicate"], "frobnicate"),
        (["connect", "emacs"], "emacs"),
        (["call"], "NAME"),
        (["up", "--ports", "some"], "some"),
        (["simulate"], "--down"),
        (["call", "tasks.search", "--timeout", "0"], "--timeout"),
        (["servers", "--url", "localhost"], "http://"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_2(
    argv: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err
    assert len(said.err.splitlines()) == 1


def test_a_wrong_setting_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLEET_PROFILE", "staging")
    assert main(["status"]) == 2
    assert capsys.readouterr().err.startswith("FLEET_PROFILE: ")


def test_nobody_at_the_gateway_is_one_line_and_exit_code_3(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["servers", "--url", "http://127.0.0.1:1"]) == 3
    said = capsys.readouterr().err
    assert "http://127.0.0.1:1" in said
    assert "sophia up" in said
    assert len(said.splitlines()) == 1


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from cli.main import main; main(['--help']);"
        "print(sorted(m for m in sys.modules if m.startswith(('pydantic', 'supervisor'))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stdout.splitlines()[-1] == "[]"
