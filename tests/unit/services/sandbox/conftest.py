import pytest

from services.sandbox.app import build
from services.sandbox.settings import SandboxSettings
from tests.support.clock import FakeClock
from tests.support.vendors import Caller


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def vendors(clock: FakeClock) -> Caller:
    return Caller(build(SandboxSettings(), clock=clock))
