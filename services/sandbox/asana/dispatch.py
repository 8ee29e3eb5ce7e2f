"""From a method and a path to an answer: checks what was sent, runs, shows, pages."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.routing import compile_path

from services.sandbox.asana import (
    errors,
    fields,
    links,
    params,
    people,
    projects,
    search,
    stories,
    tags,
    tasks,
)
from services.sandbox.asana.endpoint import Asked, Endpoint, Many, One, Plain, Result
from services.sandbox.asana.fields import Tree, tree
from services.sandbox.asana.records import Record
from services.sandbox.asana.render import rendered

ENDPOINTS: tuple[Endpoint, ...] = (
    *people.ENDPOINTS,
    *projects.ENDPOINTS,
    *search.ENDPOINTS,
    *tasks.ENDPOINTS,
    *links.ENDPOINTS,
    *stories.ENDPOINTS,
    *tags.ENDPOINTS,
)
LARGEST_PAGE = 100
MOST_WITHOUT_PAGES = 1000
_TOO_LARGE = (
    "The result is too large. You should use pagination (may require specifying a workspace)!"
)
_ALWAYS = frozenset({"opt_fields", "opt_pretty"})
_PAGED = frozenset({"limit", "offset"})


@dataclass(frozen=True, slots=True)
class Found:
    """An endpoint, and the parameters in the path that led to it."""

    endpoint: Endpoint
    path: dict[str, str]


@cache
def _patterns() -> tuple[tuple[Any, Endpoint], ...]:
    return tuple((compile_path(endpoint.path)[0], endpoint) for endpoint in ENDPOINTS)


def find(method: str, path: str) -> Found:
    """Return what answers *method* on *path*.

    Raises:
        Refused: 404, nothing does.
    """
    for pattern, endpoint in _patterns():
        match = pattern.match(path)
        if match and endpoint.method == method:
            return Found(endpoint, match.groupdict())
    raise errors.Refused(404, "No matching route for request")


def check(endpoint: Endpoint, query: Mapping[str, str], data: Mapping[str, Any]) -> None:
    """Refuse what *endpoint* does not know.

    Raises:
        Refused: 400, naming the first thing that it does not know.
    """
    paged = _PAGED if endpoint.paged else frozenset()
    for name in query:
        known = name in endpoint.query or name in _ALWAYS or name in paged
        if not known and not name.startswith(endpoint.query_prefixes or ("\0",)):
            raise errors.wrong(name, "Unknown query parameter")
    if endpoint.shows and "opt_fields" in query:
        fields.check(endpoint.shows, _tree(query["opt_fields"]))
    for name in data:
        if name in endpoint.body:
            continue
        if name in endpoint.read_only:
            raise errors.wrong(name, "Cannot write this property")
        raise errors.wrong(name, "Unknown field")


def body_of(
    result: Result, asked: Asked, endpoint: Endpoint, path: str, base_url: str
) -> dict[str, Any]:
    """Return the answer's JSON."""
    names = asked.query.get("opt_fields")
    wanted = None if names is None else _tree(names)
    match result:
        case Plain(content=content):
            return {"data": content}
        case One(record=record):
            return {"data": rendered(record, wanted, full=True, oauth=asked.oauth)}
        case Many():
            if endpoint.paged and "limit" in asked.query:
                return _page(result.records, asked, wanted, path, base_url)
            if len(result.records) > MOST_WITHOUT_PAGES:
                raise errors.Refused(400, _TOO_LARGE)
            return {"data": _list(result.records, asked, wanted)}


def _list(records: Sequence[Record], asked: Asked, wanted: Tree | None) -> list[dict[str, Any]]:
    return [rendered(record, wanted, full=False, oauth=asked.oauth) for record in records]


def _page(
    records: Sequence[Record], asked: Asked, wanted: Tree | None, path: str, base_url: str
) -> dict[str, Any]:
    limit = params.whole("limit", asked.query["limit"], 1, LARGEST_PAGE)
    start = _start(asked.query.get("offset"), [record.gid for record in records])
    shown = records[start : start + limit]
    more = start + limit < len(records)
    following = _next(asked, shown[-1].gid, path, base_url) if more else None
    return {"data": _list(shown, asked, wanted), "next_page": following}


def _next(asked: Asked, last: str, path: str, base_url: str) -> dict[str, str]:
    offset = base64.urlsafe_b64encode(orjson.dumps({"after": last})).decode().rstrip("=")
    relative = f"{path}?{urlencode({**asked.query, 'offset': offset})}"
    return {"offset": offset, "path": relative, "uri": f"{base_url}{relative}"}


def _tree(names: str) -> Tree:
    return tree(params.listed("opt_fields", names))


def _start(offset: str | None, gids: list[str]) -> int:
    """Return where the page begins that *offset* stands for."""
    if offset is None:
        return 0
    try:
        padded = offset + "=" * (-len(offset) % 4)
        return gids.index(orjson.loads(base64.urlsafe_b64decode(padded))["after"]) + 1
    except (binascii.Error, ValueError, KeyError, TypeError):
        raise errors.wrong("offset", "Your pagination token is invalid or has expired") from None
