"""Sealed legacy sessions."""

import asyncio

from gateway.edge.sessions import Sessions

KEY = b"k" * 32


def test_a_session_is_known_by_its_seal_alone() -> None:
    session = Sessions(KEY).open("2025-11-25", "ann")
    assert Sessions(KEY).version(session, "ann") == "2025-11-25"


def test_another_principal_a_flipped_bit_and_another_key_are_refused() -> None:
    sessions = Sessions(KEY)
    session = sessions.open("2025-06-18", "ann")
    flipped = session[:-1] + ("A" if session[-1] != "A" else "B")
    assert sessions.version(session, "bob") is None
    assert sessions.version(flipped, "ann") is None
    assert sessions.version(session.replace("06-18", "11-25"), "ann") is None
    assert Sessions().version(session, "ann") is None
    assert sessions.version("", "ann") is None


async def test_a_cancelled_request_is_the_one_of_that_session_only() -> None:
    sessions = Sessions(KEY)
    held = asyncio.Event()
    tasks = {name: asyncio.create_task(held.wait()) for name in "ab"}
    for name, task in tasks.items():
        sessions.began(name, 1, task)
    sessions.cancel("a", 1)
    sessions.cancel("a", 2)
    sessions.cancel("a", {"not": "an id"})
    await asyncio.wait({tasks["a"]}, timeout=5)
    assert tasks["a"].cancelled()
    assert not tasks["b"].done()
    sessions.ended("b", 1)
    sessions.cancel("b", 1)
    held.set()
    assert await tasks["b"]
