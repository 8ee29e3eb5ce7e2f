"""Redis as far as it can be had: its absence costs a caller little time and the log one line."""

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from kit import log
from kit.clock import Clock, SystemClock
from kit.errors import Unavailable

if TYPE_CHECKING:
    from redis.asyncio import Redis

TIMEOUT_SECONDS: Final = 0.5
"""For one question; in process it would have taken microseconds."""
REST_SECONDS: Final = 1.0
"""After a failure it is not asked for so long."""
_CONNECTIONS: Final = 32
_log = log.get(__name__)

ResultT = TypeVar("ResultT")


class RedisLink:
    """A pool of connections to one Redis; an async context manager that connects when asked.

    Args:
        url: ``redis://host:port/db``, ``rediss://``, or ``unix://path``.
        clock: For when to ask again.
    """

    def __init__(self, url: SecretStr, clock: Clock | None = None) -> None:
        from redis.asyncio import (  # noqa: PLC0415 -- 22 MB and 0.4 s that only its users should pay
            BlockingConnectionPool,
            Redis,
        )
        from redis.asyncio.retry import Retry  # noqa: PLC0415 -- see above
        from redis.backoff import NoBackoff  # noqa: PLC0415 -- see above
        from redis.exceptions import ConnectionError as Refused  # noqa: PLC0415 -- see above
        from redis.exceptions import RedisError  # noqa: PLC0415 -- see above

        self._clock = clock or SystemClock()
        self._failures: tuple[type[Exception], ...] = (RedisError, OSError, TimeoutError)
        self._away_until: float | None = None
        self._why = ""
        self.place = _place(url)
        # One more try at once: a pooled connection may be of before a restart.
        retry = Retry(NoBackoff(), 1, supported_errors=(Refused,))
        self.pool = BlockingConnectionPool.from_url(
            url.get_secret_value(),
            max_connections=_CONNECTIONS,
            timeout=TIMEOUT_SECONDS,
            retry=retry,
        )
        self._redis: Redis = Redis.from_pool(self.pool)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._redis.aclose()

    async def ask(self, question: Callable[["Redis"], Awaitable[ResultT]]) -> ResultT:
        """Return what *question* finds out.

        Raises:
            Unavailable: Redis is away, or was a moment ago.
        """
        now = self._clock.now()
        if self._away_until is not None and now < self._away_until:
            raise Unavailable(self._why, provider="redis")
        if self._away_until is not None:
            self._away_until = now + REST_SECONDS  # one caller finds out, the others go on
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                result = await question(self._redis)
        except self._failures as error:
            raise self._unavailable(error) from error
        if self._away_until is not None:
            self._away_until = None
            _log.info("redis.back", place=self.place)
        return result

    async def check(self) -> str:
        """Return where it is.

        Raises:
            Unavailable: it is away; the message says since which failure.
        """
        await self.ask(lambda redis: redis.ping())
        return f"connected to {self.place}"

    def _unavailable(self, error: Exception) -> Unavailable:
        known = self._away_until is not None
        told = str(error) or f"no answer within {TIMEOUT_SECONDS:g} s"
        self._why = f"Redis at {self.place} cannot be used: {told}"
        self._away_until = self._clock.now() + REST_SECONDS
        if not known:
            _log.warning("redis.away", place=self.place, error=told)
        return Unavailable(self._why, provider="redis")


def _place(url: SecretStr) -> str:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme == "unix":
        return parts.path
    return f"{parts.hostname or 'localhost'}:{parts.port or 6379}"  # without the credentials
