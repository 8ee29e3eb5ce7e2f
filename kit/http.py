"""The one HTTP client towards vendors: bounded, retried within a budget, never twice by mistake.

A failure leaves here as a neutral error (``kit.errors``):

- the connection could not be made: ``Unavailable`` (certain), whatever the call
- no answer, a broken answer or a 5xx: for a read ``TimedOut`` or ``Unavailable``; for a
  write ``UnknownOutcome``, since it may have happened
- any other status: what the vendor's table (*classify*) makes of it
"""

import datetime as dt
import email.utils
import json as jsonlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self

import httpx2
import stamina

from kit.contract.operation import Safety
from kit.deadline import bounded
from kit.errors import FleetError, Internal, RateLimited, TimedOut, Unavailable, UnknownOutcome

_NOT_SENT: Final = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout)
_RETRY_DEPOSIT: Final = 0.2  # retries earned a call: at most 20 % more load in an outage
_RETRY_CAP: Final = 10.0
SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """One answer of a vendor, read whole.

    Attributes:
        status: HTTP status.
        headers: Lower-case names.
        body: Parsed JSON, or the text where it is none.
    """

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def retry_after_seconds(self) -> float | None:
        """What ``Retry-After`` asks for: seconds or an HTTP date (RFC 9110 10.2.3)."""
        value = self.headers.get("retry-after")
        if value is None:
            return None
        try:
            return max(0.0, float(value))
        except ValueError:
            pass
        try:
            at = email.utils.parsedate_to_datetime(value)
        except ValueError:
            return None
        return max(0.0, (at - dt.datetime.now(dt.UTC)).total_seconds())


Classify = Callable[[HttpAnswer], FleetError | None]


@dataclass(slots=True)
class RetryBudget:
    """How many retries are left; refilled by calls, so that retries cannot multiply an outage."""

    left: float = field(default=_RETRY_CAP)

    def earn(self) -> None:
        """Count one call."""
        self.left = min(_RETRY_CAP, self.left + _RETRY_DEPOSIT)

    def spend(self) -> bool:
        """Take one retry, if there is one."""
        if self.left < 1:
            return False
        self.left -= 1
        return True


class HttpClient:
    """An HTTP client for one vendor; an async context manager.

    Args:
        vendor: Named in errors.
        base_url: Where paths start.
        headers: Sent with every request.
        timeout_seconds: For one attempt; the running deadline bounds it further.
        classify: Returns the error that an answer means, or None. Called for every status;
            a status of 400 or more that it accepts is returned as an answer.
        attempts: Tries in all for what may be retried.
        max_body_bytes: A longer answer is refused.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        *,
        classify: Classify,
        headers: Mapping[str, str] | None = None,
        timeout_seconds: float = 10.0,
        attempts: int = 3,
        max_body_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        self.vendor = vendor
        self._base_url = base_url.rstrip("/")
        self._classify = classify
        self._timeout = timeout_seconds
        self._attempts = attempts
        self._max_body = max_body_bytes
        self._budget = RetryBudget()
        self._client = httpx2.AsyncClient(
            headers={"accept": "application/json", **(headers or {})},
            # Over plain HTTP there is nothing to verify, and the certificates cost 2 MB.
            verify=base_url.startswith("https:"),
            follow_redirects=False,
            limits=httpx2.Limits(max_connections=64, max_keepalive_connections=16),
        )

    async def __aenter__(self) -> Self:
        await self._client.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._client.__aexit__(kind, error, trace)

    async def send(
        self,
        method: str,
        path: str = "",
        *,
        safety: Safety,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        """Send one request and return its answer.

        Reads and idempotent calls are retried; a write is retried only when the first
        attempt certainly did nothing.

        Raises:
            FleetError: what went wrong, see the module's docstring.
        """
        seconds = bounded(self._timeout * self._attempts)
        if seconds <= 0:
            raise self._too_late()
        self._budget.earn()
        request = self._client.build_request(
            method,
            self._base_url + path,
            params={k: v for k, v in params.items() if v is not None} if params else None,
            json=json,
            data=form,
            headers=headers,
        )
        retries = stamina.retry_context(
            on=lambda error: self._again(error, safety),
            attempts=self._attempts,
            timeout=seconds,
            wait_initial=0.1,
            wait_max=2.0,
            wait_jitter=0.2,
        )
        async for attempt in retries:
            with attempt:
                return await self._once(request, safety)
        raise Internal(f"{self.vendor}: no attempt was made", provider=self.vendor)

    def _again(self, error: Exception, safety: Safety) -> bool | float:
        """Say whether (True) or after how many seconds the call is tried again."""
        if not isinstance(error, FleetError):
            return False
        if not (error.retryable or (safety is Safety.IDEMPOTENT and not error.certain)):
            return False
        if safety is Safety.WRITE and not error.certain:
            return False
        wait = error.retry_after_seconds if isinstance(error, RateLimited) else None
        if wait is not None and wait >= bounded(self._timeout):
            return False
        if not self._budget.spend():
            return False
        return True if wait is None else wait

    async def _once(self, request: httpx2.Request, safety: Safety) -> HttpAnswer:
        seconds = bounded(self._timeout)
        if seconds <= 0:
            raise self._too_late()
        request.extensions = {
            **request.extensions,
            "timeout": httpx2.Timeout(seconds, connect=min(seconds, 3.0)).as_dict(),
        }
        try:
            answer = await self._read(request)
        except _NOT_SENT as error:
            raise Unavailable(
                f"{self.vendor} could not be reached: {error or type(error).__name__}",
                provider=self.vendor,
            ) from error
        except httpx2.TimeoutException as error:
            if safety is Safety.READ:
                message = f"{self.vendor} did not answer within {seconds:.1f} s"
                raise TimedOut(message, provider=self.vendor) from error
            raise self._unknown(f"no answer within {seconds:.1f} s") from error
        except httpx2.TransportError as error:
            what = str(error) or type(error).__name__
            if safety is Safety.READ:
                message = f"{self.vendor} broke off its answer: {what}"
                raise Unavailable(message, provider=self.vendor) from error
            raise self._unknown(what) from error
        failure = self._classify(answer)
        if failure is not None:
            raise failure
        if answer.status >= SERVER_ERROR:
            if safety is Safety.READ:
                message = f"{self.vendor} answered {answer.status}"
                raise Unavailable(message, provider=self.vendor)
            raise self._unknown(f"it answered {answer.status}")
        return answer

    def _too_late(self) -> TimedOut:
        return TimedOut(f"{self.vendor}: the deadline had passed", provider=self.vendor)

    def _unknown(self, why: str) -> UnknownOutcome:
        return UnknownOutcome(
            f"{self.vendor}: the write may or may not have happened ({why})", provider=self.vendor
        )

    async def _read(self, request: httpx2.Request) -> HttpAnswer:
        response = await self._client.send(request, stream=True)
        try:
            parts: list[bytes] = []
            size = 0
            async for part in response.aiter_bytes():
                size += len(part)
                if size > self._max_body:
                    raise Internal(
                        f"{self.vendor} answered more than {self._max_body} bytes",
                        provider=self.vendor,
                    )
                parts.append(part)
        finally:
            await response.aclose()
        raw = b"".join(parts)
        try:
            body = jsonlib.loads(raw) if raw else None
        except ValueError:
            body = raw.decode("utf-8", "replace")
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status_code, headers, body)
