"""What one client hears over one stream, whatever its era."""

import asyncio
from collections.abc import Collection
from typing import Any, Final

from gateway.listing import Kind
from gateway.notices import Notice
from gateway.surface import Surface
from gateway.upstream.client import Notify

Json = dict[str, Any]
PING_SECONDS: Final = 15.0
MAX_URIS: Final = 256
"""Resources that one stream may watch."""
_AGREE_SECONDS: Final = 2.0


def changing(surface: Surface) -> frozenset[Kind]:
    """Return the lists of *surface* that are told of when they change."""
    advertised = surface.capabilities()
    return frozenset(
        kind
        for kind in (Kind.TOOLS, Kind.PROMPTS, Kind.RESOURCES)
        if (advertised.get(kind.value) or {}).get("listChanged") is True
    )


class Hearing:
    """The lists and resources that one client wants to hear of.

    Args:
        surface: What it listens to.
        kinds: Whose lists.
    """

    def __init__(self, surface: Surface, kinds: Collection[Kind]) -> None:
        self._surface = surface
        self._kinds = frozenset(kinds)
        self._uris: dict[str, tuple[str, str]] = {}
        self._shown: dict[tuple[str, str], str] = {}

    async def watch(self, uris: Collection[str]) -> list[str]:
        """Have the owners of *uris* tell of changes; return those of which they will."""
        wanted = {uri: found for uri in uris if (found := self._surface.locate(uri)) is not None}
        wanted = {uri: wanted[uri] for uri in list(wanted)[: MAX_URIS - len(self._uris)]}
        agreed = await asyncio.gather(*(self._one(uri, *own) for uri, own in wanted.items()))
        return [uri for uri, told in zip(wanted, agreed, strict=True) if told]

    async def _one(self, uri: str, server: str, own: str) -> bool:
        if uri in self._uris:
            return True
        # Noted first: what is told while it is agreed is heard, and closing takes it back.
        self._uris[uri] = (server, own)
        self._shown[server, own] = uri
        agreed = await self._surface.subscriptions.watch(server, own, _AGREE_SECONDS)
        if not agreed:
            self.unwatch(uri)
        return agreed

    def unwatch(self, uri: str) -> None:
        """Hear of *uris* no more."""
        found = self._uris.pop(uri, None)
        if found is not None:
            self._shown.pop(found, None)
            self._surface.subscriptions.unwatch(*found)

    def close(self) -> None:
        """Hear of no resource any more."""
        for uri in list(self._uris):
            self.unwatch(uri)

    def wants(self, notice: Notice) -> bool:
        """Say whether *notice* is for this client."""
        if notice.uri:
            return (notice.server, notice.uri) in self._shown
        return notice.kind in self._kinds and self._surface.shown(notice) is not None

    def told(self, notices: Collection[Notice]) -> list[Json]:
        """Return *notices* as the client hears them: of several servers' lists, it has one."""
        found: dict[tuple[str, str], Json] = {}
        for notice in notices:
            uri = self._shown.get((notice.server, notice.uri), "") if notice.uri else ""
            if notice.uri and not uri:
                continue  # taken back meanwhile
            found[notice.kind, uri] = _message(notice.kind, uri)
        return list(found.values())


def _message(kind: Kind, uri: str) -> Json:
    if uri:
        return _notification("notifications/resources/updated", {"uri": uri})
    return _notification(f"notifications/{kind}/list_changed", {})


def _notification(method: str, params: Json) -> Json:
    return {"jsonrpc": "2.0", "method": method, "params": params}


def tagged(notify: Notify, key: str, value: object) -> Notify:
    """Return *notify* with *key* in the ``_meta`` of all that it sends."""

    async def send(message: Json) -> None:
        params = message.get("params") or {}
        meta = {**params.get("_meta", {}), key: value}
        await notify({**message, "params": {**params, "_meta": meta}})

    return send
