"""How every process runs: arguments, listening, signals, drain, exit codes.

Exit codes: 0 after SIGTERM or SIGINT, 1 when it could not start (one line says why),
2 for wrong arguments.
"""

import argparse
import asyncio
import contextlib
import errno
import gc
import signal
import socket
import sys
from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal, TypeVar, cast

import uvicorn
from pydantic import ValidationError
from pydantic_settings import SettingsError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kit import log, telemetry
from kit.errors import FleetError
from kit.health import Readiness
from kit.settings import FleetSettings, ServerSettings, Settings

SettingsT = TypeVar("SettingsT", bound=Settings)
_log = log.get(__name__)
LINGER_SECONDS = 0.25
"""Between SIGTERM and closing the listener: callers on kept connections are told to go."""


class StartFailed(Exception):
    """The process cannot start; the message is one line for a person."""


def arguments(process: str, description: str, argv: Sequence[str] | None = None) -> dict[str, Any]:
    """Return ``host`` and ``port`` from the command line, where given."""
    parser = parser_for(process, description)
    return {
        name: value for name, value in vars(parser.parse_args(argv)).items() if value is not None
    }


def parser_for(process: str, description: str) -> argparse.ArgumentParser:
    """Return the parser that all processes start from."""
    parser = argparse.ArgumentParser(prog=f"python -m {process}", description=description)
    parser.add_argument("--host", help="address to listen on (default: from the settings)")
    parser.add_argument("--port", type=int, help="port to listen on; 0 takes a free one")
    return parser


def settings_or_exit(kind: type[SettingsT], **given: Any) -> SettingsT:
    """Return the settings; on a mistake, print one line a mistake and exit with 1."""
    try:
        return kind(**given)
    except SettingsError as error:  # a value that cannot even be split into parts
        print(str(error).replace("\n", " "), file=sys.stderr)  # noqa: T201 -- for a person
        sys.exit(1)
    except ValidationError as error:
        prefix = kind.model_config.get("env_prefix", "")
        for each in error.errors():
            name = prefix + "_".join(str(part) for part in each["loc"]).upper()
            print(f"{name}: {each['msg']}", file=sys.stderr)  # noqa: T201 -- for a person
        sys.exit(1)


def listen(process: str, host: str, port: int) -> socket.socket:
    """Return a listening socket.

    Raises:
        StartFailed: the address cannot be had; the message names it.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        taken = error.errno == errno.EADDRINUSE
        why = "is already in use" if taken else f"cannot be used: {error.strerror}"
        raise StartFailed(f"{process}: port {port} on {host} {why}") from error
    sock.setblocking(False)  # noqa: FBT003 -- the standard library has it so
    return sock


class Draining:
    """ASGI layer that tells callers on kept connections to leave once draining has begun."""

    def __init__(self, app: ASGIApp, readiness: Readiness) -> None:
        self.app = app
        self.readiness = readiness

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with ``connection: close`` on its answer while draining."""
        if scope["type"] != "http" or not self.readiness.draining:
            await self.app(scope, receive, send)
            return

        async def leaving(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        await self.app(scope, receive, leaving)


class Opening:
    """ASGI layer that keeps a foreseen failure of the lifespan's start for one line of its own.

    Attributes:
        failure: Why the app did not start, once it has not.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.failure: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on but the traceback of a foreseen failure."""
        if scope["type"] != "lifespan":
            await self.app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            if message["type"] == "lifespan.startup.failed":
                held.append(message)
            else:
                await send(message)

        try:
            await self.app(scope, receive, hold)
        except (StartFailed, FleetError) as error:
            self.failure = error
            held = [{"type": "lifespan.startup.failed", "message": ""}]
        finally:
            for message in held:
                await send(message)


class _Server(uvicorn.Server):
    """uvicorn, with signals that drain and then exit with 0."""

    def __init__(self, config: uvicorn.Config, readiness: Readiness, sock: socket.socket) -> None:
        super().__init__(config)
        self._readiness = readiness
        self._sock = sock

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self._sock.getsockname()[:2]
            _log.info("process.listening", host=host, port=port)
        # What start-up made stays: without this, each full collection walks all of it, and
        # calls that meet one wait 30 ms.
        gc.collect()
        gc.freeze()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._drain)
        try:
            yield
        finally:
            for name in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(name)

    def _drain(self) -> None:
        if self._readiness.draining:
            self.force_exit = True
        self._readiness.draining = True
        asyncio.get_running_loop().call_later(LINGER_SECONDS, self._stop)

    def _stop(self) -> None:
        self.should_exit = True


def serve(
    process: str,
    app: ASGIApp,
    settings: ServerSettings,
    readiness: Readiness,
    *,
    fleet: FleetSettings | None = None,
    http: Callable[..., asyncio.Protocol] | Literal["httptools"] = "httptools",
) -> None:
    """Serve *app* until a signal, then drain; never returns normally with a failure.

    Raises:
        SystemExit: 1 when it could not start.
    """
    fleet = fleet or settings_or_exit(FleetSettings)
    log.configure(process, fleet)
    telemetry.configure(process.rpartition(".")[2], fleet)
    try:
        sock = listen(process, settings.host, settings.port)
    except StartFailed as error:
        print(error, file=sys.stderr)  # noqa: T201 -- for a person
        sys.exit(1)
    opening = Opening(Draining(app, readiness))
    config = uvicorn.Config(
        opening,
        loop="uvloop",
        http=cast(Any, http),  # any callable with uvicorn's keywords will do
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.drain_seconds) or 1,
    )
    server = _Server(config, readiness, sock)
    with contextlib.suppress(SystemExit):
        server.run(sockets=[sock])
    sock.close()
    if opening.failure is not None:
        print(opening.failure, file=sys.stderr)  # noqa: T201 -- for a person
    if not server.started:
        sys.exit(1)
    telemetry.stop()
    _log.info("process.stopped")


def run(main: Callable[[], None]) -> None:
    """Run *main*; a foreseen failure at start is one line, not a traceback.

    Raises:
        SystemExit: 1 with one line, when it could not start.
    """
    try:
        main()
    except (StartFailed, FleetError) as error:
        print(error, file=sys.stderr)  # noqa: T201 -- for a person
        sys.exit(1)
