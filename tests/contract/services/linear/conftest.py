from collections.abc import AsyncGenerator, Generator

import pytest

from tests.support.held import held
from tests.support.linear import RunningLinear, Workspace, linear
from tests.support.sandbox import RunningSandbox, sandbox


@pytest.fixture(scope="session")
def running_sandbox() -> Generator[RunningSandbox]:
    with sandbox(limits="generous") as running:
        yield running


@pytest.fixture
def box(running_sandbox: RunningSandbox) -> RunningSandbox:
    """The sandbox as it is at the start."""
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
async def server(box: RunningSandbox) -> AsyncGenerator[RunningLinear]:
    async with held(linear(box)) as running:
        yield running


@pytest.fixture
def workspace(box: RunningSandbox) -> Workspace:
    return Workspace(box)
