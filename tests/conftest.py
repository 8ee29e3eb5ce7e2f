"""Fixtures that every test may ask for."""

import os

import pytest

PREFIXES = ("FLEET_", "GATEWAY_", "REGISTRY_", "LINEAR_", "ASANA_", "SANDBOX_")


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No setting of the machine reaches a test."""
    for name in list(os.environ):  # noqa: TID251 -- the place that clears it
        if name.startswith(PREFIXES):
            monkeypatch.delenv(name)
