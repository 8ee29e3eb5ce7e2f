"""What each endpoint offers, made from a table when first asked for and kept with it."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from gateway import rewriting
from gateway.entries import Entries, Entry
from gateway.hints import strictest
from gateway.listing import KEPT, Kind
from gateway.routing.table import Table, home

Json = dict[str, Any]
_FEATURES: Final = ("listChanged", "subscribe")
_NOT_RELAYED: Final = frozenset({"io.modelcontextprotocol/tasks"})


class Offers:
    """One table's lists and capabilities, of each server and of all together.

    Args:
        table: What the servers list.
    """

    def __init__(self, table: Table) -> None:
        # The table keeps its offers alive, never the other way round.
        self._catalogues = table.catalogues
        self._servers = table.snapshot.servers
        self._names = table.snapshot.by_name
        self._exposed = {Kind.TOOLS: table.exposed, Kind.PROMPTS: table.prompts}
        self._uris = table.uris
        self._kept: dict[tuple[str, Kind], Entries] = {}

    def of(self, server: str, kind: Kind) -> Entries:
        """Return the list of one server, as it is."""
        found = self._kept.get((server, kind))
        if found is None:
            catalogue = self._catalogues.get(server)
            if catalogue is None:
                return Entries((), KEPT)
            listing = catalogue.listing(kind)
            entries = (Entry(server, each[kind.key], each) for each in listing.items)
            found = self._kept[server, kind] = Entries(entries, listing.hints)
        return found

    def merged(self, kind: Kind) -> Entries:
        """Return the list over all servers, in the registry's order."""
        found = self._kept.get(("", kind))
        if found is None:
            resources = kind in {Kind.RESOURCES, Kind.TEMPLATES}
            entries = self._resources(kind) if resources else self._named(kind)
            hints = [
                each.listing(kind).hints
                for each in self._catalogues.values()
                if each.about.lists(kind)
            ]
            found = self._kept["", kind] = Entries(entries, strictest(hints, KEPT))
        return found

    def _named(self, kind: Kind) -> Iterator[Entry]:
        items: dict[str, Mapping[str, Json]] = {}
        for each in self._exposed[kind].values():
            if each.server not in items:
                listed = self._catalogues[each.server].listing(kind).items
                items[each.server] = {item["name"]: item for item in listed}
            shown = {**items[each.server][each.own], "name": each.name}
            if kind is Kind.TOOLS:
                shown = rewriting.tool(shown, self._renaming(each.server))
            yield Entry(each.server, each.name, shown)

    def _resources(self, kind: Kind) -> Iterator[Entry]:
        found: dict[str, dict[str, Json]] = {}
        for server in self._servers:
            catalogue = self._catalogues.get(server.name)
            owner = home(server)  # a replica's are its original's
            for item in catalogue.listing(kind).items if catalogue else ():
                if kind is Kind.TEMPLATES:
                    uri = self._uris.exposed_template(owner, item[kind.key])
                else:
                    uri = self._uris.exposed(owner, item[kind.key])
                found.setdefault(owner, {}).setdefault(uri, {**item, kind.key: uri})
        for owner, items in found.items():
            yield from (Entry(owner, uri, item) for uri, item in items.items())

    def _renaming(self, server: str) -> rewriting.Rename:
        owner = home(self._names[server])
        return lambda uri: self._uris.exposed(owner, uri)

    def capabilities(self, server: str | None = None) -> Json:
        """Return what *server* declares; None: what any server does.

        Lists that change are always told of: the gateway sees it even where a server does
        not say so.
        """
        found: Json = {}
        names = self._catalogues if server is None else [server]
        for name in names:
            catalogue = self._catalogues.get(name)
            for key, value in catalogue.about.capabilities.items() if catalogue else ():
                found[key] = _joined(found.get(key), value)
        for key in {"tools", "prompts", "resources"} & found.keys():
            found[key] = {**found[key], "listChanged": True}
        extensions = found.get("extensions", {})
        left = {key: value for key, value in extensions.items() if key not in _NOT_RELAYED}
        if left != extensions:
            found["extensions"] = left
        return found


def _joined(one: Json | None, other: Json) -> Json:
    """Return what holds where either is declared."""
    if one is None:
        return other
    joined = {**other, **one}
    for feature in _FEATURES:
        if feature in joined:
            joined[feature] = one.get(feature) is True or other.get(feature) is True
    return joined


def offers(table: Table) -> Offers:
    """Return the offers of *table*, made once."""
    made = _made.get(table)
    if made is None:
        made = _made[table] = Offers(table)
    return made


_made: WeakKeyDictionary[Table, Offers] = WeakKeyDictionary()
