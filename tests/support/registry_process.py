"""A registry's gRPC face in the test's own process, over a fleet that the test makes."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from kit.clock import SystemClock
from registry.fleet import Fleet
from registry.service import grpc_face


@asynccontextmanager
async def grpc_registry(fleet: Fleet, port: int = 0) -> AsyncGenerator[str]:
    """Run *fleet* behind gRPC and yield ``host:port``."""
    async with fleet, grpc_face(fleet, "127.0.0.1", port, SystemClock()) as taken:
        yield f"127.0.0.1:{taken}"
