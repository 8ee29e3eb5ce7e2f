"""Notices when a file says something else, however the editor writes it.

Its folder is watched, not the file: editors and Kubernetes replace a file by another.
"""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Final

from watchfiles import awatch

LOOK_MILLISECONDS: Final = 2000
"""A look without notice, for file systems and mounts that do not tell."""
_SETTLE_MILLISECONDS: Final = 50


async def changes(path: Path) -> AsyncGenerator[bytes | None]:
    """Yield the content of *path* each time it is another one; None while there is none.

    The first one is what stands there when the watch begins.
    """
    notices = awatch(
        path.parent,
        watch_filter=None,
        recursive=False,
        debounce=_SETTLE_MILLISECONDS * 4,
        step=_SETTLE_MILLISECONDS,
        rust_timeout=LOOK_MILLISECONDS,
        yield_on_timeout=True,
    )

    async def noticed() -> None:
        await anext(notices)

    async with contextlib.aclosing(notices):
        notice = asyncio.create_task(noticed())
        try:
            await asyncio.sleep(0)  # noqa: TID251 -- a turn: the watch stands before the first look
            last = read(path)
            yield last
            while True:
                await notice
                notice = asyncio.create_task(noticed())
                content = read(path)
                if content != last:
                    last = content
                    yield content
        finally:
            notice.cancel()
            await asyncio.gather(notice, return_exceptions=True)


def read(path: Path) -> bytes | None:
    """Return the content of *path*; None when it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return None
