"""The vendors' own specifications, which lie beside the project and are no part of it."""

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[3] / "shared/specs"


def specification(name: str) -> Path:
    """Return the file *name* of the specifications; without them, the test says so and skips."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"NOT CHECKED against the vendor's specification: {path} is missing")
    return path
