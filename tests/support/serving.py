"""ASGI apps on a port of their own, in the test's own loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any, cast

import uvicorn
from starlette.types import ASGIApp


class _Server(uvicorn.Server):
    """uvicorn that leaves the signals to pytest."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(
    app: ASGIApp, *, port: int = 0, http: Callable[..., asyncio.Protocol] | None = None
) -> AsyncGenerator[str]:
    """Serve *app* and yield its base URL; connections made before it runs wait for it.

    *http* makes the protocol of a connection; none: uvicorn's own.
    """
    sock = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(
        app,
        http=cast(Any, http or "auto"),
        log_config=None,
        access_log=False,
        ws="none",
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[sock]))
    try:
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"
    finally:
        server.should_exit = True
        async with asyncio.timeout(5):
            await running
        sock.close()


@contextlib.asynccontextmanager
async def hanging() -> AsyncGenerator[str]:
    """Accept connections and never answer; yield the base URL."""
    done = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        done.set()
        server.close()
        await server.wait_closed()


def dead_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port: int = sock.getsockname()[1]
        return port
