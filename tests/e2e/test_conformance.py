"""The official conformance suite: the fixture server itself, and the gateway in front of it.

What the gateway falls short of is pinned in ``tests/conformance/reached.json``, both ways:
``python -m tests.conformance.run --pin`` pins what it has gained.
"""

from collections.abc import Generator

import pytest

from tests.conformance import pinned
from tests.conformance.served import everything, gateway
from tests.conformance.suite import LEGS, run

TOTALS = {"2025-06-18": 56, "2025-11-25": 84, "2026-07-28": 152}


@pytest.fixture(scope="module")
def fixture() -> Generator[str]:
    with everything() as url:
        yield url


@pytest.fixture(scope="module")
def through(fixture: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    with gateway(fixture, tmp_path_factory.mktemp("gateway")) as url:
        yield url


@pytest.mark.parametrize("revision", LEGS)
def test_the_fixture_passes_every_check(fixture: str, revision: str) -> None:
    leg = run(fixture, revision)
    assert [each for each in leg.checks if each.failing] == []
    assert list(leg.differences(pinned.expected(revision))) == []
    assert leg.passed == TOTALS[revision]


@pytest.mark.parametrize("revision", LEGS)
def test_through_the_gateway_as_much_passes_as_is_pinned(through: str, revision: str) -> None:
    leg = run(through, revision)
    assert list(leg.differences(pinned.reached(revision))) == []
