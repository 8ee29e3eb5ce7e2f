"""Where a fleet keeps what must last, under ``FLEET_STATE``."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cli.failure import Failure

SOCKET_BYTES: Final = 95
"""Of sun_path's 108 (unix(7)) on Linux, 104 on a Mac; supervisor binds the name with
``.<pid>`` added to it."""
_UNWRITABLE: Final = ("\n", " ;", " #", "%")
"""In supervisor's configuration a comment starts there, and it expands log names twice."""


@dataclass(frozen=True, slots=True)
class Places:
    """Paths of one fleet; absolute."""

    state: Path

    @classmethod
    def of(cls, state: Path) -> "Places":
        """Return the places under *state*.

        Raises:
            Failure: the path cannot be written in supervisor's configuration.
        """
        whole = state.expanduser().absolute()
        if any(part in str(whole) for part in _UNWRITABLE):
            raise Failure(f"FLEET_STATE={whole}: choose a path without ';', '#', '%' or a new line")
        return cls(whole)

    @property
    def record(self) -> Path:
        """What runs where."""
        return self.state / "fleet.json"

    @property
    def lock(self) -> Path:
        """Locked by the supervisor as long as it lives."""
        return self.state / "run" / "fleet.lock"

    @property
    def config(self) -> Path:
        """The supervisor's configuration, made by `sophia up`."""
        return self.state / "run" / "supervisord.conf"

    @property
    def journal(self) -> Path:
        """The supervisor's log."""
        return self.state / "run" / "supervisord.log"

    @property
    def crash(self) -> Path:
        """What the supervisor itself says on standard error."""
        return self.state / "run" / "supervisord.err"

    @property
    def pid(self) -> Path:
        """The supervisor's process id."""
        return self.state / "run" / "supervisord.pid"

    def log(self, name: str) -> Path:
        """Return where process *name* logs."""
        return self.state / "logs" / f"{name}.log"

    def socket(self) -> Path:
        """Return where the supervisor listens: a short folder elsewhere if ours is too long."""
        path = self.state / "run" / "supervisor.sock"
        if len(str(path).encode()) <= SOCKET_BYTES:
            return path
        return Path(tempfile.mkdtemp(prefix="sophia-")) / "supervisor.sock"

    def create(self) -> None:
        """Make the folders.

        Raises:
            Failure: not allowed here.
        """
        try:
            for name in ("run", "logs", "nats", "redis"):
                (self.state / name).mkdir(parents=True, exist_ok=True)
            (self.state / "run").chmod(0o700)
        except OSError as error:
            raise Failure(f"FLEET_STATE={self.state}: {error.strerror}") from error
