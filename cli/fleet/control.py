"""The supervisor's XML-RPC over its unix socket."""

import http.client
import socket
import xmlrpc.client
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli.failure import Away, Failure
from cli.fleet.config import STOP_SECONDS, group
from cli.fleet.record import Recorded

_TIMEOUT_SECONDS: Final = STOP_SECONDS + 5.0  # stopping is answered once it is stopped
_SHUTTING_DOWN: Final = 6  # supervisor.xmlrpc.Faults
_ALREADY_STARTED: Final = 60
_NOT_RUNNING: Final = 70


@dataclass(frozen=True, slots=True)
class Observed:
    """What the supervisor knows of a process.

    Attributes:
        name: Its name.
        state: RUNNING, STARTING, STOPPED, BACKOFF, EXITED, STOPPING or FATAL.
        pid: None when it does not run.
        since: When the state's process started or stopped, in epoch seconds.
    """

    name: str
    state: str
    pid: int | None
    since: int


class Control:
    """One supervisor.

    Args:
        path: Its socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def states(self) -> dict[str, Observed]:
        """Return what it knows of its processes, by name.

        Raises:
            Away: it does not answer, or is stopping.
        """
        with self._calls() as calls:
            answer: Any = calls.supervisor.getAllProcessInfo()
        return {
            each["name"]: Observed(
                name=each["name"],
                state=each["statename"],
                pid=each["pid"] or None,
                since=each["start"] if each["pid"] else each["stop"],
            )
            for each in answer
        }

    def start(self, process: Recorded) -> bool:
        """Start *process*; return whether it was not running.

        Raises:
            Failure: it cannot be started.
        """
        with self._calls() as calls:
            return _done(calls.supervisor.startProcess, process, _ALREADY_STARTED, wait=False)

    def stop(self, process: Recorded) -> bool:
        """Stop *process* and wait for its end; return whether it was running.

        Raises:
            Failure: it cannot be stopped.
        """
        with self._calls() as calls:
            return _done(calls.supervisor.stopProcess, process, _NOT_RUNNING, wait=True)

    def shut_down(self) -> None:
        """Ask it to stop all and end."""
        with self._calls() as calls:
            calls.supervisor.shutdown()

    @contextmanager
    def _calls(self) -> Generator[Any]:
        transport = _Transport(self._path)
        try:
            with xmlrpc.client.ServerProxy("http://supervisor", transport=transport) as calls:
                yield calls
        except (OSError, http.client.HTTPException) as error:
            raise Away(f"the supervisor at {self._path} does not answer: {error}") from error
        except xmlrpc.client.Fault as fault:
            if fault.faultCode == _SHUTTING_DOWN:
                raise Away("the fleet is being stopped") from fault
            raise Failure(f"the supervisor refuses: {fault.faultString}") from fault


def _done(call: Any, process: Recorded, already: int, *, wait: bool) -> bool:
    try:
        call(f"{group(process.layer)}:{process.name}", wait)
    except xmlrpc.client.Fault as fault:
        if fault.faultCode == already:
            return False
        raise
    return True


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("supervisor", timeout=_TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_TIMEOUT_SECONDS)
        self.sock.connect(str(self._path))


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:  # noqa: ARG002 -- theirs
        return _Connection(self._path)
