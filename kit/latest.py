"""A value that changes, for watchers who want its newest form and no queue."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """The newest value; a slow watcher misses what lay between, and holds nobody up.

    Args:
        value: What it is at first.
    """

    def __init__(self, value: T) -> None:
        self._value = value
        self._changed: set[asyncio.Event] = set()

    @property
    def value(self) -> T:
        """The newest value."""
        return self._value

    @property
    def watchers(self) -> int:
        """How many watch now."""
        return len(self._changed)

    def set(self, value: T) -> None:
        """Make *value* the newest and wake the watchers."""
        self._value = value
        for changed in self._changed:
            changed.set()

    async def watch(self) -> AsyncGenerator[T]:
        """Yield the value as it is, then the newest one after each change."""
        changed = asyncio.Event()
        self._changed.add(changed)
        try:
            while True:
                changed.clear()
                yield self._value
                await changed.wait()
        finally:
            self._changed.discard(changed)
