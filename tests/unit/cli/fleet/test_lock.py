"""The lock that says a supervisor lives."""

import os
import subprocess
import sys
from pathlib import Path

from cli.fleet.lock import held, seized


def test_a_lock_has_one_holder_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not held(path)
    mine = seized(path)
    assert mine is not None
    assert held(path)
    assert seized(path) is None
    os.close(mine)
    assert not held(path)


def test_a_lock_is_handed_on_to_a_process_and_free_when_that_ends(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    mine = seized(path)
    assert mine is not None
    heir = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[mine]
    )
    with heir:
        os.close(mine)
        assert held(path)
        heir.kill()
    assert not held(path)
