"""Legacy sessions without a store: the id says what is known, and is sealed.

A session id is ``<version>.<abilities>.<nonce>.<seal>``; whoever holds the key can check it,
so no table grows and a restart with the same key loses nothing. What runs in a session is kept
only while it runs, to be cancelled.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets

from gateway.edge.era import LEGACY

_ENDED = 20_000


class Sessions:
    """Makes and checks session ids, and knows the calls that run in them.

    Args:
        key: Secret of the seal; another gateway with the same key knows the ids too.
    """

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._running: dict[tuple[str, str | int], asyncio.Task[object]] = {}
        self._ended: dict[str, None] = {}

    def open(self, version: str, principal: str, abilities: str = "") -> str:
        """Return a new session id for *principal* at *version*.

        Args:
            version: The revision that is spoken.
            principal: Whose session it is.
            abilities: What its client can be asked, as letters (``asking.letters``).
        """
        text = f"{version}.{abilities}.{secrets.token_urlsafe(12)}"
        return f"{text}.{self._seal(text, principal)}"

    def version(self, session: str, principal: str) -> str | None:
        """Return the version that *session* speaks; None when it is no session of his."""
        text, _, seal = session.rpartition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(text, principal).encode()):
            return None
        if session in self._ended:
            return None
        version = text.partition(".")[0]
        return version if version in LEGACY else None

    def abilities(self, session: str) -> str:
        """Return what the client of *session*, which was checked, can be asked."""
        return session.split(".", 2)[1]

    def end(self, session: str) -> None:
        """Know *session* no more; of very many that ended, the first are forgotten."""
        self._ended[session] = None
        if len(self._ended) > _ENDED:
            del self._ended[next(iter(self._ended))]

    def _seal(self, text: str, principal: str) -> str:
        digest = hmac.digest(self._key, f"{principal}\n{text}".encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def began(self, session: str, request: str | int, task: "asyncio.Task[object]") -> None:
        """Remember that *task* serves *request*."""
        self._running[session, request] = task

    def ended(self, session: str, request: str | int) -> None:
        """Forget *request*."""
        self._running.pop((session, request), None)

    def cancel(self, session: str, request: object) -> None:
        """Cancel *request*, if it runs in *session*."""
        if isinstance(request, str | int):
            task = self._running.get((session, request))
            if task is not None:
                task.cancel()
