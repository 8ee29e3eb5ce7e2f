"""One sandbox for the tests of this folder, as at the start before each."""

from collections.abc import Generator

import pytest

from tests.support.sandbox import RunningSandbox, sandbox


@pytest.fixture(scope="session")
def running() -> Generator[RunningSandbox]:
    with sandbox(limits="generous") as started:
        yield started


@pytest.fixture
def vendors(running: RunningSandbox) -> RunningSandbox:
    running.reset()
    return running
