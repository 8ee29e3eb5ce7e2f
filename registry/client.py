"""What the gateway imports: the registry as a source of snapshots."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from kit.errors import Invalid
from registry.model import LoadError, Snapshot

GRPC: Final = "grpc://"


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

    def changes(self) -> AsyncGenerator[Snapshot]:
        """Yield the snapshot as it is, then the newest after each change; none queue up."""
        ...

    async def report_failure(self, server: str, reason: str) -> None:
        """Tell that a call did not reach *server*, so that it is probed at once.

        A hint: it returns at once, and nothing is said if nobody takes it.
        """
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


def open_source(registry: str) -> RegistrySource:
    """Return the source that *registry* names: ``grpc://host:port``, or the path of a file.

    Raises:
        Invalid: it is neither.
    """
    if registry.startswith(GRPC):
        from registry.remote import (  # noqa: PLC0415 -- 12 MB that a gateway on a file can spare
            GrpcSource,
        )

        return GrpcSource(registry.removeprefix(GRPC))
    if "://" in registry:
        raise Invalid(f"{registry!r} is neither {GRPC}host:port nor a file", field="registry")
    from registry.local import (  # noqa: PLC0415 -- a gateway on a registry process does not probe
        FileSource,
    )

    return FileSource(Path(registry))
