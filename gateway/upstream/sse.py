"""Server-sent events, read from any split of the bytes (WHATWG HTML 9.2.6)."""

from typing import Final

_MAX_EVENT: Final = 16 * 1024 * 1024


class EventTooLong(Exception):
    """One event is longer than is taken."""


class Events:
    """Collects bytes and gives back the data of whole events; comments and ids are dropped."""

    def __init__(self, max_event_bytes: int = _MAX_EVENT) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0
        self._max = max_event_bytes

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that *chunk* completes.

        Raises:
            EventTooLong: an event passes the limit.
        """
        text = self._rest + chunk
        ends_in_cr = text.endswith(b"\r")  # its \n may come with the next chunk
        body = text[:-1] if ends_in_cr else text
        lines = body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._rest = lines.pop() + (b"\r" if ends_in_cr else b"")
        whole: list[bytes] = []
        for line in lines:
            if not line:
                if self._data:
                    whole.append(b"\n".join(self._data))
                self._data, self._size = [], 0
            elif line.startswith(b"data:"):
                data = line[6:] if line[5:6] == b" " else line[5:]
                self._size += len(data)
                self._data.append(data)
        if self._size + len(self._rest) > self._max:
            raise EventTooLong(f"an event of more than {self._max} bytes")
        return whole
