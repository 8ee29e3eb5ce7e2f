"""The lock of a fleet: held by its supervisor as long as it lives, and freed by the kernel.

``sophia up`` takes it and hands it on: a lock of flock(2) belongs to the open file, which the
supervisor inherits. So of two that start at the same time one is refused.
"""

import fcntl
import os
import threading
from pathlib import Path
from typing import Final

_TRIES: Final = 5
_PAUSE_SECONDS: Final = 0.02


def seized(path: Path) -> int | None:
    """Return a descriptor that holds the lock at *path*, or none when somebody else does."""
    for _ in range(_TRIES):  # whoever only looks has it for a moment
        descriptor = _locked(path, fcntl.LOCK_EX)
        if descriptor is not None:
            return descriptor
        threading.Event().wait(_PAUSE_SECONDS)
    return None


def held(path: Path) -> bool:
    """Return whether somebody holds the lock at *path*."""
    if not path.exists():
        return False
    descriptor = _locked(path, fcntl.LOCK_SH)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _locked(path: Path, how: int) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
