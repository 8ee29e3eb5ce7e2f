"""The four lists, in pages, as the client's era reads them."""

from typing import Any, Final

from gateway.edge.downgrade import form
from gateway.edge.jsonrpc import INVALID_PARAMS, Refused
from gateway.edge.request import Request
from gateway.listing import Kind
from kit.errors import Invalid, Unavailable

Json = dict[str, Any]
KINDS: Final = {kind.method: kind for kind in Kind}
META_INCOMPLETE: Final = "fleet/incomplete"
"""In a list's ``_meta``: by server, why its part is missing or may be out of date."""


def listed(request: Request) -> Json:
    """Return one page of a list.

    Raises:
        Refused: the cursor is none of this list's.
        Unavailable: nothing is known, because the only server could not be asked.
    """
    kind = KINDS[request.message.method]
    entries = request.surface.entries(kind)
    problems = request.surface.problems(kind)
    if problems and not entries.entries:
        told = "; ".join(f"{server}: {problem}" for server, problem in problems.items())
        raise Unavailable(f"{request.message.method} failed: {told}")
    cursor = request.message.params.get("cursor")
    version = "" if request.era.modern else request.era.version
    try:
        page = entries.page(cursor, scope=request.message.method, form=form(kind, version))
    except Invalid as error:
        raise Refused(INVALID_PARAMS, error.message) from error
    result: Json = {kind.value: page.items}
    if page.cursor is not None:
        result["nextCursor"] = page.cursor
    if problems:
        result["_meta"] = {META_INCOMPLETE: problems}
    if request.era.modern:
        result |= entries.hints.wire()
    return result
