"""One sandbox for all tests of Asana, as new before each."""

from collections.abc import Generator

import pytest

from tests.support.sandbox import RunningSandbox, sandbox


@pytest.fixture(scope="session")
def _running() -> Generator[RunningSandbox]:
    with sandbox(limits="generous") as box:
        yield box


@pytest.fixture
def box(_running: RunningSandbox) -> RunningSandbox:
    """Asana's stand-in, as at its start."""
    _running.reset()
    return _running
