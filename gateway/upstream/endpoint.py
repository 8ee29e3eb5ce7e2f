"""HTTP requests to one legacy server: heads written out, failures in our words."""

from collections.abc import Mapping
from typing import Final

from gateway.upstream.http1 import Answer, Broken, Late, Oversized, Pool, Unreached
from gateway.upstream.replies import BrokenOff, Hung, Outage
from kit.errors import Internal

ACCEPT: Final = "application/json, text/event-stream"
EVENTS: Final = "text/event-stream"


class Endpoint:
    """Sends requests of any method over the pooled connections to one origin.

    Args:
        server: The server's name.
        pool: Connections to its origin.
        token: Its bearer token, if it wants one.
    """

    def __init__(self, server: str, pool: Pool, token: str | None = None) -> None:
        self.server = server
        self.pool = pool
        self._fixed = [f"host: {pool.authority}"]
        if token:
            self._fixed.append(f"authorization: Bearer {token}")

    async def send(
        self,
        verb: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        target: str | None = None,
        seconds: float,
        fresh: bool = False,
    ) -> Answer:
        """Return the answer; a stream is to be released to the pool once it was read.

        Args:
            verb: HTTP method.
            headers: Beside host, credential and what *body* needs.
            body: JSON.
            target: Path and query at the origin; None: the endpoint's own.
            seconds: By when the answer must be whole, a stream included.
            fresh: Use a new connection.

        Raises:
            Outage: nothing was sent.
            BrokenOff: it was sent, and no whole answer came back.
            Hung: it was sent, and no whole answer came back in time.
            Internal: the answer is too long.
        """
        lines = [f"{verb} {target or self.pool.target} HTTP/1.1", *self._fixed]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines += ["content-type: application/json", f"content-length: {len(body)}"]
        request = "\r\n".join((*lines, "", "")).encode("latin-1") + (body or b"")
        server = self.server
        try:
            return await self.pool.post(request, seconds, fresh=fresh)
        except Unreached as error:
            raise Outage(f"{server} could not be reached: {error}", provider=server) from error
        except Broken as error:
            raise BrokenOff(f"{server} broke off: {error}", provider=server) from error
        except Late as error:
            message = f"{server} did not answer within {seconds:.1f} s"
            raise Hung(message, provider=server) from error
        except Oversized as error:
            raise Internal(f"{server} answered {error}", provider=server) from error
