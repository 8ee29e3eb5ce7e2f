"""Creating a thing once, whatever becomes of the answer, and finding what was created.

Asana takes no key with a write, so a thing carries its key's marker (``keys``) and is
looked for in lists that are as fresh as Asana itself; its search is up to a minute behind.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Literal, TypeVar

from kit.errors import FleetError, NotFound, UnknownOutcome, Unsupported
from services.asana import models
from services.asana.client import PAGE, AsanaClient
from services.asana.errors import PROVIDER
from services.asana.keys import marker_in

ThingT = TypeVar("ThingT")
Outcome = Literal["created", "existing"]
_MOST: Final = 20  # pages looked through for a marker: 2,000 tasks


class Turns:
    """One write at a time for each key, so that a hasty repeat waits for the first."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, mark: str) -> AsyncGenerator[None]:
        """Run the block while nobody else does for *mark*."""
        lock, count = self._waiting.get(mark, (asyncio.Lock(), 0))
        self._waiting[mark] = (lock, count + 1)
        try:
            async with lock:
                yield
        finally:
            lock, count = self._waiting[mark]
            if count == 1:
                del self._waiting[mark]
            else:
                self._waiting[mark] = (lock, count - 1)


async def create_once(
    find: Callable[[], Awaitable[ThingT | None]],
    create: Callable[[], Awaitable[ThingT]],
    *,
    key: str,
    look_first: bool,
) -> tuple[ThingT, Outcome]:
    """Return the thing and whether this call made it.

    Args:
        find: Looks for what was created with the same key.
        create: Sends the write.
        key: The idempotency key, to repeat with.
        look_first: The key may have been used before: the caller has chosen it.

    Raises:
        UnknownOutcome: it may or may not be there.
        FleetError: it was refused, and is certainly not there.
    """
    if look_first:
        found = await find()
        if found is not None:
            return found, "existing"
    try:
        return await create(), "created"
    except UnknownOutcome as error:
        problem = error
    try:
        found = await find()
    except FleetError as error:
        told = f"{problem.message}; reading back failed: {error.message}"
        raise _unknown(told, key) from error
    if found is not None:
        return found, "created"
    raise _unknown(f"{problem.message}; it is not there now", key) from problem


def _unknown(message: str, key: str) -> UnknownOutcome:
    hint = f"repeat the call with idempotency_key {key}: it looks first"
    return UnknownOutcome(f"{message}; {hint}", provider=PROVIDER, read_back_hint=hint)


async def marked_gid(
    client: AsanaClient, path: str, params: Mapping[str, Any], mark: str
) -> str | None:
    """Return the gid of what carries *mark* in a list, if anything there does.

    Args:
        client: Where to look.
        path: Of the list.
        params: Of the list.
        mark: The marker.

    Raises:
        Unsupported: the list is too long to look through.
    """
    offset: str | None = None
    for _ in range(_MOST):
        page = await client.noted(path, params, offset=offset)
        for each in page.items:
            if marker_in(each.notes) == mark:
                return each.gid
        offset = page.offset
        if offset is None:
            return None
    raise Unsupported(
        f"over {_MOST * PAGE} entries changed lately, so that a repeated write cannot be "
        "told from a new one; lower ASANA_REMEMBERED_HOURS",
        provider=PROVIDER,
    )


async def external_task(client: AsanaClient, mark: str) -> models.Task | None:
    """Return the task whose external id is *mark*, if there is one."""
    try:
        return await client.task(f"external:{mark}")
    except NotFound:
        return None
