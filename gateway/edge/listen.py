"""``subscriptions/listen``: a modern client's standing stream (MCP 2026-07-28, subscriptions)."""

from typing import Any, Final

from gateway.edge.hearing import PING_SECONDS, Hearing, changing, tagged
from gateway.edge.jsonrpc import INVALID_PARAMS, Refused
from gateway.edge.request import Request
from gateway.notices import Notice
from gateway.standing import ACKNOWLEDGED, FILTERS, URIS

Json = dict[str, Any]
SUBSCRIPTION: Final = "io.modelcontextprotocol/subscriptionId"


async def listening(request: Request) -> Json:
    """Tell the client what it asked for until it goes; return the result of an orderly end.

    Raises:
        Refused: the filter is none.
    """
    surface = request.surface
    wanted, uris = _filter(request.message.params.get("notifications"))
    lists = [key for key in wanted if FILTERS[key] in changing(surface)]
    hearing = Hearing(surface, [FILTERS[key] for key in lists])
    send = tagged(request.exchange.notify, SUBSCRIPTION, request.message.id)
    with surface.notices.watching(hearing.wants) as watcher:
        try:
            taken: list[Notice] = []
            honoured: Json = dict.fromkeys(lists, True)
            if uris:
                honoured[URIS] = await hearing.watch(uris)
            await send(
                {"jsonrpc": "2.0", "method": ACKNOWLEDGED, "params": {"notifications": honoured}}
            )
            while surface.alive() and not watcher.ended:
                for message in hearing.told(taken):
                    await send(message)
                taken = await watcher.take(PING_SECONDS)
                if not taken:
                    await request.exchange.ping()
        finally:
            hearing.close()
    return {"_meta": {SUBSCRIPTION: request.message.id}}


def _filter(given: object) -> tuple[list[str], list[str]]:
    """Return the lists and the resources that *given* asks for."""
    if not isinstance(given, dict):
        raise Refused(INVALID_PARAMS, "subscriptions/listen needs notifications, an object")
    uris = given.get(URIS, [])
    if not isinstance(uris, list) or not all(isinstance(uri, str) for uri in uris):
        raise Refused(INVALID_PARAMS, f"{URIS} must be a list of URIs")
    return [key for key in FILTERS if given.get(key) is True], list(dict.fromkeys(uris))
