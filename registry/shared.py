"""What registries share beside leases: tracks, requests to probe, and drains, as stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from kit import log
from registry.health import Drain, Track

TRACK: Final = "track."
ASK: Final = "ask."
DRAIN: Final = "drain."
_log = log.get(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Noted:
    """A track and when its last probe was (aware)."""

    track: Track
    at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """A caller's report that it did not reach a server; *at* makes it new."""

    reason: str
    at: datetime


NOTED: Final = TypeAdapter(Noted)
ASKED: Final = TypeAdapter(Ask)
DRAINED: Final = TypeAdapter(Drain)


def read(entries: Mapping[str, bytes], prefix: str, form: TypeAdapter[T]) -> dict[str, T]:
    """Return what stands under *prefix*, by server; what cannot be read is logged, not used."""
    found: dict[str, T] = {}
    for key, value in entries.items():
        if not key.startswith(prefix):
            continue
        try:
            found[key.removeprefix(prefix)] = form.validate_json(value)
        except ValidationError as error:
            _log.warning("shared.unreadable", key=key, error=str(error))
    return found
