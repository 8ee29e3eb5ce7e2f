"""Contexts that must be left by the task that entered them, for fixtures.

pytest-asyncio runs a fixture's setup and its teardown in two tasks, which anyio's cancel
scopes (and so the MCP client) refuse.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

T = TypeVar("T")


@contextlib.asynccontextmanager
async def held(context: AbstractAsyncContextManager[T]) -> AsyncGenerator[T]:
    """Enter and leave *context* in one task of its own; yield what it yields."""
    entered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    leave = asyncio.Event()

    async def hold() -> None:
        async with context as value:
            entered.set_result(value)
            await leave.wait()

    task = asyncio.create_task(hold())
    first: set[asyncio.Future[Any]] = {task, entered}
    try:
        async with asyncio.timeout(10):
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
        if not entered.done():
            await task
        yield entered.result()
    finally:
        leave.set()
        async with asyncio.timeout(10):
            await task
