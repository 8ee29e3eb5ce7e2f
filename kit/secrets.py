"""Credentials by reference: files name them (``env:NAME``), they never hold them."""

import os

PREFIX = "env:"


def secret(reference: str) -> str | None:
    """Return the value that *reference* names; None when it is not set or empty."""
    return os.environ.get(reference.removeprefix(PREFIX)) or None  # noqa: TID251 -- the place
