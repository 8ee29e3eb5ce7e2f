"""Bytes into messages, from any split: lines of a pipe, events of a legacy stream.

``sse`` reads the modern era's streams, where only an event's data matters; legacy ones
have names (``endpoint``), ids to resume from and a time to wait before (2025-11-25).
"""

from typing import Final, NamedTuple

import orjson

from gateway.upstream.replies import Json

_RETRY_MS: Final = 3_600_000


class TooLong(Exception):
    """One line or event is longer than is taken."""


class Lines:
    """Collects bytes and gives back whole lines, without their ends.

    Args:
        max_bytes: Longest line that is taken.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max = max_bytes
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        r"""Return the lines that *chunk* completes; they end with ``\n`` or ``\r\n``.

        Raises:
            TooLong: a line passes the limit.
        """
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if lines:
            lines[0] = b"".join((*self._parts, lines[0]))
            self._parts, self._size = [], 0
        if rest:
            self._parts.append(rest)
            self._size += len(rest)
        if self._size > self._max or any(len(line) > self._max for line in lines):
            raise TooLong(f"a line of more than {self._max} bytes")
        return [line.removesuffix(b"\r") for line in lines]


class Event(NamedTuple):
    """One server-sent event that has data."""

    kind: str
    data: bytes


class EventReader:
    """Reads a legacy event stream (WHATWG HTML 9.2.6).

    Args:
        max_bytes: Longest event that is taken.

    Attributes:
        last_id: Id of the last event, from which the stream may be resumed.
        retry_seconds: How long the server asks to wait before that; None: it does not say.
    """

    def __init__(self, max_bytes: int) -> None:
        self.last_id: str | None = None
        self.retry_seconds: float | None = None
        self._max = max_bytes
        self.begin()

    def begin(self) -> None:
        """Begin a new stream, with what the last one said still known."""
        self._rest = b""
        self._kind = ""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that *chunk* completes.

        Raises:
            TooLong: an event passes the limit.
        """
        text = self._rest + chunk
        held = b"\r" if text.endswith(b"\r") else b""  # its \n may come with the next chunk
        text = text.removesuffix(b"\r")
        lines = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + held
        events = [event for line in lines if (event := self._line(line)) is not None]
        if self._size + len(self._rest) > self._max:
            raise TooLong(f"an event of more than {self._max} bytes")
        return events

    def _line(self, line: bytes) -> Event | None:
        if not line:
            data, kind = self._data, self._kind
            self._data, self._kind, self._size = [], "", 0
            whole = b"\n".join(data)
            return Event(kind or "message", whole) if whole else None  # an empty one only primes
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                self._size += len(value)
                self._data.append(value)
            case b"event":
                self._kind = value.decode("utf-8", "replace")
            case b"id" if b"\0" not in value:
                self.last_id = value.decode("utf-8", "replace") or None
            case b"retry" if value.isdigit():
                self.retry_seconds = min(int(value[:8]), _RETRY_MS) / 1000
        return None


def messages(data: bytes) -> list[Json]:
    """Return the JSON-RPC messages in *data*: one, or a batch of 2025-03-26.

    Raises:
        ValueError: it is no JSON, or no message is in it.
    """
    parsed = orjson.loads(data)
    found = parsed if isinstance(parsed, list) else [parsed]
    told = [each for each in found if isinstance(each, dict) and each.get("jsonrpc") == "2.0"]
    if not told:
        raise ValueError("it holds no JSON-RPC message")
    return told
