"""One fleet for all tests that leave it as they found it."""

from collections.abc import Generator

import pytest

from tests.support.fleet import Fleet, running


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Generator[Fleet]:
    """A whole fleet on free ports; whoever breaks something mends it."""
    with running(tmp_path_factory.mktemp("fleet")) as found:
        yield found
