"""The failures that cross a border of the fleet, each with a stable code.

- FleetError
    - Unauthenticated: the vendor refuses our credential
    - Permission: the credential is valid and lacks a scope or a right
    - PlanRequired: the vendor sells this on a higher plan
    - NotFound: no such thing
    - Invalid: an argument is wrong; ``field`` names it
    - Conflict: it exists already, or it changed meanwhile
    - RateLimited: asked to slow down; ``retry_after_seconds`` says for how long
    - QuotaExhausted: nothing more until ``reset_at``
    - Unavailable: could not be reached, or answered that it cannot serve
    - TimedOut: no answer within the deadline
    - UnknownOutcome: a write may or may not have happened
    - Unsupported: this server cannot do that
    - Internal: a defect of ours; the log has the traceback

Codes and their meaning are part of the contract (``kit.wire`` writes them).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar


class FleetError(Exception):
    """A foreseen failure: its message is meant for the caller.

    Attributes:
        code: Stable name of the failure, lower case.
        retryable: The same call may succeed later, unchanged.
        certain: The attempt certainly changed nothing, so a write may be tried elsewhere.
        fields: What beside code and message crosses a border, by attribute name.
        provider: The server or vendor it comes from, if any.
    """

    code: ClassVar[str] = "internal"
    fields: ClassVar[tuple[str, ...]] = ("provider",)
    retryable: ClassVar[bool] = False
    certain: ClassVar[bool] = True

    def __init__(self, message: str, *, provider: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.provider = provider


class Unauthenticated(FleetError):
    """The credential is missing, wrong or expired."""

    code = "unauthenticated"


class Permission(FleetError):
    """The credential does not allow this.

    Args:
        message: What was refused.
        provider: Who refused.
        missing_scopes: The scopes that would allow it, if the vendor names them.
    """

    code = "permission"
    fields = ("provider", "missing_scopes")

    def __init__(
        self, message: str, *, provider: str | None = None, missing_scopes: Sequence[str] = ()
    ) -> None:
        super().__init__(message, provider=provider)
        self.missing_scopes = tuple(missing_scopes)


class PlanRequired(FleetError):
    """The vendor's plan does not include this."""

    code = "plan_required"


class NotFound(FleetError):
    """There is no such thing, or the caller may not know of it."""

    code = "not_found"


class Invalid(FleetError):
    """An argument is wrong.

    Args:
        message: What is wrong and what would be right.
        provider: Who says so.
        field: The argument's name, dotted for nested ones.
    """

    code = "invalid"
    fields = ("provider", "field")

    def __init__(
        self, message: str, *, provider: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message, provider=provider)
        self.field = field


class Conflict(FleetError):
    """It exists already, or it changed since it was read.

    Args:
        message: What conflicts.
        provider: Who says so.
        existing_ref: The ref of what is there.
    """

    code = "conflict"
    fields = ("provider", "existing_ref")

    def __init__(
        self, message: str, *, provider: str | None = None, existing_ref: str | None = None
    ) -> None:
        super().__init__(message, provider=provider)
        self.existing_ref = existing_ref


class RateLimited(FleetError):
    """Too many calls.

    Args:
        message: Which limit was hit.
        provider: Whose limit.
        retry_after_seconds: When it may be asked again, if known.
        scope: What is limited (``requests``, ``complexity``, ``search``, ...).
    """

    code = "rate_limited"
    fields = ("provider", "retry_after_seconds", "scope")
    retryable = True

    def __init__(
        self,
        message: str,
        *,
        provider: str | None = None,
        retry_after_seconds: float | None = None,
        scope: str | None = None,
    ) -> None:
        super().__init__(message, provider=provider)
        self.retry_after_seconds = retry_after_seconds
        self.scope = scope


class QuotaExhausted(FleetError):
    """Nothing is left of a quota.

    Args:
        message: Which quota.
        provider: Whose quota.
        reset_at: When there is some again (aware), if known.
    """

    code = "quota_exhausted"
    fields = ("provider", "reset_at")

    def __init__(
        self, message: str, *, provider: str | None = None, reset_at: datetime | None = None
    ) -> None:
        super().__init__(message, provider=provider)
        self.reset_at = reset_at


class Unavailable(FleetError):
    """It could not be reached, or said that it cannot serve; nothing was changed."""

    code = "unavailable"
    retryable = True


class TimedOut(FleetError):
    """No answer within the deadline. A write may have happened: see UnknownOutcome."""

    code = "timeout"
    retryable = True
    certain = False


class UnknownOutcome(FleetError):
    """A write may or may not have happened.

    Args:
        message: What was tried and what came back.
        provider: At whom.
        read_back_hint: How the caller can find out.
    """

    code = "unknown_outcome"
    fields = ("provider", "read_back_hint")
    certain = False

    def __init__(
        self, message: str, *, provider: str | None = None, read_back_hint: str | None = None
    ) -> None:
        super().__init__(message, provider=provider)
        self.read_back_hint = read_back_hint


class Unsupported(FleetError):
    """This server cannot do that."""

    code = "unsupported"


class Internal(FleetError):
    """A defect: the details are in the log, not in the answer."""

    code = "internal"
    certain = False
