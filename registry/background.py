"""Loops that run beside the work, each kept alive: a crash is logged and begun again."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Final, Self

from kit import log
from kit.clock import Clock

RESTART_SECONDS: Final = 1.0
_log = log.get(__name__)


class Background:
    """Owns loops by name; leaving it ends them all.

    Args:
        clock: For the pause before a crashed loop begins again.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def start(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Run *loop* under *name* until it is stopped; one that runs there already is ended."""
        self.stop(name)
        self._tasks[name] = asyncio.create_task(self._kept(name, loop), name=name)

    def stop(self, name: str) -> None:
        """End the loop called *name*, if there is one."""
        task = self._tasks.pop(name, None)
        if task is not None:
            task.cancel()
            self._ending.add(task)
            task.add_done_callback(self._ending.discard)

    async def _kept(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await loop()
            except Exception:  # noqa: BLE001 -- the top of a loop: a defect must not end it
                _log.exception("background.crashed", loop=name)
            else:
                return
            await self._clock.sleep(RESTART_SECONDS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in list(self._tasks):
            self.stop(name)
        await asyncio.gather(*self._ending, return_exceptions=True)
