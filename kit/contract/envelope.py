"""What every answer of the contract has around its items."""

from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class Arguments(BaseModel):
    """Base of an operation's arguments: an unknown one is refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Entity(BaseModel):
    """Base of what is answered."""

    model_config = ConfigDict(frozen=True)


class ErrorBody(Entity):
    """A neutral error (``kit.wire``); further fields depend on the code."""

    model_config = ConfigDict(extra="allow", frozen=True)

    code: str
    message: str


class ProviderReport(Entity):
    """What one provider contributed to an answer."""

    provider: str
    status: Literal["ok", "empty", "error", "skipped"]
    error: ErrorBody | None = None
    latency_ms: float | None = Field(default=None, ge=0)
    stale_seconds: float | None = Field(default=None, ge=0)


class Page(Entity):
    """Base of a list answer.

    ``complete: false`` says that a provider failed or was skipped: ``providers`` tells which
    and why. It does not speak of further pages: ``next_cursor`` does.
    """

    next_cursor: str | None = Field(default=None, description="pass as cursor for the next page")
    total: int | None = Field(default=None, ge=0, description="all matches, where known")
    complete: bool = True
    providers: tuple[ProviderReport, ...] = ()


Limit = Annotated[int, Field(ge=1, le=50, description="items on a page")]
Cursor = Annotated[str | None, Field(max_length=8192, description="next_cursor of the last page")]
IdempotencyKey = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        pattern=r"^[\x21-\x7e]+$",
        default_factory=lambda: uuid4().hex,
        description="send the same key when you repeat this write; made for you when absent",
    ),
]


class Person(Entity):
    """A person as tasks and messages name them."""

    name: str
    email: str | None = None


class WriteResult(Entity):
    """What a write did.

    ``existing``: an earlier write with the same key had done it. ``unknown``: it may have
    happened; ``read_back_hint`` says how to find out.
    """

    outcome: Literal["created", "existing", "updated", "unknown"]
    provider: str
    ref: str | None = None
    url: str | None = None
    degraded: bool = Field(default=False, description="done elsewhere than asked first")
    idempotency_key: str
    read_back_hint: str | None = None
    providers: tuple[ProviderReport, ...] = ()


Updated = Annotated[AwareDatetime, Field(description="ISO 8601 with a zone")]
JsonObject = dict[str, Any]
