"""What the gateway imports: the registry as a source of snapshots."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from registry.model import LoadError, Snapshot


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How fresh a source's snapshot is.

    Attributes:
        connected: The registry is heard; false: the snapshot is the last one that was.
        since: Since when that is so (aware).
        detail: Why it is not connected; empty when it is.
        load_error: Why the newest registry file was refused, if it was.
    """

    connected: bool
    since: datetime
    detail: str = ""
    load_error: LoadError | None = None


class RegistrySource(Protocol):
    """Where snapshots come from: a registry process or a file."""

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot; its revision is 0 until the registry was first heard."""
        ...

    @property
    def status(self) -> SourceStatus:
        """Whether the snapshot is fresh, and what stands in its way."""
        ...

    def changes(self) -> AsyncIterator[Snapshot]:
        """Yield the snapshot as it is, then the newest after each change; none queue up."""
        ...

    async def report_failure(self, server: str, reason: str) -> None:
        """Tell that a call did not reach *server*, so that it is probed at once."""
        ...

    async def set_drain(self, server: str, *, draining: bool, reason: str = "") -> None:
        """Take *server* out of use, or back in.

        Raises:
            NotFound: there is no such server.
            Unavailable: the registry cannot be reached.
        """
        ...

    async def __aenter__(self) -> Self:
        """Start to listen; a registry process need not be there yet.

        Raises:
            RegistryInvalid: the source is a file, and it has mistakes.
        """
        ...

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop to listen."""
        ...
