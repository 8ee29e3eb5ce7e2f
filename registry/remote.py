"""A registry in another process, over gRPC: heard again by itself after it was away."""

import asyncio
import contextlib
import json
import random
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self

import grpc

from kit import log
from kit.clock import Clock, SystemClock
from kit.errors import FleetError, Unavailable
from kit.latest import Latest
from kit.wire import META_ERROR, from_wire
from registry import wire
from registry.background import Background
from registry.client import GRPC, SourceStatus
from registry.model import Snapshot
from registry.v1 import registry_pb2 as pb
from registry.v1.registry_pb2_grpc import RegistryServiceStub

OPTIONS: Final = (
    ("grpc.max_receive_message_length", 64 * 1024 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
    ("grpc.use_local_subchannel_pool", 1),
)
CALL_SECONDS: Final = 2.0
PATIENCE_SECONDS: Final = 6.0
"""Silence for so long means that it is gone: it says something every two seconds."""
_FIRST_WAIT_SECONDS: Final = 0.1
_LONGEST_WAIT_SECONDS: Final = 2.0
_REPORT_SECONDS: Final = 0.5
_log = log.get(__name__)


class GrpcSource:
    """Snapshots of a registry process; the last one is kept while it is away, and said to be.

    Args:
        target: ``host:port``.
        clock: For the pauses between attempts.
        patience_seconds: After so long a silence the registry counts as away.
    """

    def __init__(
        self,
        target: str,
        *,
        clock: Clock | None = None,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._patience = patience_seconds
        self._target = target
        self._name = f"{GRPC}{target}"
        self._clock = clock or SystemClock()
        self._latest = Latest(Snapshot.empty(self._name))
        self._status = SourceStatus(
            connected=False, since=self._clock.utc(), detail=f"{self._name} was not heard yet"
        )
        self._failures: dict[str, str] = {}
        self._reported = asyncio.Event()
        self._stack = AsyncExitStack()

    @property
    def snapshot(self) -> Snapshot:
        """The newest snapshot that was heard."""
        return self._latest.value

    @property
    def status(self) -> SourceStatus:
        """Whether the registry is heard now."""
        return self._status

    def changes(self) -> AsyncGenerator[Snapshot]:
        """Yield the snapshot as it is, then the newest after each change."""
        return self._latest.watch()

    async def report_failure(self, server: str, reason: str) -> None:
        """Have the registry probe *server* at once; reports of one server are put together."""
        self._failures[server] = reason
        self._reported.set()

    async def set_drain(self, server: str, *, draining: bool, reason: str = "") -> None:
        """Take *server* out of use, or back in, for everybody."""
        request = pb.SetDrainRequest(server=server, draining=draining, reason=reason)
        try:
            await self._stub.SetDrain(request, timeout=CALL_SECONDS)
        except grpc.aio.AioRpcError as error:
            raise self._told(error) from error

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            channel = grpc.aio.insecure_channel(self._target, options=OPTIONS)
            await stack.enter_async_context(channel)
            self._stub = RegistryServiceStub(channel)
            background = await stack.enter_async_context(Background(self._clock))
            background.start("listen", self._listen)
            background.start("report", self._report)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def _listen(self) -> None:
        wait = _FIRST_WAIT_SECONDS
        while True:
            heard = False
            stream = self._stub.WatchSnapshots(pb.WatchSnapshotsRequest())
            responses = aiter(stream)
            try:
                while True:
                    async with asyncio.timeout(self._patience):
                        response = await anext(responses)
                    heard = True
                    self._heard(response)
            except StopAsyncIteration:
                detail = "it ended the stream"
            except TimeoutError:
                detail = f"silent for {self._patience:g} s"
            except grpc.aio.AioRpcError as error:
                detail = str(error.details())
            finally:
                stream.cancel()
            self._lost(detail)
            wait = _FIRST_WAIT_SECONDS if heard else min(wait * 2, _LONGEST_WAIT_SECONDS)
            await self._clock.sleep(wait * random.uniform(0.5, 1))  # noqa: S311 -- jitter

    def _heard(self, response: pb.WatchSnapshotsResponse) -> None:
        if response.HasField("snapshot"):
            snapshot = wire.snapshot_in(response.snapshot, self._name)
        elif not response.HasField("health_update"):
            snapshot = self.snapshot
        else:
            update = response.health_update
            health = {**self.snapshot.health, **wire.health_in(update.health)}
            snapshot = replace(self.snapshot, revision=update.revision, health=health)
        error = wire.load_error_in(response.load_error) if response.HasField("load_error") else None
        if not self._status.connected:
            _log.info("registry.heard", registry=self._name, revision=snapshot.revision)
            self._status = SourceStatus(connected=True, since=self._clock.utc())
        self._status = replace(self._status, load_error=error)
        if snapshot.revision != self.snapshot.revision or response.HasField("snapshot"):
            self._latest.set(snapshot)

    def _lost(self, detail: str) -> None:
        if self._status.connected:
            _log.warning("registry.lost", registry=self._name, reason=detail)
            self._status = replace(self._status, connected=False, since=self._clock.utc())
        self._status = replace(self._status, detail=f"{self._name} is not heard: {detail}")

    async def _report(self) -> None:
        while True:
            await self._reported.wait()
            self._reported.clear()
            failures, self._failures = self._failures, {}
            for server, reason in failures.items():
                request = pb.ReportFailureRequest(server=server, reason=reason)
                with contextlib.suppress(grpc.aio.AioRpcError):  # a hint; probes go on without
                    await self._stub.ReportFailure(request, timeout=CALL_SECONDS)
            await self._clock.sleep(_REPORT_SECONDS)

    def _told(self, error: grpc.aio.AioRpcError) -> FleetError:
        """Return our error that *error* carries, or what its absence means."""
        for key, value in error.trailing_metadata() or ():
            if key == f"{META_ERROR.replace('/', '-')}-bin":
                form: dict[str, Any] = json.loads(value)
                return from_wire(form)
        return Unavailable(f"{self._name} cannot be reached: {error.details()}")
