"""From records to JSON, by ``opt_fields``."""

from datetime import UTC, date, datetime
from typing import Any

from services.sandbox.asana.fields import Tree, known
from services.sandbox.asana.records import Record

_BARE = ("gid", "resource_type")
_HIDDEN = {"external"}  # what only an OAuth application sees


def rendered(record: Record, wanted: Tree | None, *, full: bool, oauth: bool) -> dict[str, Any]:
    """Return *record* with the fields *wanted*; none: all that it shows by itself.

    Args:
        record: What to show.
        wanted: What ``opt_fields`` asked for.
        full: Whether it was asked for by itself, rather than in a list.
        oauth: Whether the token is an OAuth application's.
    """
    show = _Show(oauth=oauth)
    return show.by_default(record, full=full) if wanted is None else show.chosen(record, wanted)


class _Show:
    def __init__(self, *, oauth: bool) -> None:
        self._oauth = oauth

    def by_default(self, record: Record, *, full: bool) -> dict[str, Any]:
        """Return the fields that *record* has without ``opt_fields``."""
        names = record.FULL if full else record.COMPACT
        shown = {name: self._compact(getattr(record, name)) for name in names}
        if full and self._oauth and getattr(record, "external", None):
            shown["external"] = record.external  # type: ignore[attr-defined] # only tasks have it
        return shown

    def chosen(self, record: Record, wanted: Tree) -> dict[str, Any]:
        """Return the fields *wanted*, and the gid."""
        fields = known(type(record))
        shown: dict[str, Any] = {"gid": record.gid} if "gid" in fields else {}
        for name, below in wanted.items():
            if name not in fields or (name in _HIDDEN and not self._oauth):
                continue
            shown[name] = self._below(getattr(record, name), below)
        return shown

    def _compact(self, value: Any) -> Any:
        if isinstance(value, Record):
            return self.by_default(value, full=False)
        if isinstance(value, list):
            return [self._compact(each) for each in value]
        return _plain(value)

    def _below(self, value: Any, below: Tree) -> Any:
        if isinstance(value, list):
            return [self._below(each, below) for each in value]
        if isinstance(value, Record):
            bare = {name: {} for name in _BARE} if value.resource_type else _every(value)
            return self.chosen(value, below or bare)
        return _plain(value)


def _every(record: Record) -> Tree:
    return {name: {} for name in record.COMPACT}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        stamp = value.astimezone(UTC).isoformat(timespec="milliseconds")
        return stamp.replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else value
