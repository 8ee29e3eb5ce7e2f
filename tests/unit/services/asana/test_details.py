import asyncio

import pytest

from kit.errors import NotFound, Unavailable
from services.asana.details import together


async def test_the_first_failure_is_told_and_the_others_end() -> None:
    ended = asyncio.Event()

    async def slow() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def failing() -> None:
        raise NotFound("task: Unknown object: 1")

    async with asyncio.timeout(5):
        with pytest.raises(NotFound, match="Unknown object"):
            await together({"slow": slow(), "failing": failing()})
        await ended.wait()


async def test_answers_come_by_name_and_run_side_by_side() -> None:
    met = asyncio.Barrier(2)

    async def meeting(answer: int) -> int:
        await met.wait()
        return answer

    async with asyncio.timeout(5):
        assert await together({"a": meeting(1), "b": meeting(2)}) == {"a": 1, "b": 2}


async def test_a_failure_keeps_its_kind() -> None:
    async def failing() -> None:
        raise Unavailable("asana could not be reached")

    with pytest.raises(Unavailable):
        await together({"one": failing()})
