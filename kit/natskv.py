"""Key-value buckets in NATS JetStream; see ``kit.kv``."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Generator, Mapping
from types import TracebackType
from typing import Final, Self

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.api import StorageType
from nats.js.kv import KeyValue as Bucket

from kit import log
from kit.broker import stop
from kit.errors import Conflict, Unavailable
from kit.kv import Entry
from kit.latest import Latest

REQUEST_SECONDS: Final = 2
_RETRY_SECONDS: Final = 0.5
_GONE: Final = frozenset({"DEL", "PURGE"})
_log = log.get(__name__)


class NatsKeyValue:
    """A bucket in NATS JetStream; it is made where there is none.

    Args:
        url: ``nats://host:port``. It need not answer yet: the connection comes when it does.
        name: The bucket.
        lasting: Kept on disk, else in the memory of the NATS server.
    """

    def __init__(self, url: str, name: str, *, lasting: bool = False) -> None:
        self._url = url
        self._name = name
        self._storage = StorageType.FILE if lasting else StorageType.MEMORY
        self._client = Client()
        self._bucket: Latest[Bucket | None] = Latest(None)
        self._connecting: asyncio.Task[None] | None = None
        self._watchers: set[Bucket.KeyWatcher] = set()
        self._reconnected = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._connecting = asyncio.create_task(self._connect())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._connecting is not None:
            await stop(self._connecting)
        if self._client.is_connected or self._client.is_reconnecting:
            await self._client.close()

    async def get(self, key: str) -> Entry | None:
        """Return what stands at *key*."""
        with self._told():
            try:
                entry = await self._reached().get(key)
            except nats.js.errors.KeyNotFoundError:
                return None
        return Entry(entry.value or b"", entry.revision or 0)

    async def put(self, key: str, value: bytes) -> int:
        """Write whatever stood there before; return the new revision."""
        with self._told():
            return await self._reached().put(key, value)

    async def create(self, key: str, value: bytes) -> int:
        """Write where nothing stands, else raise Conflict."""
        with self._told():
            return await self._reached().create(key, value)

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write over exactly *revision*, else raise Conflict."""
        with self._told():
            return await self._reached().update(key, value, last=revision)

    async def delete(self, key: str) -> None:
        """Leave nothing at *key*."""
        with self._told():
            await self._reached().delete(key)

    async def watch(self) -> AsyncGenerator[Mapping[str, bytes]]:
        """Yield all that stands in the bucket, now and after each change."""
        async with contextlib.aclosing(self._bucket.watch()) as buckets:
            async for found in buckets:
                if found is None:
                    continue
                try:
                    watcher = await found.watchall()
                except (nats.errors.Error, OSError) as error:
                    _log.warning("kv.watch_failed", bucket=self._name, error=str(error))
                    self._reconnect_soon()
                    continue
                async with contextlib.aclosing(self._entries(watcher)) as changes:
                    async for entries in changes:
                        yield entries

    async def _entries(self, watcher: Bucket.KeyWatcher) -> AsyncGenerator[Mapping[str, bytes]]:
        self._watchers.add(watcher)
        entries: dict[str, bytes] = {}
        whole = False
        try:
            async for update in watcher:
                if update is None:
                    whole = True
                elif update.operation in _GONE:
                    entries.pop(update.key, None)
                else:
                    entries[update.key] = update.value or b""
                if whole:
                    yield dict(entries)
        finally:
            self._watchers.discard(watcher)
            await _stop(watcher)

    async def _connect(self) -> None:
        """Connect, however long that takes, and open the bucket after each connection."""

        async def connected() -> None:
            self._reconnected.set()

        async def lost() -> None:
            self._bucket.set(None)
            _log.warning("kv.disconnected", bucket=self._name)

        async def failed(error: Exception) -> None:
            _log.debug("kv.connection_error", bucket=self._name, error=str(error))

        await self._client.connect(
            self._url,
            error_cb=failed,
            disconnected_cb=lost,
            reconnected_cb=connected,
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            connect_timeout=REQUEST_SECONDS,
        )
        self._reconnected.set()
        while True:
            await self._reconnected.wait()
            self._reconnected.clear()
            await self._open()

    async def _open(self) -> None:
        stream = self._client.jetstream(timeout=REQUEST_SECONDS)
        try:
            found = await stream.create_key_value(bucket=self._name, storage=self._storage)
        except (nats.errors.Error, OSError) as error:
            _log.warning("kv.not_opened", bucket=self._name, error=str(error))
            self._reconnect_soon()
            return
        for watcher in list(self._watchers):
            await _stop(watcher)
        self._bucket.set(found)
        _log.info("kv.connected", bucket=self._name)

    def _reconnect_soon(self) -> None:
        asyncio.get_running_loop().call_later(_RETRY_SECONDS, self._reconnected.set)

    def _reached(self) -> Bucket:
        found = self._bucket.value
        if found is None:
            raise Unavailable(f"NATS at {self._url} cannot be reached", provider="nats")
        return found

    @contextlib.contextmanager
    def _told(self) -> Generator[None]:
        """Turn the library's errors into ours."""
        try:
            yield
        except nats.js.errors.KeyWrongLastSequenceError as error:
            raise Conflict(f"a key of {self._name} has changed meanwhile") from error
        except (nats.errors.Error, OSError) as error:
            message = f"NATS at {self._url} did not answer: {error or type(error).__name__}"
            raise Unavailable(message, provider="nats") from error


async def _stop(watcher: Bucket.KeyWatcher) -> None:
    with contextlib.suppress(nats.errors.Error, OSError):
        await watcher.stop()  # type: ignore[no-untyped-call]
