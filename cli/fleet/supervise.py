"""The supervisor's process: supervisord, with a lock that says it lives and a leash.

``python -m cli.fleet.supervise CONFIG LOCK``: LOCK is a descriptor that holds the fleet's lock
(``cli.fleet.lock``) and is kept open, by us alone, until we end. Standard input is the leash:
if it ends before the word ``keep`` came, whoever started us is gone, and the fleet is stopped.
"""

import os
import signal
import socket
import sys
import threading
from typing import Final

from supervisor import supervisord
from supervisor.medusa import asyncore_25 as asyncore

from cli.fleet.config import KEEP
from cli.signals import unblock

_TURN: Final = b"\0"


class Waker:
    """Ends the sleep of supervisor's loop when a signal comes.

    The loop sleeps for up to a second, and since PEP 475 a signal does not end that: a dead
    process was restarted, and the next layer stopped, up to a second late. A handler of
    the loop reads what the interpreter writes for each signal.
    """

    def __init__(self) -> None:
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)  # noqa: FBT003 -- the standard library has it so
        self._write.setblocking(False)  # noqa: FBT003 -- the standard library has it so
        signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        asyncore.socket_map[self._read.fileno()] = self
        self._write.send(_TURN)  # the loop would sleep before it starts anything

    def readable(self) -> bool:
        """Return that it waits for something."""
        return True

    def writable(self) -> bool:
        """Return that it has nothing to write."""
        return False

    def handle_read_event(self) -> None:
        """Take the signals' numbers; the loop acts on them in this turn and the next."""
        if self._read.recv(4096).strip(_TURN):
            self._write.send(_TURN)

    def handle_error(self) -> None:
        """Nothing was there to read."""


def main() -> None:
    """Run supervisord until it is told to end."""
    config, lock = sys.argv[1:]
    os.set_inheritable(int(lock), False)  # noqa: FBT003 -- the standard library has it so
    unblock()  # `sophia up` listens to signals in its own way
    Waker()
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), daemon=True).start()
    supervisord.main(["--nodaemon", "--configuration", config])


def _watch(leash: int) -> None:
    heard = b""
    while not heard.endswith(KEEP):
        more = os.read(leash, 64)
        if not more:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        heard += more


if __name__ == "__main__":
    main()
