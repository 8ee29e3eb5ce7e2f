"""Ports: which are free, which are taken, and by whom."""

import contextlib
import errno
import random
import socket
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from cli.failure import Failure, Usage

_HOST: Final = "127.0.0.1"
_FREE: Final = range(20_000, 32_000)  # below what systems hand out to outgoing connections
_LISTEN: Final = "0A"  # state of a listening socket, Linux include/net/tcp_states.h


def free(names: Iterable[str]) -> dict[str, int]:
    """Return a free port for each of *names*.

    Raises:
        Failure: there are not enough.
    """
    found: dict[str, int] = {}
    candidates = iter(random.SystemRandom().sample(_FREE, len(_FREE)))
    for name in names:
        port = next((port for port in candidates if is_free(port)), None)
        if port is None:
            raise Failure(f"no free port between {_FREE.start} and {_FREE.stop}")
        found[name] = port
    return found


def is_free(port: int) -> bool:
    """Return whether a process could listen on *port* of the loopback."""
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((_HOST, port))
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def chosen(given: Sequence[str], ports: Mapping[str, int]) -> dict[str, int]:
    """Return *ports* with those of *given* (``NAME=N``) in their place.

    Raises:
        Usage: an unknown name, or no port number.
    """
    result = dict(ports)
    for each in given:
        name, _, number = each.partition("=")
        if name not in ports:
            raise Usage(f"--port {each}: no port is called {name!r}; there are {', '.join(ports)}")
        if not number.isdecimal() or not 0 < int(number) < 2**16:
            raise Usage(f"--port {each}: write it as {name}=N, N from 1 to 65535")
        result[name] = int(number)
    by_number: dict[int, str] = {}
    for name, port in result.items():
        if port in by_number:
            raise Usage(f"port {port} is given to both {by_number[port]} and {name}")
        by_number[port] = name
    return result


def taken(ports: Mapping[str, int]) -> list[str]:
    """Return one line for each of *ports* that somebody else has; the last one says what to do."""
    lost = {name: port for name, port in ports.items() if not is_free(port)}
    lines = [
        f"port {port} (for {name}) is taken by {holder(port) or 'another process'}"
        for name, port in lost.items()
    ]
    if lines:
        names = " ".join(f"--port {name}=N" for name in lost)
        lines[-1] += f": stop that, or run `sophia up {names}` or `sophia up --ports auto`"
    return lines


def holder(port: int) -> str | None:
    """Return who listens on *port*, as far as /proc tells us."""
    wanted = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not wanted:
        return None
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # another user's, or it just ended
            if any(str(fd.readlink()) in wanted for fd in (folder / "fd").iterdir()):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                return f"`{command[:80]}` (pid {folder.name})"
    return None


def _inodes(port: int) -> set[str]:
    """Return the inodes of the sockets that listen on *port*.

    Rows of /proc/net/tcp: sl, local_address, rem_address, st, ..., inode is the tenth.
    """
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        with contextlib.suppress(OSError):
            for row in table.read_text(encoding="ascii").splitlines()[1:]:
                fields = row.split()
                if fields[3] == _LISTEN and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(fields[9])
    return found
