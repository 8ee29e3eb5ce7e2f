"""Cursors: where a list stands, as text that callers hand back and need not understand.

A cursor is not secret and not signed: its check finds what was cut, changed or made elsewhere,
not who made it. So what ``decode`` returns is data from outside, to be validated like any
other argument, and must never hold what the caller may not see or choose.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final, Generic, TypeVar

import orjson

from kit.errors import Invalid, Unavailable, Unsupported

MAX_CHARACTERS: Final = 8192
"""As the contract's ``cursor`` argument allows (``kit.contract.envelope``)."""
_VERSION: Final = b"1"
_CHECK_BYTES: Final = 8

ItemT = TypeVar("ItemT")
NextT = TypeVar("NextT")


def encode(position: dict[str, Any], *, scope: str = "") -> str:
    """Return *position*, which is JSON, as a cursor.

    Args:
        position: Where the list stands.
        scope: What it is a list of, such as an operation; only ``decode`` with the same
            scope takes the cursor.

    Raises:
        Unsupported: it would be longer than a cursor may be.
    """
    body = orjson.dumps(position)
    cursor = urlsafe_b64encode(_VERSION + _check(body, scope) + body).rstrip(b"=").decode()
    if len(cursor) > MAX_CHARACTERS:
        raise Unsupported(
            f"the next page's cursor has {len(cursor)} characters, over {MAX_CHARACTERS}; "
            "narrow the search"
        )
    return cursor


def decode(cursor: str, *, scope: str = "") -> dict[str, Any]:
    """Return the position in *cursor*.

    Raises:
        Invalid: it is no cursor that ``encode`` made for *scope*; the field is ``cursor``.
    """
    if len(cursor) > MAX_CHARACTERS:
        raise _refused(f"it has {len(cursor)} characters, over {MAX_CHARACTERS}")
    try:
        raw = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
    except (UnicodeEncodeError, binascii.Error):
        raise _refused("it is not one of ours") from None
    if raw[:1] != _VERSION:
        raise _refused("it is not one of ours")
    check, body = raw[1 : 1 + _CHECK_BYTES], raw[1 + _CHECK_BYTES :]
    if check != _check(body, scope):
        raise _refused("it was cut, changed, or made for another list")
    # Some other texts decode to the same bytes (unused bits, stray characters are skipped).
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != cursor:
        raise _refused("it was changed")
    try:
        position = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _refused("it is not one of ours") from None
    if not isinstance(position, dict):
        raise _refused("it is not one of ours")
    return position


def _check(body: bytes, scope: str) -> bytes:
    return blake2b(scope.encode() + b"\0" + body, digest_size=_CHECK_BYTES).digest()


def _refused(why: str) -> Invalid:
    return Invalid(
        f"cursor: {why}; pass next_cursor of the last page, or nothing for the first",
        field="cursor",
    )


@dataclass(frozen=True, slots=True)
class Collected(Generic[ItemT, NextT]):
    """What a walk over pages found.

    Attributes:
        items: In the order of the pages, *limit* at most.
        next: Where the list goes on; None: it has ended.
    """

    items: tuple[ItemT, ...]
    next: NextT | None


async def collect(
    fetch: Callable[[NextT | None, int], Awaitable[tuple[Sequence[ItemT], NextT | None]]],
    limit: int,
    *,
    start: NextT | None = None,
    page_size: int = 100,
    max_pages: int = 20,
) -> Collected[ItemT, NextT]:
    """Walk a vendor's pages until *limit* items are there, the list ends, or enough was asked.

    Args:
        fetch: Takes the vendor's cursor and how many items are wanted; returns that many at
            most, and the cursor of what follows.
        limit: Items wanted in all.
        start: Where to start; None: at the beginning.
        page_size: Items the vendor gives at once, at most.
        max_pages: Pages read, at most; a vendor may answer with short or empty pages.

    Raises:
        Unavailable: the vendor sends us round in a circle.
    """
    items: list[ItemT] = []
    at = start
    for _ in range(max_pages):
        page, following = await fetch(at, min(page_size, limit - len(items)))
        items.extend(page)
        if following is not None and following == at:
            raise Unavailable("the next page has the same cursor as the last one")
        at = following
        if at is None or len(items) >= limit:
            break
    return Collected(tuple(items), at)
