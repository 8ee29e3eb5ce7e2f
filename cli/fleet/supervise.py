"""The supervisor's process: supervisord, with a lock that says it lives and a leash.

``python -m cli.fleet.supervise CONFIG LOCK``. Standard input is the leash: if it ends before
the word ``keep`` came, whoever started us is gone, and the fleet is stopped.
"""

import fcntl
import os
import signal
import sys
import threading
from pathlib import Path

from supervisor import supervisord

from cli.fleet.config import ALREADY, KEEP


def main() -> None:
    """Run supervisord until it is told to end."""
    config, lock = sys.argv[1:]
    with Path(lock).open("w", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(ALREADY)
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
