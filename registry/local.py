"""The registry inside this process: what a gateway runs on when it is given a file."""

import contextlib
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from kit.clock import Clock, SystemClock
from kit.errors import NotFound
from kit.settings import environment
from registry.announce import announce
from registry.background import Background
from registry.client import SourceStatus
from registry.fleet import Engines, Fleet
from registry.model import Snapshot
from registry.probe import probe, probing_client


class FileSource:
    """The registry in this process: the file is watched, its servers are probed from here.

    Args:
        path: The registry file.
        variables: What the file, secrets and requirements name; none: the environment.
        clock: For probes.
    """

    def __init__(
        self,
        path: Path,
        *,
        variables: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._clock = clock or SystemClock()
        self._http = probing_client()
        variables = environment() if variables is None else variables
        self._fleet = Fleet(path, Engines(partial(probe, self._http), variables, self._clock))
        self._since = self._clock.utc()
        self._stack = AsyncExitStack()

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot."""
        return self._fleet.store.snapshot

    @property
    def status(self) -> SourceStatus:
        """Connected, always; whether the file as it stands is in force."""
        return SourceStatus(
            connected=True, since=self._since, load_error=self._fleet.store.load_error
        )

    async def changes(self) -> AsyncGenerator[Snapshot]:
        """Yield the snapshot as it is, then the newest after each change."""
        last = None
        async with contextlib.aclosing(self._fleet.store.watch()) as published:
            async for each in published:
                if each.snapshot is not last:
                    last = each.snapshot
                    yield last

    async def report_failure(self, server: str, reason: str) -> None:
        """Have *server* probed at once."""
        with contextlib.suppress(NotFound):
            await self._fleet.report_failure(server, reason)

    async def set_drain(self, server: str, *, draining: bool, reason: str = "") -> None:
        """Take *server* out of use, or back in; until this process ends."""
        await self._fleet.set_drain(server, draining=draining, reason=reason)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self._http)
            await stack.enter_async_context(self._fleet)
            background = await stack.enter_async_context(Background(self._clock))
            background.start("announce", lambda: announce(self._fleet.store.watch()))
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()
