"""Notices wait for watchers, one of a kind."""

import asyncio

from gateway.listing import Kind
from gateway.notices import Notice, Notices

TOOLS = Notice("one", Kind.TOOLS)
PROMPTS = Notice("one", Kind.PROMPTS)


async def test_a_burst_waits_as_one_and_in_order() -> None:
    notices = Notices()
    with notices.watching(lambda _: True) as watcher:
        for _ in range(1000):
            notices.publish(TOOLS)
            notices.publish(PROMPTS)
        assert await watcher.take(1) == [TOOLS, PROMPTS]
        assert await watcher.take(0.01) == []


async def test_only_what_is_wanted_waits_and_only_while_watching() -> None:
    notices = Notices()
    with notices.watching(lambda notice: notice.kind is Kind.PROMPTS) as watcher:
        notices.publish(TOOLS)
        notices.publish(PROMPTS)
        assert await watcher.take(1) == [PROMPTS]
    notices.publish(PROMPTS)
    assert await watcher.take(0.01) == []


async def test_the_end_is_told_at_once_and_to_those_who_come_later() -> None:
    notices = Notices()
    with notices.watching(lambda _: True) as watcher:
        waiting = asyncio.create_task(watcher.take(60))
        await asyncio.sleep(0)  # noqa: TID251 -- lets the task begin to wait
        notices.end()
        async with asyncio.timeout(5):
            assert await waiting == []
        assert watcher.ended
    with notices.watching(lambda _: True) as late:
        assert late.ended
        async with asyncio.timeout(5):
            assert await late.take(60) == []
