import subprocess
import sys
from pathlib import Path

import pytest

BUF = str(Path(sys.executable).parent / "buf")


def ran(*command: str, cwd: str = ".") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, capture_output=True, text=True, check=False, encoding="utf-8"
    )


@pytest.mark.parametrize("command", [("lint",), ("format", "--diff", "--exit-code")])
def test_the_protos_keep_bufs_rules(command: tuple[str, ...]) -> None:
    found = ran(BUF, *command, cwd="proto")
    assert (found.returncode, found.stdout) == (0, "")


def test_the_generated_code_is_that_of_the_protos() -> None:
    found = ran(sys.executable, "tools/gen_proto.py", "--check")
    assert (found.returncode, found.stderr) == (0, "")
