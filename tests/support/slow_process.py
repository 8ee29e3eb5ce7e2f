"""``python -m tests.support.slow_process``: an app whose answers take as long as asked."""

import asyncio
from collections.abc import AsyncGenerator

from pydantic_settings import SettingsConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from kit.health import Readiness, health_routes
from kit.run import arguments, run, serve, settings_or_exit
from kit.settings import ServerSettings


class SlowSettings(ServerSettings):
    """Read as ``SLOW_<NAME>``."""

    model_config = SettingsConfigDict(env_prefix="SLOW_")

    port: int = 0


async def hold(request: Request) -> StreamingResponse:
    """Say that it began, then wait until somebody asks for /go, then end."""
    go: asyncio.Event = request.app.state.go

    async def parts() -> AsyncGenerator[bytes]:
        yield b"began "
        await go.wait()
        yield b"ended"

    return StreamingResponse(parts())


async def go_on(request: Request) -> PlainTextResponse:
    """Let the waiting answers end."""
    request.app.state.go.set()
    return PlainTextResponse("gone on")


def main() -> None:
    """Serve until a signal."""
    readiness = Readiness(())
    app = Starlette(
        routes=[Route("/hold", hold), Route("/go", go_on), *health_routes(readiness)],
    )
    app.state.go = asyncio.Event()
    settings = settings_or_exit(SlowSettings, **arguments("slow", "A test's process."))
    serve("slow", app, settings, readiness)


if __name__ == "__main__":
    run(main)
