"""Liveness and readiness that really ask.

``/livez`` says that the process's loop turns. ``/readyz`` runs the named checks and
answers 200 when all required ones hold, else 503; a failed check that is not required
makes it ``degraded`` (still 200): the process can answer, if only with a clear error.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from kit.clock import Clock, SystemClock
from kit.errors import FleetError


@dataclass(frozen=True, slots=True)
class Check:
    """One named question.

    Attributes:
        name: Stable: ``vendor_auth``, ``vendor_quota``, ``redis``, ...
        ask: Returns a detail for people; raises FleetError when it does not hold.
        required: Its failure makes the process unready.
        fresh_seconds: How long an answer is reused, so that probes cost vendors little.
        timeout_seconds: No answer by then is a failure.
    """

    name: str
    ask: Callable[[], Awaitable[str]]
    required: bool = True
    fresh_seconds: float = 0.0
    timeout_seconds: float = 3.0


class Readiness:
    """Runs checks side by side and remembers fresh answers.

    Args:
        checks: What to ask.
        clock: For freshness.
    """

    def __init__(self, checks: Sequence[Check], clock: Clock | None = None) -> None:
        self._checks: tuple[Check, ...] = tuple(checks)
        self._clock = clock or SystemClock()
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._draining = False
        self._told: list[Callable[[], None]] = []

    def use(self, checks: Sequence[Check]) -> None:
        """Ask *checks* from now on (a service's are known once its resources are open)."""
        self._checks = tuple(checks)

    @property
    def draining(self) -> bool:
        """Whether the process is about to end: it finishes what runs and takes nothing new."""
        return self._draining

    @draining.setter
    def draining(self, draining: bool) -> None:
        begins = draining and not self._draining
        self._draining = draining
        for tell in self._told if begins else ():
            tell()

    def when_draining(self, tell: Callable[[], None]) -> None:
        """Call *tell* once draining begins: what runs without an end is to be ended."""
        self._told.append(tell)

    async def report(self) -> tuple[int, dict[str, Any]]:
        """Return the HTTP status and the body of ``/readyz``."""
        answers = await asyncio.gather(*(self._answer(check) for check in self._checks))
        checks = {check.name: answer for check, answer in zip(self._checks, answers, strict=True)}
        if self.draining:
            status = "draining"
        elif all(answer["ok"] for answer in answers):
            status = "ready"
        elif all(a["ok"] for c, a in zip(self._checks, answers, strict=True) if c.required):
            status = "degraded"
        else:
            status = "unready"
        code = 200 if status in {"ready", "degraded"} else 503
        return code, {"status": status, "checks": checks}

    async def _answer(self, check: Check) -> dict[str, Any]:
        kept = self._kept.get(check.name)
        if kept is not None and self._clock.now() - kept[0] < check.fresh_seconds:
            return kept[1]
        try:
            async with asyncio.timeout(check.timeout_seconds):
                answer = {"ok": True, "detail": await check.ask()}
        except FleetError as error:
            answer = {"ok": False, "detail": error.message, "code": error.code}
        except TimeoutError:
            detail = f"no answer within {check.timeout_seconds:g} s"
            answer = {"ok": False, "detail": detail, "code": "timeout"}
        self._kept[check.name] = (self._clock.now(), answer)
        return answer


def health_routes(readiness: Readiness) -> list[Route]:
    """Return the routes ``/livez`` and ``/readyz``."""

    async def livez(_: Request) -> JSONResponse:
        return JSONResponse({"status": "alive"})

    async def readyz(_: Request) -> JSONResponse:
        status, body = await readiness.report()
        return JSONResponse(body, status_code=status)

    return [Route("/livez", livez), Route("/readyz", readyz)]
