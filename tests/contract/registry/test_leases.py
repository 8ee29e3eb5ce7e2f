import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator
from typing import Any

import pytest

from kit.errors import Conflict, Invalid, NotFound, Permission
from kit.kv import KeyValue, bucket
from registry.leases import Leases, leases
from registry.model import Server
from tests.support.clock import FakeClock
from tests.support.nats import nats_server
from tests.support.registry import server


@pytest.fixture(scope="module")
def nats_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nats_server(tmp_path_factory.mktemp("nats")) as url:
        yield url


@pytest.fixture(params=["memory", "nats"])
async def kv(request: pytest.FixtureRequest) -> AsyncGenerator[KeyValue]:
    url = request.getfixturevalue("nats_url") if request.param == "nats" else None
    async with bucket(url, f"l{abs(hash(request.node.name))}") as found:
        await standing(found)
        yield found


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store(kv: KeyValue, clock: FakeClock) -> Leases:
    return Leases(kv, clock)


async def standing(kv: KeyValue) -> list[str]:
    async with asyncio.timeout(5), contextlib.aclosing(kv.watch()) as changes:
        return sorted(leases(await anext(changes)))


def made(name: str = "a", **more: Any) -> Server:
    return Server.model_validate(server(name, **more))


async def test_a_registered_server_is_seen_by_everybody(store: Leases, kv: KeyValue) -> None:
    lease = await store.register(made(), 30)
    async with asyncio.timeout(5), contextlib.aclosing(kv.watch()) as changes:
        assert leases(await anext(changes)) == {"a": lease}


async def test_a_heartbeat_moves_the_end_on(store: Leases, clock: FakeClock) -> None:
    lease = await store.register(made(), 30)
    clock.advance(29)
    renewed = await store.heartbeat("a", lease.id)
    assert (renewed.expires_at - lease.expires_at).total_seconds() == 29


async def test_a_lease_without_heartbeat_is_gone(
    store: Leases, clock: FakeClock, kv: KeyValue
) -> None:
    lease = await store.register(made(), 30)
    clock.advance(30)
    with pytest.raises(NotFound, match="a has no lease; register again"):
        await store.heartbeat("a", lease.id)
    await store.clear("a")
    assert await standing(kv) == []


async def test_clearing_up_spares_a_lease_that_holds(store: Leases, kv: KeyValue) -> None:
    await store.register(made(), 30)
    await store.clear("a")
    assert await standing(kv) == ["a"]


async def test_a_lease_is_given_up_by_its_holder_alone(store: Leases, kv: KeyValue) -> None:
    lease = await store.register(made(), 30)
    with pytest.raises(Permission, match="the lease of a is another's"):
        await store.deregister("a", "guessed")
    with pytest.raises(Permission):
        await store.heartbeat("a", "guessed")
    await store.deregister("a", lease.id)
    assert await standing(kv) == []
    with pytest.raises(NotFound):
        await store.deregister("a", lease.id)


async def test_a_name_is_held_by_one_server(store: Leases, clock: FakeClock) -> None:
    await store.register(made(), 30)
    elsewhere = made(transport={"kind": "http", "url": "http://elsewhere/mcp"})
    with pytest.raises(Conflict, match="a is registered by the server at another URL"):
        await store.register(elsewhere, 30)
    clock.advance(30)
    assert (await store.register(elsewhere, 30)).server == elsewhere


async def test_a_server_that_restarted_takes_its_own_name_back(store: Leases) -> None:
    before = await store.register(made(), 30)
    after = await store.register(made(description="restarted"), 30)
    assert after.id != before.id
    with pytest.raises(Permission):
        await store.heartbeat("a", before.id)
    await store.heartbeat("a", after.id)


@pytest.mark.parametrize("seconds", [0, 4.9, 3601])
async def test_a_time_out_of_bounds_is_refused(store: Leases, seconds: float) -> None:
    with pytest.raises(Invalid, match="ttl_seconds must be 5 to 3600"):
        await store.register(made(), seconds)


async def test_two_that_register_one_name_at_once_do_not_both_hold_it(store: Leases) -> None:
    urls = [f"http://{number}.test/mcp" for number in range(4)]
    tries = [store.register(made(transport={"kind": "http", "url": url}), 30) for url in urls]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(each, Conflict) for each in results) == 1


async def test_what_cannot_be_read_is_not_a_lease(store: Leases, kv: KeyValue) -> None:
    await kv.put("lease.b", b"{}")
    await store.register(made(), 30)
    assert await standing(kv) == ["a"]
    assert (await store.register(made("b"), 30)).server.name == "b"
