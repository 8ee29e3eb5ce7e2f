import contextlib
from datetime import UTC, datetime, timedelta

from registry.model import LoadError, Server, ServerHealth, State
from registry.store import Store, digest
from tests.support.registry import server

NOW = datetime(2026, 1, 5, tzinfo=UTC)
A = Server.model_validate(server("a", tier="TERTIARY"))
B = Server.model_validate(server("b"))
UP = ServerHealth(State.UP, NOW)
DOWN = ServerHealth(State.DOWN, NOW, "gone")


def test_before_anything_is_known_the_revision_is_0() -> None:
    assert Store("test").snapshot.revision == 0


def test_servers_are_put_in_order_of_preference() -> None:
    store = Store("test")
    assert store.swap([A, B], {"a": UP, "b": UP})
    assert [each.name for each in store.snapshot.servers] == ["b", "a"]


def test_the_revision_moves_only_when_something_differs() -> None:
    store = Store("test")
    assert store.swap([A], {"a": UP})
    assert not store.swap([A], {"a": UP})
    assert store.swap([A], {"a": DOWN})
    assert store.swap([A, B], {"a": DOWN, "b": UP})
    assert store.snapshot.revision == 3


def test_even_an_empty_registry_is_known_once_it_was_read() -> None:
    store = Store("test")
    assert store.swap([], {})
    assert store.snapshot.revision == 1


def test_the_digest_moves_with_the_servers_and_not_with_their_health() -> None:
    store = Store("test")
    store.swap([A, B], {"a": UP, "b": UP})
    before = store.snapshot
    store.swap([B, A], {"a": UP, "b": DOWN})
    store.learn("a", DOWN)
    assert store.snapshot.servers_digest == before.servers_digest
    assert store.snapshot.servers is before.servers
    changed = A.model_copy(update={"description": "x"})
    store.swap([changed, B], {"a": UP, "b": UP})
    assert store.snapshot.servers_digest != before.servers_digest


def test_equal_servers_have_equal_digests_in_every_process() -> None:
    again = Server.model_validate(server("a", tier="TERTIARY"))
    assert digest([A]) == digest([again])
    assert digest([A, B]) != digest([B, A])


def test_what_is_learnt_of_one_server_leaves_the_others_as_they_were() -> None:
    store = Store("test")
    store.swap([A, B], {"a": UP, "b": UP})
    old = store.snapshot
    store.learn("b", DOWN)
    assert store.snapshot.health == {"a": UP, "b": DOWN}
    assert old.health == {"a": UP, "b": UP}
    store.learn("b", DOWN)
    assert store.snapshot.revision == old.revision + 1


async def test_a_slow_watcher_sees_the_newest_and_no_queue() -> None:
    store = Store("test")
    store.swap([A], {"a": UP})
    async with contextlib.aclosing(store.watch()) as changes:
        assert (await anext(changes)).snapshot.revision == 1
        for seconds in range(5):
            store.learn("a", ServerHealth(State.UP, NOW + timedelta(seconds=seconds)))
        assert (await anext(changes)).snapshot is store.snapshot


async def test_watchers_hear_of_a_refused_file_and_of_its_mending() -> None:
    store = Store("test")
    error = LoadError("registry.yaml:1: wrong", NOW)
    async with contextlib.aclosing(store.watch()) as changes:
        await anext(changes)
        store.refuse(error)
        assert (await anext(changes)).load_error == error
        store.refuse(None)
        assert (await anext(changes)).load_error is None
