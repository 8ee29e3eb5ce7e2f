"""A modern server's questions, put to a legacy client: input_required becomes real requests.

A modern server (2026-07-28) that needs something of the user answers ``input_required`` and
is asked again with the answers. A legacy client knows only requests that come to it, so they
are sent on the stream of its own request, and its answers, posted back, go into the repeat.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from uuid import uuid4

from gateway.edge.exchange import Exchange
from gateway.edge.jsonrpc import Answer
from kit.clock import Clock
from kit.errors import Internal, TimedOut, Unsupported

Json = dict[str, Any]
ROUNDS: Final = 10
"""Times that one request may ask; the SDK's own clients stop there, too."""
_METHODS: Final = {
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
}
_PAUSES: Final = (0.05, 0.1, 0.25)  # seconds, for a server that only wants to be asked again
_LETTERS: Final = {
    "e": ("elicitation", "form"),
    "u": ("elicitation", "url"),
    "s": ("sampling", None),
    "t": ("sampling", "tools"),
    "c": ("sampling", "context"),
    "r": ("roots", None),
}


def letters(capabilities: Any) -> str:
    """Return what a client said at ``initialize`` that it can be asked, in short.

    An empty ``elicitation`` means forms only (2025-06-18 knew no other).
    """
    found = ""
    given = capabilities if isinstance(capabilities, Mapping) else {}
    for letter, (name, part) in _LETTERS.items():
        inside = given.get(name)
        if not isinstance(inside, Mapping):
            continue
        if part is None or part in inside or (part == "form" and "url" not in inside):
            found += letter
    return found


def capabilities(short: str) -> Json:
    """Return ``letters`` as a modern client's capabilities."""
    found: Json = {}
    for letter in short:
        name, part = _LETTERS[letter]
        inside = found.setdefault(name, {})
        if part is not None:
            inside[part] = {}
    return found


class Asking:
    """Questions that are out, and who waits for their answers.

    Args:
        seconds: How long a user may take for one.
        clock: For pauses.
    """

    def __init__(self, seconds: float, clock: Clock) -> None:
        self._seconds = seconds
        self._clock = clock
        self._waiting: dict[tuple[str, str], asyncio.Future[Answer]] = {}

    def answered(self, session: str, answer: Answer) -> None:
        """Give *answer* to whoever waits for it in *session*; nobody else can."""
        waiting = self._waiting.get((session, str(answer.id)))
        if waiting is not None and not waiting.done():
            waiting.set_result(answer)

    async def settled(
        self, exchange: Exchange, session: str | None, required: Json, round_: int
    ) -> Json:
        """Return the parameters to repeat the request with.

        Raises:
            Unsupported: the client cannot be asked, or refused.
            TimedOut: no answer in time.
            Internal: the server asks for what no client was promised to give.
        """
        questions = required.get("inputRequests") or {}
        repeat: Json = {}
        if "requestState" in required:
            repeat["requestState"] = required["requestState"]
        if not questions:
            await self._clock.sleep(_PAUSES[min(round_, len(_PAUSES) - 1)])
            return repeat
        if session is None:
            raise Unsupported("the server has a question; a client without a session has no ear")
        asked = {key: self._ask(exchange, session, question) for key, question in questions.items()}
        answers = await asyncio.gather(*asked.values())
        return {**repeat, "inputResponses": dict(zip(asked, answers, strict=True))}

    async def _ask(self, exchange: Exchange, session: str, question: Any) -> Json:
        method = question.get("method") if isinstance(question, Mapping) else None
        if method not in _METHODS:
            raise Internal(f"the server asks {method!r}, which is no question to a client")
        params = dict(question.get("params") or {})
        if params.get("mode") == "url":  # 2025-11-25 wants to name it; 2026-07-28 does not
            params.setdefault("elicitationId", str(uuid4()))
        name = f"fleet-{uuid4().hex}"
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting[session, name] = waiting
        try:
            await exchange.notify(
                {"jsonrpc": "2.0", "id": name, "method": method, "params": params}
            )
            async with asyncio.timeout(self._seconds):
                answer = await waiting
        except TimeoutError as error:
            message = f"the client did not answer {method} within {self._seconds:g} s"
            raise TimedOut(message) from error
        finally:
            del self._waiting[session, name]
        if answer.error is not None:
            raise Unsupported(f"the client refused {method}: {answer.error.get('message', '')}")
        return answer.result
