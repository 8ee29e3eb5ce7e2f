import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

import pytest

from kit.errors import Conflict, Unavailable
from kit.kv import Entry, KeyValue, bucket
from tests.support.nats import nats_server
from tests.support.serving import dead_port


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nats_server(tmp_path_factory.mktemp("nats")) as url:
        yield url


@pytest.fixture(params=["memory", "nats"])
async def kv(request: pytest.FixtureRequest) -> AsyncGenerator[KeyValue]:
    url = request.getfixturevalue("nats_url") if request.param == "nats" else None
    async with asyncio.timeout(10), bucket(url, f"t{abs(hash(request.node.name))}") as found:
        await reached(found)
        yield found


async def reached(kv: KeyValue) -> None:
    async with contextlib.aclosing(kv.watch()) as changes:
        await anext(changes)


async def test_a_value_is_held(kv: KeyValue) -> None:
    revision = await kv.put("a.b", b"1")
    assert await kv.get("a.b") == Entry(b"1", revision)
    assert await kv.put("a.b", b"2") > revision


async def test_what_was_never_put_or_was_deleted_is_not_there(kv: KeyValue) -> None:
    assert await kv.get("a") is None
    await kv.put("a", b"1")
    await kv.delete("a")
    assert await kv.get("a") is None
    await kv.delete("a")


async def test_only_one_of_two_creates(kv: KeyValue) -> None:
    await kv.create("a", b"1")
    with pytest.raises(Conflict):
        await kv.create("a", b"2")
    await kv.delete("a")
    await kv.create("a", b"3")


async def test_only_one_of_two_updates_a_revision(kv: KeyValue) -> None:
    revision = await kv.put("a", b"1")
    assert await kv.update("a", b"2", revision) > revision
    with pytest.raises(Conflict):
        await kv.update("a", b"3", revision)
    entry = await kv.get("a")
    assert entry is not None
    assert entry.value == b"2"


async def test_a_watcher_sees_all_there_is_and_then_each_change(kv: KeyValue) -> None:
    await kv.put("a", b"1")
    await kv.put("b", b"2")
    async with contextlib.aclosing(kv.watch()) as changes:
        assert await anext(changes) == {"a": b"1", "b": b"2"}
        await kv.put("a", b"3")
        assert await anext(changes) == {"a": b"3", "b": b"2"}
        await kv.delete("b")
        assert await anext(changes) == {"a": b"3"}


async def test_a_watcher_of_an_empty_bucket_hears_that_it_is_empty(kv: KeyValue) -> None:
    async with contextlib.aclosing(kv.watch()) as changes:
        assert await anext(changes) == {}


async def test_two_clients_of_one_bucket_see_the_same(nats_url: str) -> None:
    async with (
        asyncio.timeout(10),
        bucket(nats_url, "shared") as one,
        bucket(nats_url, "shared") as two,
    ):
        await reached(one)
        await reached(two)
        async with contextlib.aclosing(two.watch()) as changes:
            assert await anext(changes) == {}
            await one.put("a", b"1")
            assert await anext(changes) == {"a": b"1"}


async def test_without_nats_it_says_so_at_once() -> None:
    async with asyncio.timeout(5), bucket(f"nats://127.0.0.1:{dead_port()}", "none") as kv:
        with pytest.raises(Unavailable, match=r"NATS at nats://127.0.0.1:.* cannot be reached"):
            await kv.get("a")


async def test_it_comes_back_with_nats_and_watchers_with_it(tmp_path: Path) -> None:
    port = dead_port()
    async with (
        asyncio.timeout(20),
        bucket(f"nats://127.0.0.1:{port}", "again") as kv,
        contextlib.aclosing(kv.watch()) as changes,
    ):
        with nats_server(tmp_path, port):
            assert await anext(changes) == {}
            await kv.put("a", b"1")
            assert await anext(changes) == {"a": b"1"}
        with nats_server(tmp_path, port):
            assert await anext(changes) == {}  # a bucket in memory: nothing outlived it
            await kv.put("b", b"2")
            assert await anext(changes) == {"b": b"2"}


async def test_a_lasting_bucket_outlives_a_restart_of_nats(tmp_path: Path) -> None:
    port = dead_port()
    async with (
        asyncio.timeout(20),
        bucket(f"nats://127.0.0.1:{port}", "x", lasting=True) as kv,
        contextlib.aclosing(kv.watch()) as changes,
    ):
        with nats_server(tmp_path, port):
            await anext(changes)
            await kv.put("a", b"1")
            assert await anext(changes) == {"a": b"1"}
        with nats_server(tmp_path, port):
            assert await anext(changes) == {"a": b"1"}
