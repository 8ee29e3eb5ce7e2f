"""Creating a thing once, whatever becomes of the answer.

Linear's create mutations take an id from us. The same idempotency key gives the same id,
and Linear refuses a second thing with it ("conflict on insert"), so that repeating is safe
and reading back says what happened.
"""

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from typing import Literal, TypeVar

from kit.errors import Conflict, FleetError, Invalid, NotFound, UnknownOutcome
from services.linear.errors import VENDOR

ThingT = TypeVar("ThingT")
Outcome = Literal["created", "existing"]
_TRIES = 2


def client_id(kind: str, key: str) -> str:
    """Return the id of the *kind* of thing that idempotency key *key* stands for.

    It has the form of UUID version 4, which Linear's schema asks of client ids, and is
    derived from a digest instead of chance.
    """
    digest = hashlib.sha256(f"{kind}\n{key}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def repeat(key: str) -> str:
    """Return the end of a hint: repeating is safe, and with which key."""
    return f"or repeat the call with idempotency_key {key}: it is not done twice"


async def create_once(
    create: Callable[[], Awaitable[ThingT | None]],
    read: Callable[[], Awaitable[ThingT]],
    *,
    hint: str,
) -> tuple[ThingT, Outcome]:
    """Return the thing and whether this call made it.

    Args:
        create: Sends the mutation; None is an answer without the thing.
        read: Reads the thing by its id of ours.
        hint: Tells the caller how to find out, should the outcome stay unknown.

    Raises:
        UnknownOutcome: it may or may not be there; *hint* goes with it.
        FleetError: it was refused, and is certainly not there.
    """
    problem: FleetError | None = None
    for _ in range(_TRIES):
        try:
            made = await create()
            if made is not None:
                return made, "created"
        except Conflict as error:
            found = await _found(read, error, hint)
            if found is None:
                raise
            return found, "existing" if problem is None else "created"
        except Invalid:
            # A repeat may be refused for its name before its id is looked at.
            found = await _seen(read)
            if found is None:
                raise
            return found, "existing" if problem is None else "created"
        except UnknownOutcome as error:
            problem = error
        found = await _found(read, problem, hint)
        if found is not None:
            return found, "created"
    raise _unknown(problem, hint)


async def _found(
    read: Callable[[], Awaitable[ThingT]], problem: FleetError | None, hint: str
) -> ThingT | None:
    """Return the thing, or None where it certainly is not."""
    try:
        return await read()
    except NotFound:
        return None
    except FleetError as error:
        raise _unknown(problem or error, hint) from error


async def _seen(read: Callable[[], Awaitable[ThingT]]) -> ThingT | None:
    """Return the thing if it can be seen; the refusal tells enough where it cannot."""
    try:
        return await read()
    except FleetError:
        return None


def _unknown(problem: FleetError | None, hint: str) -> UnknownOutcome:
    why = "Linear answered without the thing" if problem is None else problem.message
    return UnknownOutcome(f"{why}; {hint}", provider=VENDOR, read_back_hint=hint)
