"""One child process that speaks in lines on its standard streams.

It is started from a list of arguments, never by a shell, with the few environment variables
that it may see. It leads a process group of its own, so that its children end with it, and
the kernel is asked to end it if the gateway is killed.
"""

import asyncio
import atexit
import contextlib
import functools
import os
import shutil
import signal
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from typing import Final, Self

from gateway.upstream.frames import Lines
from gateway.upstream.replies import BrokenOff, Outage
from kit import log
from kit.clock import Clock
from kit.settings import environment

PASSED_ON: Final = ("PATH", "HOME", "LANG")
"""Environment variables that every child sees; others only if they are named."""
GRACE_SECONDS: Final = 2.0
"""Between closing its input, SIGTERM and SIGKILL (2025-11-25, lifecycle, stdio)."""
_LAST_WORDS_SECONDS: Final = 0.5
_CHUNK: Final = 64 * 1024
_UNREAD: Final = 1024 * 1024
"""Bytes that may wait until the child reads its input; more are refused."""
_LINE: Final = 1000
_LINES_A_SECOND: Final = 50
_log = log.get(__name__)
_groups: set[int] = set()


@dataclass(frozen=True, slots=True)
class Command:
    """What is started.

    Attributes:
        argv: Program and arguments.
        variables: Names of environment variables that it may see beside ``PASSED_ON``.
        folder: Where it runs; None: where the gateway does.
    """

    argv: tuple[str, ...]
    variables: tuple[str, ...] = ()
    folder: str | None = None

    def environment(self, variables: Mapping[str, str]) -> dict[str, str]:
        """Return what the child sees of *variables*."""
        allowed = (*PASSED_ON, *self.variables)
        return {name: variables[name] for name in allowed if name in variables}


class Child:
    """A running child; make one with ``start``.

    Args:
        name: The server's name, for the log.
        process: Its process, the leader of its group.
        transport: Its pipes.
        clock: For the grace it is given.
    """

    def __init__(
        self,
        name: str,
        process: asyncio.subprocess.Process,
        transport: asyncio.SubprocessTransport,
        clock: Clock,
    ) -> None:
        self.pid = process.pid
        self._name = name
        self._process = process
        self._transport = transport
        self._clock = clock
        self._told = asyncio.create_task(self._tell(), name=f"{name}: standard error")
        _groups.add(self.pid)
        _end_all_at_exit()

    @classmethod
    async def start(cls, name: str, command: Command, clock: Clock) -> Self:
        """Return *command* as a running child.

        Raises:
            Outage: it cannot be started.
        """
        variables = command.environment(environment())
        program = shutil.which(command.argv[0], path=variables.get("PATH"))
        if program is None:
            told = f"{name} cannot be started: there is no program {command.argv[0]}"
            raise Outage(told, provider=name)
        loop = asyncio.get_running_loop()
        try:  # as create_subprocess_exec does, which keeps the pipes' transport to itself
            transport, protocol = await loop.subprocess_exec(
                lambda: asyncio.subprocess.SubprocessStreamProtocol(limit=_CHUNK, loop=loop),
                *_leash(),
                program,
                *command.argv[1:],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=variables,
                cwd=command.folder,
                start_new_session=True,
            )
        except OSError as error:
            told = f"{name} cannot be started: {error.strerror or error}"
            raise Outage(told, provider=name) from error
        process = asyncio.subprocess.Process(transport, protocol, loop)
        return cls(name, process, transport, clock)

    async def send(self, message: bytes) -> None:
        """Write *message* as a line.

        Raises:
            Outage: it does not read, so that nothing more is written.
            BrokenOff: it went away meanwhile.
        """
        pipe = self._process.stdin
        assert pipe is not None  # noqa: S101 -- asked for at the start
        if self._process.returncode is not None or pipe.is_closing():
            raise Outage(f"{self._name} has ended", provider=self._name)
        if pipe.transport.get_write_buffer_size() > _UNREAD:
            raise Outage(f"{self._name} does not read its input", provider=self._name)
        try:
            pipe.write(message + b"\n")
            await pipe.drain()
        except OSError as error:
            raise BrokenOff(f"{self._name} closed its input", provider=self._name) from error

    async def lines(self, max_bytes: int) -> AsyncGenerator[bytes]:
        """Yield the lines of its output until it ends.

        Raises:
            TooLong: one is longer than *max_bytes*.
        """
        output = self._process.stdout
        assert output is not None  # noqa: S101 -- asked for at the start
        lines = Lines(max_bytes)
        while chunk := await output.read(_CHUNK):
            for line in lines.feed(chunk):
                yield line

    async def exited(self) -> None:
        """Return once it has ended; its children may still hold its output open."""
        await self._process.wait()

    async def stop(self) -> str:
        """End it with its children and return how it ended: for people."""
        pipe = self._process.stdin
        if pipe is not None:
            pipe.close()
        for number in (signal.SIGTERM, signal.SIGKILL):
            if await self._ended(GRACE_SECONDS):
                break
            self._signal(number)
        await self._process.wait()
        self._signal(signal.SIGKILL)  # whoever of its children is left
        _groups.discard(self.pid)
        await asyncio.wait({self._told}, timeout=_LAST_WORDS_SECONDS)
        self._told.cancel()
        self._transport.close()  # a stranger may hold the other ends
        code = self._process.returncode or 0
        return f"ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"

    async def _ended(self, seconds: float) -> bool:
        waits = [
            asyncio.ensure_future(self._process.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()
        return self._process.returncode is not None

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    async def _tell(self) -> None:
        """Put what it writes on standard error into the log, a line cut and a flood thinned."""
        errors = self._process.stderr
        assert errors is not None  # noqa: S101 -- asked for at the start
        rest, second, count = b"", 0.0, 0
        while chunk := await errors.read(_CHUNK):
            *lines, rest = (rest + chunk).split(b"\n")
            rest = rest[:_LINE]
            for line in lines:
                now = self._clock.now()
                if now - second >= 1:
                    second, count = now, 0
                count += 1
                if count <= _LINES_A_SECOND:
                    self._put(line)
                elif count == _LINES_A_SECOND + 1:
                    _log.warning("stdio.flooding", server=self._name)
        if rest:
            self._put(rest)

    def _put(self, line: bytes) -> None:
        words = line[:_LINE].decode("utf-8", "replace").rstrip()
        if words:
            _log.info("stdio.said", server=self._name, pid=self.pid, line=words)


def _leash() -> list[str]:
    """Return a command before the command, so that no child outlives a gateway that was killed.

    util-linux's setpriv asks the kernel for it and then becomes the command. Elsewhere the
    end of its input tells a child.
    """
    found = shutil.which("setpriv") if sys.platform == "linux" else None
    return [found, "--pdeathsig", "TERM", "--"] if found else []


@functools.cache
def _end_all_at_exit() -> None:
    """Have what is left ended when the process exits without having closed its links."""

    def end() -> None:
        for group in _groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, signal.SIGKILL)

    atexit.register(end)
