import asyncio
from collections.abc import Sequence

import pytest

from kit.errors import FleetError, Invalid, Unavailable, UnknownOutcome
from services.asana.writes import Turns, create_once

LOST = UnknownOutcome("asana: the write may or may not have happened (reset)")


class Wire:
    """A vendor of one thing, whose answers to a create are told beforehand."""

    def __init__(self, answers: Sequence[FleetError | str], *, before: str | None = None) -> None:
        self.answers = list(answers)
        self.there = before
        self.kept: str | None = None
        self.creates = 0
        self.unreadable: FleetError | None = None

    async def find(self) -> str | None:
        if self.unreadable is not None:
            raise self.unreadable
        return self.there

    async def create(self) -> str:
        self.creates += 1
        answer = self.answers.pop(0)
        if isinstance(answer, FleetError):
            self.there = self.kept
            raise answer
        return answer


async def test_a_write_that_is_answered_is_created() -> None:
    wire = Wire(["thing"])
    assert await create_once(wire.find, wire.create, key="k", look_first=True) == (
        "thing",
        "created",
    )


async def test_what_is_there_already_is_not_written_again() -> None:
    wire = Wire([], before="thing")
    assert await create_once(wire.find, wire.create, key="k", look_first=True) == (
        "thing",
        "existing",
    )
    assert wire.creates == 0


async def test_a_key_that_nobody_can_have_used_is_not_looked_for() -> None:
    wire = Wire(["thing"])
    wire.unreadable = Unavailable("asana answered 503")
    assert await create_once(wire.find, wire.create, key="k", look_first=False) == (
        "thing",
        "created",
    )


async def test_an_unknown_outcome_is_read_back() -> None:
    wire = Wire([LOST])
    wire.kept = "thing"
    assert await create_once(wire.find, wire.create, key="k", look_first=True) == (
        "thing",
        "created",
    )
    assert wire.creates == 1


async def test_what_is_not_there_after_an_unknown_outcome_is_not_written_twice() -> None:
    wire = Wire([LOST, "thing"])
    with pytest.raises(
        UnknownOutcome, match="not there now; repeat the call with idempotency_key k"
    ) as caught:
        await create_once(wire.find, wire.create, key="k", look_first=True)
    assert wire.creates == 1
    assert caught.value.read_back_hint is not None


async def test_reading_back_that_fails_leaves_the_outcome_unknown() -> None:
    wire = Wire([LOST])

    async def fails() -> str | None:
        raise Unavailable("asana answered 503")

    with pytest.raises(UnknownOutcome, match="reading back failed: asana answered 503"):
        await create_once(fails, wire.create, key="k", look_first=False)


async def test_a_refusal_is_certain_and_told_as_it_is() -> None:
    wire = Wire([Invalid("name: Missing input", field="name")])
    with pytest.raises(Invalid):
        await create_once(wire.find, wire.create, key="k", look_first=True)


async def test_a_hasty_repeat_waits_for_the_first() -> None:
    turns, order = Turns(), list[str]()
    first_in, let_go = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with turns.turn("k"):
            first_in.set()
            await let_go.wait()
            order.append("first")

    async def second() -> None:
        await first_in.wait()
        async with turns.turn("k"):
            order.append("second")

    async def other() -> None:
        await first_in.wait()
        async with turns.turn("another key"):
            order.append("other")
        let_go.set()

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        for work in (first, second, other):
            group.create_task(work())
    assert order == ["other", "first", "second"]
