"""What Asana's failures mean, as a table, and when it last asked us to slow down.

Sources: the statuses of asana_oas.yaml; 402, 429 and 451 of
developers.asana.com/docs/errors and /docs/rate-limits, read 2026-11. Asana sends no header
that counts requests down: 150 a minute on free plans, 1,500 on paid ones, 60 searches.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from kit.clock import Clock
from kit.errors import (
    FleetError,
    Invalid,
    NotFound,
    Permission,
    PlanRequired,
    RateLimited,
    Unauthenticated,
    Unavailable,
)

PROVIDER: Final = "asana"
_FIELD: Final = re.compile(r"(?:data\.)?([a-z_]+(?:\.[a-z_]+)*): ")
_SERVER_ERROR: Final = 500
_ERROR: Final = 400
_REDIRECT: Final = 300


def _invalid(message: str) -> FleetError:
    named = _FIELD.match(message)
    return Invalid(message, provider=PROVIDER, field=named[1] if named else None)


def _refused(message: str) -> FleetError:
    return Unauthenticated(
        f"Asana refuses the token: {message}; check ASANA_ACCESS_TOKEN", provider=PROVIDER
    )


_TABLE: Final[dict[int, Callable[[str], FleetError]]] = {
    400: _invalid,
    401: _refused,
    402: lambda message: PlanRequired(message, provider=PROVIDER),
    403: lambda message: Permission(message, provider=PROVIDER),
    404: lambda message: NotFound(message, provider=PROVIDER),
    451: lambda message: Permission(f"blocked for legal reasons: {message}", provider=PROVIDER),
}


def classify(status: int, body: Any, retry_after_seconds: float | None) -> FleetError | None:
    """Return what an answer means, or None for a success and for a 5xx (``kit.http`` knows).

    Args:
        status: HTTP status.
        body: Parsed JSON, or text.
        retry_after_seconds: What ``Retry-After`` says.
    """
    if status >= _SERVER_ERROR or status < _REDIRECT:
        return None
    if status < _ERROR:
        return Unavailable(
            f"Asana answered {status}, a redirect; check ASANA_BASE_URL", provider=PROVIDER
        )
    message = told(body) or f"Asana answered {status}"
    if status == 429:  # noqa: PLR2004 -- the only status that is looked at by itself
        return RateLimited(
            message, provider=PROVIDER, retry_after_seconds=retry_after_seconds, scope="requests"
        )
    return _TABLE.get(status, _invalid)(message)


def told(body: Any) -> str:
    """Return the messages of an error body, joined; nothing for a body of another form."""
    errors = body.get("errors") if isinstance(body, dict) else None
    if not isinstance(errors, list):
        return ""
    messages = (each.get("message") for each in errors if isinstance(each, dict))
    return "; ".join(str(message).rstrip(".") for message in messages if message)[:500]


class Quota:
    """When Asana last asked us to slow down.

    Args:
        clock: For how long ago that was.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limited: tuple[float, float] | None = None  # when, and for how many seconds

    def note(self, failure: FleetError | None) -> None:
        """Remember *failure* if it is about a limit."""
        if isinstance(failure, RateLimited):
            self._limited = (self._clock.now(), failure.retry_after_seconds or 0.0)

    def state(self) -> str:
        """Return what is known, for people.

        Raises:
            RateLimited: Asana still wants no requests.
        """
        if self._limited is None:
            return "no limit was hit since the start"
        ago = self._clock.now() - self._limited[0]
        left = self._limited[1] - ago
        if left > 0:
            raise RateLimited(
                f"Asana wants no requests for another {left:.0f} s",
                provider=PROVIDER,
                retry_after_seconds=left,
                scope="requests",
            )
        return f"a limit was hit {ago:.0f} s ago"
