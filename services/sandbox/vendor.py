"""What the sandbox needs to know of a vendor; a further one is one more package like these."""

from dataclasses import dataclass
from typing import Protocol

from starlette.responses import Response
from starlette.types import ASGIApp

from services.sandbox.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as far as faults look at it.

    Attributes:
        method: HTTP method.
        path: Below the vendor's base address, such as ``/tasks/123``.
        body: As it came.
    """

    method: str
    path: str
    body: bytes


class Vendor(Protocol):
    """One vendor's stand-in."""

    @property
    def name(self) -> str:
        """Return the name that faults and the index use."""
        ...

    @property
    def path(self) -> str:
        """Return where its base address lies below the sandbox's, such as ``/linear/graphql``."""
        ...

    @property
    def tokens(self) -> dict[str, str]:
        """Return ``token`` and, where the vendor knows more kinds, those by name."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Return what was counted."""
        ...

    @property
    def app(self) -> ASGIApp:
        """Return what answers requests below `path`; `path` itself is taken off."""
        ...

    def operations(self, call: Call) -> frozenset[str]:
        """Return the names by which *call* may be matched beside its path."""
        ...

    def failure(self, status: int, retry_after_seconds: int) -> Response:
        """Return the vendor's own answer for 401, 429 (whatever its status is), 500 or 503."""
        ...

    def objects(self) -> dict[str, int]:
        """Return how many of each kind there are."""
        ...

    def reset(self) -> None:
        """Be as at the start."""
        ...
