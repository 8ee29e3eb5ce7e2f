"""What Linear's failures mean, as a table, and what its headers say of our quota.

Linear answers a failure with 200 or 400 and ``errors[].extensions.{code,type}``, a rate
limit with 400 (linear.app/developers/rate-limiting; types: errorMap in linear/linear,
packages/sdk/src/error.ts). All is pure: an answer and the time in, an error out.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from kit.errors import (
    Conflict,
    FleetError,
    Internal,
    Invalid,
    NotFound,
    Permission,
    PlanRequired,
    RateLimited,
    Unauthenticated,
    Unavailable,
)
from kit.http import SERVER_ERROR, HttpAnswer

VENDOR: Final = "linear"
_OK: Final = 200
_LONGEST_WINDOW: Final = 3600.0  # seconds; all of Linear's windows are an hour or less


class Interrupted(Unavailable):
    """Linear failed while it worked on the call: a write may have happened."""

    certain = False


class EndpointLimited(RateLimited):
    """One operation's own limit is used up; others can still be asked."""

    retryable = False


_KINDS: Final[dict[str, type[FleetError]]] = {
    "authentication error": Unauthenticated,
    "AUTHENTICATION_ERROR": Unauthenticated,
    "forbidden": Permission,
    "FORBIDDEN": Permission,
    "feature not accessible": PlanRequired,
    "FEATURE_NOT_ACCESSIBLE": PlanRequired,
    "usage limit exceeded": PlanRequired,
    "USAGE_LIMIT_EXCEEDED": PlanRequired,
    "ratelimited": RateLimited,
    "RATELIMITED": RateLimited,
    "invalid input": Invalid,
    "INVALID_INPUT": Invalid,
    "INPUT_ERROR": Invalid,
    "user error": Invalid,
    "USER_ERROR": Invalid,
    "lock timeout": Unavailable,
    "LOCK_TIMEOUT": Unavailable,
    "graphql error": Internal,
    "GRAPHQL_VALIDATION_FAILED": Internal,
    "GRAPHQL_PARSE_FAILED": Internal,
    "BAD_USER_INPUT": Invalid,
}
_BY_STATUS: Final[dict[int, type[FleetError]]] = {
    401: Unauthenticated,
    403: Permission,
    429: RateLimited,
}


def failure(answer: HttpAnswer, now: datetime) -> FleetError | None:
    """Return what *answer* failed with, or None; a 5xx is left to ``kit.http``."""
    if answer.status >= SERVER_ERROR:
        return None
    errors = answer.body.get("errors") if isinstance(answer.body, dict) else None
    if isinstance(errors, list) and errors and isinstance(errors[0], dict):
        return _from_graphql(errors[0], answer, now)
    if answer.status == _OK and isinstance(answer.body, dict) and "data" in answer.body:
        return None
    kind = _BY_STATUS.get(answer.status)
    if kind is RateLimited:
        return _rate_limited(answer, now)
    if kind is not None:
        return kind(f"Linear answered {answer.status}", provider=VENDOR)
    return Interrupted(
        f"Linear answered {answer.status} without a GraphQL result: is LINEAR_BASE_URL right?",
        provider=VENDOR,
    )


def _from_graphql(error: Mapping[str, Any], answer: HttpAnswer, now: datetime) -> FleetError:
    extensions = error.get("extensions")
    if not isinstance(extensions, dict):
        extensions = {}
    told = str(error.get("message", ""))
    message = _message(told, extensions)
    kind = (
        _KINDS.get(str(extensions.get("code")))
        or _KINDS.get(str(extensions.get("type")).lower())
        or _BY_STATUS.get(answer.status, Interrupted)
    )
    if kind is RateLimited:
        return _rate_limited(answer, now)
    if kind is Invalid:
        return _refused(told, message, extensions)
    if kind is Permission:
        scopes = re.findall(r"[Ii]nvalid scope: `?([\w:]+)", f"{told} {message}")
        return Permission(message, provider=VENDOR, missing_scopes=tuple(dict.fromkeys(scopes)))
    if kind is Unauthenticated:
        message += " Check LINEAR_API_KEY or LINEAR_OAUTH_TOKEN."
    return kind(message, provider=VENDOR)


def _refused(told: str, message: str, extensions: Mapping[str, Any]) -> FleetError:
    """Return which kind of bad input it was; Linear has one code for all of them."""
    if told.startswith("Entity not found"):
        return NotFound(message, provider=VENDOR)
    if told.startswith("conflict on insert"):
        return Conflict(message, provider=VENDOR)
    if "limit exceeded" in told:
        return PlanRequired(message, provider=VENDOR)
    return Invalid(message, provider=VENDOR, field=_field(extensions))


def _message(told: str, extensions: Mapping[str, Any]) -> str:
    presentable = extensions.get("userPresentableMessage")
    text = str(presentable) if presentable else told
    return f"Linear: {text[:500]}" if text else "Linear gave no reason"


def _field(extensions: Mapping[str, Any]) -> str | None:
    wrong = extensions.get("validationErrors")
    if not isinstance(wrong, list) or not wrong or not isinstance(wrong[0], dict):
        return None
    name = wrong[0].get("property")
    return re.sub(r"(?<!^)(?=[A-Z])", "_", str(name)).lower() if name else None


@dataclass(frozen=True, slots=True)
class Window:
    """One rate limit as the last answer's headers told it.

    Attributes:
        scope: ``requests``, ``complexity``, or the endpoint that has a limit of its own.
        limit: Requests or complexity points in the window.
        remaining: What is left of them.
        resets_at: When there is all of it again (aware).
    """

    scope: str
    limit: int
    remaining: int
    resets_at: datetime


def windows(headers: Mapping[str, str]) -> tuple[Window, ...]:
    """Return the rate limits that *headers* tell of."""
    endpoint = headers.get("x-ratelimit-endpoint-name", "endpoint")
    names = {"requests": "requests", "complexity": "complexity", "endpoint-requests": endpoint}
    found = (_window(scope, f"x-ratelimit-{name}-", headers) for name, scope in names.items())
    return tuple(each for each in found if each is not None)


def _window(scope: str, prefix: str, headers: Mapping[str, str]) -> Window | None:
    try:
        limit, left, reset = (
            int(float(headers[prefix + part])) for part in ("limit", "remaining", "reset")
        )
        return Window(scope, limit, left, datetime.fromtimestamp(reset / 1000, UTC))
    except (KeyError, ValueError, OverflowError):
        return None


def _rate_limited(answer: HttpAnswer, now: datetime) -> RateLimited:
    used_up = [each for each in windows(answer.headers) if each.remaining <= 0]
    last = max(used_up, key=lambda each: each.resets_at, default=None)
    wait = answer.retry_after_seconds
    if wait is None and last is not None:
        wait = min(_LONGEST_WINDOW, max(1.0, (last.resets_at - now).total_seconds()))
    scope = last.scope if last is not None else "requests"
    when = "" if wait is None else f"; ask again in {wait:.0f} s"
    kind = RateLimited if scope in {"requests", "complexity"} else EndpointLimited
    return kind(
        f"Linear's limit of {scope} is used up{when}",
        provider=VENDOR,
        retry_after_seconds=wait,
        scope=scope,
    )
