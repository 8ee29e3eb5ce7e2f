"""The record of a fleet that is up: ``fleet.json`` in its state folder."""

from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from cli.failure import Away, Failure
from cli.fleet.lock import held
from cli.fleet.places import Places
from cli.fleet.plan import Planned
from cli.fleet.processes import GATEWAY, Asked, Layer


class Recorded(BaseModel):
    """One process of the fleet; the fields of ``Planned`` that others need later."""

    model_config = ConfigDict(frozen=True)

    name: str
    layer: Layer
    port: int
    asked: Asked
    talks_to: str | None = None

    @classmethod
    def of(cls, planned: Planned) -> "Recorded":
        """Return what is kept of *planned*."""
        return cls(
            name=planned.name,
            layer=planned.layer,
            port=planned.port,
            asked=planned.asked,
            talks_to=planned.talks_to,
        )

    @property
    def url(self) -> str:
        """Where it is asked."""
        scheme = {Asked.HTTP: "http", Asked.NATS: "nats", Asked.REDIS: "redis"}[self.asked]
        return f"{scheme}://127.0.0.1:{self.port}"


class Record(BaseModel):
    """One fleet."""

    model_config = ConfigDict(frozen=True)

    profile: str
    started_at: datetime
    socket: Path
    ports: dict[str, int]
    urls: dict[str, str]
    processes: tuple[Recorded, ...]

    def write(self, places: Places) -> None:
        """Put the record into its place, whole or not at all."""
        draft = places.record.with_suffix(".new")
        draft.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        draft.replace(places.record)

    def process(self, name: str) -> Recorded:
        """Return the process called *name*.

        Raises:
            Failure: this fleet has none.
        """
        for each in self.processes:
            if each.name == name:
                return each
        names = ", ".join(each.name for each in self.processes)
        raise Failure(f"no process of this fleet is called {name!r}; there are {names}")

    @property
    def gateway(self) -> str | None:
        """The gateway's address, if the fleet has one."""
        return self.urls.get(GATEWAY)


def lives(places: Places) -> bool:
    """Return whether the supervisor of *places* lives."""
    return held(places.lock)


def found(places: Places) -> Record | None:
    """Return the record of the fleet that is up, or none."""
    if not lives(places):
        return None
    try:
        return Record.model_validate_json(places.record.read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def needed(places: Places) -> Record:
    """Return the record of the fleet that is up.

    Raises:
        Away: none is.
    """
    record = found(places)
    if record is None:
        raise Away(f"no fleet is up in {places.state}: start one with `sophia up`")
    return record
