"""Small shared values: JetStream key-value buckets, or a dict where there is no NATS.

What several processes of one kind must agree on (leases, probe results, drains) lies here.
Keys are of ``[-/_=.a-zA-Z0-9]``; a value is bytes; every write gives the key a new revision.
"""

import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from kit.errors import Conflict
from kit.latest import Latest


@dataclass(frozen=True, slots=True)
class Entry:
    """One key's value and the revision that wrote it."""

    value: bytes
    revision: int


class KeyValue(Protocol):
    """One bucket. Every method but ``watch`` raises Unavailable while it cannot be reached."""

    async def get(self, key: str) -> Entry | None:
        """Return what stands at *key*."""
        ...

    async def put(self, key: str, value: bytes) -> int:
        """Write whatever stood there before; return the new revision."""
        ...

    async def create(self, key: str, value: bytes) -> int:
        """Write where nothing stands.

        Raises:
            Conflict: something stands there.
        """
        ...

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write over exactly *revision*.

        Raises:
            Conflict: something else stands there.
        """
        ...

    async def delete(self, key: str) -> None:
        """Leave nothing at *key*."""
        ...

    def watch(self) -> AsyncGenerator[Mapping[str, bytes]]:
        """Yield all that stands in the bucket, first at once, then after each change.

        While the bucket cannot be reached nothing is yielded; afterwards all of it is.
        """
        ...

    async def __aenter__(self) -> Self:
        """Start to reach for the bucket, without waiting for it."""
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of it."""
        ...


def bucket(nats_url: str | None, name: str, *, lasting: bool = False) -> KeyValue:
    """Return the bucket *name*: in NATS at *nats_url*, in process where that is None.

    Args:
        nats_url: ``nats://host:port``.
        name: Of ``[-_a-zA-Z0-9]``.
        lasting: It outlives a restart of NATS.
    """
    if nats_url is None:
        return MemoryKeyValue()
    from kit.natskv import (  # noqa: PLC0415 -- 130 ms that a process without NATS should not pay
        NatsKeyValue,
    )

    return NatsKeyValue(nats_url, name, lasting=lasting)


class MemoryKeyValue:
    """A bucket for one process."""

    def __init__(self) -> None:
        self._revision = 0
        self._entries: Latest[Mapping[str, Entry]] = Latest({})

    async def get(self, key: str) -> Entry | None:
        """Return what stands at *key*."""
        return self._entries.value.get(key)

    async def put(self, key: str, value: bytes) -> int:
        """Write whatever stood there before; return the new revision."""
        self._revision += 1
        self._entries.set({**self._entries.value, key: Entry(value, self._revision)})
        return self._revision

    async def create(self, key: str, value: bytes) -> int:
        """Write where nothing stands, else raise Conflict."""
        return await self.update(key, value, 0)

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write over exactly *revision*, else raise Conflict."""
        entry = self._entries.value.get(key)
        if (entry.revision if entry else 0) != revision:
            raise Conflict(f"{key} has changed meanwhile")
        return await self.put(key, value)

    async def delete(self, key: str) -> None:
        """Leave nothing at *key*."""
        self._entries.set({name: e for name, e in self._entries.value.items() if name != key})

    async def watch(self) -> AsyncGenerator[Mapping[str, bytes]]:
        """Yield all that stands in the bucket, now and after each change."""
        async with contextlib.aclosing(self._entries.watch()) as changes:
            async for entries in changes:
                yield {key: entry.value for key, entry in entries.items()}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None
