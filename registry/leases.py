"""Servers that announce themselves: each holds a lease, and is gone when it runs out.

A lease lies in a key-value bucket, so that several registries see the same ones. Times of
day decide, since the registries that compare them run on different machines: a lease lasts
seconds, and clocks must agree to well under that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from pydantic import TypeAdapter, ValidationError

from kit import log
from kit.clock import Clock
from kit.errors import Conflict, Invalid, NotFound, Permission
from kit.kv import KeyValue
from registry.model import Server

MIN_SECONDS: Final = 5.0
MAX_SECONDS: Final = 3600.0
PREFIX: Final = "lease."
_log = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Lease:
    """One server's place in the registry until *expires_at*.

    Attributes:
        id: Known to the holder alone; whoever renews or gives up the lease shows it.
        server: What it declared.
        ttl_seconds: How long a heartbeat keeps it.
        expires_at: When it is gone unless renewed (aware).
    """

    id: str
    server: Server
    ttl_seconds: float
    expires_at: datetime


_FORM: Final = TypeAdapter(Lease)


class Leases:
    """The leases in one bucket.

    Args:
        kv: Where they lie.
        clock: For when they run out.
    """

    def __init__(self, kv: KeyValue, clock: Clock) -> None:
        self._kv = kv
        self._clock = clock

    async def register(self, server: Server, ttl_seconds: float) -> Lease:
        """Return a new lease for *server*; one it held before at the same URL is replaced.

        Raises:
            Conflict: another server holds the name.
            Invalid: the time is out of bounds.
        """
        if not MIN_SECONDS <= ttl_seconds <= MAX_SECONDS:
            bounds = f"{MIN_SECONDS:g} to {MAX_SECONDS:g}"
            raise Invalid(f"ttl_seconds must be {bounds}, not {ttl_seconds:g}", field="ttl_seconds")
        key = PREFIX + server.name
        entry = await self._kv.get(key)
        lease = self._renewed(Lease(uuid4().hex, server, ttl_seconds, self._clock.utc()))
        held = None if entry is None else _read(key, entry.value)
        if entry is None:
            await self._kv.create(key, _FORM.dump_json(lease, by_alias=True))
            return lease
        alive = held is not None and held.expires_at > self._clock.utc()
        if held is not None and alive and held.server.transport != server.transport:
            raise Conflict(f"{server.name} is registered by the server at another URL")
        await self._kv.update(key, _FORM.dump_json(lease, by_alias=True), entry.revision)
        return lease

    async def heartbeat(self, name: str, lease_id: str) -> Lease:
        """Return the lease, renewed.

        Raises:
            NotFound: there is no such lease (any more): register again.
            Permission: it is another's.
        """
        lease, revision = await self._held(name, lease_id)
        renewed = self._renewed(lease)
        await self._kv.update(PREFIX + name, _FORM.dump_json(renewed, by_alias=True), revision)
        return renewed

    async def deregister(self, name: str, lease_id: str) -> None:
        """Give the lease up.

        Raises:
            NotFound: there is no such lease (any more).
            Permission: it is another's.
        """
        await self._held(name, lease_id)
        await self._kv.delete(PREFIX + name)

    async def clear(self, name: str) -> None:
        """Remove what is left of an expired lease."""
        entry = await self._kv.get(PREFIX + name)
        lease = None if entry is None else _read(PREFIX + name, entry.value)
        if lease is None or lease.expires_at <= self._clock.utc():
            await self._kv.delete(PREFIX + name)

    def _renewed(self, lease: Lease) -> Lease:
        until = self._clock.utc() + timedelta(seconds=lease.ttl_seconds)
        return Lease(lease.id, lease.server, lease.ttl_seconds, until)

    async def _held(self, name: str, lease_id: str) -> tuple[Lease, int]:
        entry = await self._kv.get(PREFIX + name)
        lease = None if entry is None else _read(PREFIX + name, entry.value)
        if entry is None or lease is None or lease.expires_at <= self._clock.utc():
            raise NotFound(f"{name} has no lease; register again")
        if lease.id != lease_id:
            raise Permission(f"the lease of {name} is another's")
        return lease, entry.revision


def leases(entries: Mapping[str, bytes]) -> dict[str, Lease]:
    """Return the leases among a bucket's *entries*, by server, expired ones too."""
    found = {}
    for key, value in entries.items():
        lease = _read(key, value) if key.startswith(PREFIX) else None
        if lease is not None:
            found[lease.server.name] = lease
    return found


def _read(key: str, value: bytes) -> Lease | None:
    try:
        return _FORM.validate_json(value)
    except ValidationError as error:
        _log.warning("lease.unreadable", key=key, error=str(error))
        return None
