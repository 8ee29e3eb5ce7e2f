"""A server that is a process of the gateway, kept running with ever longer pauses between starts.

The first call starts it. The pauses are supervisor's idea; tenacity and stamina know how to
wait between attempts, but not that a process which ran for a while begins anew.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.upstream.calls import enveloped
from gateway.upstream.client import VERSION, Notify
from gateway.upstream.duplex import Duplex
from gateway.upstream.frames import TooLong, messages
from gateway.upstream.legacy.words import Greeting, legacy_meta, translated
from gateway.upstream.link import Deaf, Listener
from gateway.upstream.replies import BrokenOff, Hung, Json, Outage
from gateway.upstream.stdio.era import greeted
from gateway.upstream.stdio.process import Child, Command
from kit import log
from kit.clock import Clock, SystemClock

_log = log.get(__name__)
_SHOWN: Final = 200
"""Characters of a line, and lines, that are shown of what is no message."""
_LAST_WORDS_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently a process is treated; all in seconds.

    Attributes:
        question: How long the modern question may stay unanswered before the handshake.
        start: From its start to its first answer: it may have to install itself.
        steady: After running so long, its end counts as the first one again.
        pause: Before it is started again; doubled each time.
        longest: The longest such pause.
    """

    question: float = 5.0
    start: float = 60.0
    steady: float = 10.0
    pause: float = 0.5
    longest: float = 30.0

    def after(self, ends: int) -> float:
        """Return the pause after *ends* ends in a row, from 1."""
        return min(self.longest, self.pause * 2.0 ** min(ends - 1, 20))


@dataclass(frozen=True, slots=True)
class _Live:
    """A process that has answered.

    Attributes:
        duplex: How it is asked.
        greeting: What it said at the handshake; None: it is of the modern era.
    """

    duplex: Duplex
    greeting: Greeting | None


class Stdio:
    """A link to a process of ours; inside a running loop.

    Args:
        name: The server's name in the registry.
        command: What is started.
        max_answer_bytes: Longest line that is taken.
        listener: Hears what belongs to no call.
        clock: For pauses.
        pace: How patiently it is treated.
    """

    def __init__(
        self,
        name: str,
        command: Command,
        max_answer_bytes: int,
        *,
        listener: Listener | None = None,
        clock: Clock | None = None,
        pace: Pace | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._max = max_answer_bytes
        self._listener = listener or Deaf()
        self._clock = clock or SystemClock()
        self._pace = pace or Pace()
        self._keeper: asyncio.Task[None] | None = None
        self._live = self._starting()
        self._closed = False
        self._handshake_first = False

    async def ask(
        self,
        method: str,
        params: Mapping[str, Any],
        *,
        meta: Mapping[str, Any] | None = None,
        seconds: float,
        notify: Notify | None = None,
        fresh: bool = False,
    ) -> Json:
        """Return the result of *method*; see ``Link``. There is one pipe: *fresh* means nothing."""
        del fresh
        deadline = asyncio.get_running_loop().time() + seconds
        meta = meta or {}
        live = await self._running(deadline)
        if live.greeting is not None and method == "server/discover":
            return live.greeting.discovered()
        told = enveloped(meta) if live.greeting is None else legacy_meta(meta)
        asked = live.duplex.ask(method, params, meta=meta, told=told, notify=notify)
        if live.greeting is not None:
            asked = translated(method, meta, asked)
        try:
            async with asyncio.timeout_at(deadline):
                return await asked
        except TimeoutError as error:
            words = f"{self.name} did not answer within {seconds:.1f} s"
            raise Hung(words, provider=self.name) from error

    async def close(self) -> None:
        """End the process with its children; it is not started again."""
        self._closed = True
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})

    async def _running(self, deadline: float) -> _Live:
        """Return the process, once it has answered.

        Raises:
            Outage: it is not running, or not yet.
        """
        if self._closed:
            raise Outage(f"{self.name} was closed", provider=self.name)
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep(), name=f"{self.name}: keep")
        try:
            async with asyncio.timeout_at(deadline):
                return await asyncio.shield(self._live)
        except TimeoutError as error:
            raise Outage(f"{self.name} is still starting", provider=self.name) from error

    # The process: calls wait for it while it starts, and fail at once while it is away.

    def _starting(self) -> "asyncio.Future[_Live]":
        return asyncio.get_running_loop().create_future()

    def _away(self, why: str, pause: float) -> None:
        if self._live.done():
            self._live = self._starting()
        words = f"{self.name} is not running: {why}; next start in {pause:g} s"
        self._live.set_exception(Outage(words, provider=self.name))
        self._live.exception()  # perhaps nobody asks

    async def _keep(self) -> None:
        """Start the process again whenever it has ended."""
        ends = 0
        while True:
            began = self._clock.now()
            if self._live.done():
                self._live = self._starting()
            try:
                why = await self._run()
            except Exception:  # noqa: BLE001 -- the top of a loop: a defect must not end it
                _log.exception("stdio.crashed", server=self.name)
                why = "the gateway has a defect; its log has the details"
            ends = 1 if self._clock.now() - began >= self._pace.steady else ends + 1
            pause = self._pace.after(ends)
            _log.warning("stdio.ended", server=self.name, why=why, next_start_seconds=pause)
            self._away(why, pause)
            await self._clock.sleep(pause)

    async def _run(self) -> str:
        """Run the process once and return why it ended."""
        starting = asyncio.ensure_future(Child.start(self.name, self._command, self._clock))
        try:
            child = await asyncio.shield(starting)
        except Outage as error:
            return error.message
        except asyncio.CancelledError:
            with contextlib.suppress(Outage):  # a start that was begun is also undone
                await (await starting).stop()
            raise
        _log.info("stdio.started", server=self.name, pid=child.pid)
        duplex = Duplex(self.name, child.send, self._listener)
        why = ended = ""
        try:
            why = await self._conversation(child, duplex)
        finally:
            ended = await asyncio.shield(asyncio.ensure_future(child.stop()))
            duplex.lose(BrokenOff(f"{self.name} {ended}", provider=self.name))
        return why or ended

    async def _conversation(self, child: Child, duplex: Duplex) -> str:
        """Speak with *child* until one side ends it; return why, if it was ours."""
        greeting = asyncio.create_task(self._greet(duplex), name=f"{self.name}: greet")
        reading = asyncio.create_task(self._read(child, duplex), name=f"{self.name}: read")
        exited = asyncio.create_task(child.exited(), name=f"{self.name}: wait")
        tasks: set[asyncio.Task[Any]] = {greeting, reading, exited}
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            if greeting.done() and greeting.exception() is None:
                self._let_in(duplex, greeting.result())
                await asyncio.wait({reading, exited}, return_when=asyncio.FIRST_COMPLETED)
            elif greeting.done() and not isinstance(greeting.exception(), Outage | BrokenOff):
                return str(greeting.exception())
            else:  # it went before it had answered: perhaps the question was too much for it
                self._handshake_first = not self._handshake_first
            await asyncio.wait({reading, exited}, timeout=_LAST_WORDS_SECONDS)
            return reading.result() if reading.done() else ""
        finally:
            for task in tasks:
                task.cancel()

    def _let_in(self, duplex: Duplex, said: Greeting | None) -> None:
        """Let calls through."""
        version = said.version if said else VERSION
        _log.info("stdio.greeted", server=self.name, version=version)
        self._live.set_result(_Live(duplex, said))

    async def _greet(self, duplex: Duplex) -> Greeting | None:
        patience = None if self._handshake_first else self._pace.question
        try:
            async with asyncio.timeout(self._pace.start):
                return await greeted(self.name, duplex, patience=patience)
        except TimeoutError as error:
            words = f"it did not answer within {self._pace.start:g} s of its start"
            raise Hung(words, provider=self.name) from error

    async def _read(self, child: Child, duplex: Duplex) -> str:
        """Take what the process says until it ends; return why, if it said too much at once."""
        strays = 0
        try:
            async with contextlib.aclosing(child.lines(self._max)) as lines:
                async for line in lines:
                    try:
                        told = messages(line) if line.strip() else []
                    except ValueError:
                        strays += 1
                        if strays <= _SHOWN:
                            words = line[:_SHOWN].decode("utf-8", "replace")
                            _log.warning("stdio.no_message", server=self.name, line=words)
                        continue
                    for message in told:
                        await duplex.take(message)
        except TooLong as error:
            return f"it answered {error}"
        return ""
