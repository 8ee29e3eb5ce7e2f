"""The era of a process that has just been started (2026-07-28, basic/versioning.mdx, stdio)."""

import asyncio
from typing import Any, Final

from gateway.upstream.calls import enveloped
from gateway.upstream.duplex import Duplex
from gateway.upstream.eras import Era, OtherEra, judged
from gateway.upstream.legacy.words import INITIALIZED, Greeting, greeting, hello
from gateway.upstream.replies import Json, RpcError

_DISCOVER: Final = "server/discover"


async def greeted(name: str, duplex: Duplex, *, patience: float | None) -> Greeting | None:
    """Return what the server called *name* said at its handshake; None: it is of the modern era.

    Args:
        name: For messages.
        duplex: How it is asked.
        patience: Seconds that the modern question may stay unanswered before the handshake,
            which some servers wait for; None: it is not asked at all.

    Raises:
        OtherEra: it refuses the handshake.
        Unsupported: it speaks no revision of ours.
    """
    asked: asyncio.Task[Era] | None = None
    if patience is not None:
        asked = asyncio.create_task(_discovered(name, duplex), name=f"{name}: discover")
    shaken: asyncio.Task[Greeting] | None = None
    try:
        if asked is not None:
            await asyncio.wait({asked}, timeout=patience)
            if asked.done() and asked.result() is Era.MODERN:
                return None
        shaken = asyncio.create_task(_shaken(name, duplex), name=f"{name}: initialize")
        if asked is not None and not asked.done():
            both: set[asyncio.Task[Any]] = {asked, shaken}  # it may only have been slow to start
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if asked.done() and asked.result() is Era.MODERN:
                return None
        return await shaken
    finally:
        for task in (asked, shaken):
            if task is not None and not task.cancel() and not task.cancelled():
                task.exception()


async def _discovered(name: str, duplex: Duplex) -> Era:
    message: Json
    try:
        message = {"result": await duplex.ask(_DISCOVER, {}, told=enveloped({}))}
    except RpcError as error:
        message = {"error": {"code": error.code, "data": error.data}}
    return judged(name, message)


async def _shaken(name: str, duplex: Duplex) -> Greeting:
    try:
        said = greeting(name, await duplex.ask("initialize", hello({})))
    except RpcError as error:
        told = f"{name} refuses the handshake: {error.message} ({error.code})"
        raise OtherEra(told[:300], provider=name) from error
    await duplex.notice(INITIALIZED)
    return said
