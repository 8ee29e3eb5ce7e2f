"""One sandbox for all tests of Asana, as new before each."""

from collections.abc import Generator

import pytest

from tests.support.sandbox import RunningSandbox, sandbox


@pytest.fixture(scope="session")
def _running() -> Generator[RunningSandbox]:
    with sandbox(limits="generous") as box:
        yield box


@pytest.fixture(scope="session")
def _running_free() -> Generator[RunningSandbox]:
    with sandbox(limits="generous", asana_plan="free") as box:
        yield box


@pytest.fixture
def free(_running_free: RunningSandbox) -> RunningSandbox:
    """The same on a plan without search, as at its start."""
    _running_free.reset()
    return _running_free


@pytest.fixture
def box(_running: RunningSandbox) -> RunningSandbox:
    """Asana's stand-in, as at its start."""
    _running.reset()
    return _running
