"""Servers behind a URL, asked in whatever era they speak: the SDK's own are the peers."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import pytest
from starlette.types import ASGIApp

from gateway.upstream.either import EitherEra
from gateway.upstream.http1 import Pool
from gateway.upstream.replies import Json, RpcError
from tests.support.mcp_server import legacy_only
from tests.support.serving import serving
from tests.support.talker import TOOLS, Talker, talker_http, talker_sse

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated as of 2026-07-28")  # legacy peers
KINDS = ("modern", "legacy", "legacy-json", "sse")


def app(kind: str, talker: Talker) -> ASGIApp:
    match kind:
        case "modern":
            return talker_http(talker)
        case "sse":
            return talker_sse(talker)
        case _:
            return legacy_only(talker_http(talker, json=kind == "legacy-json"))


@contextlib.asynccontextmanager
async def linked(application: ASGIApp, **more: Any) -> AsyncGenerator[EitherEra]:
    async with serving(application) as url:
        link = EitherEra("peer", Pool(f"{url}/mcp", 1 << 20), **more)
        try:
            async with asyncio.timeout(10):
                yield link
        finally:
            await link.close()


async def called(link: EitherEra, tool: str, seconds: float = 5, **more: Any) -> Json:
    arguments = {key: more.pop(key) for key in ("words", "count", "name") if key in more}
    params = {"name": tool, "arguments": arguments}
    return await link.ask("tools/call", params, seconds=seconds, **more)


@pytest.mark.parametrize("kind", KINDS)
async def test_tools_are_listed_and_called_alike_whatever_the_era(kind: str) -> None:
    async with linked(app(kind, Talker())) as link:
        listed = await link.ask("tools/list", {}, seconds=5)
        assert [tool["name"] for tool in listed["tools"]] == list(TOOLS)
        assert (listed["resultType"], listed["cacheScope"]) == ("complete", "private")
        assert listed["ttlMs"] == 0
        result = await called(link, "echo", words="hé 🦊")
        assert result["structuredContent"] == {"words": "hé 🦊"}
        assert result["resultType"] == "complete"


@pytest.mark.parametrize("kind", KINDS)
async def test_what_a_server_says_of_itself_is_told_in_the_modern_form(kind: str) -> None:
    async with linked(app(kind, Talker())) as link:
        said = await link.ask("server/discover", {}, seconds=5)
    version = "2026-07-28" if kind == "modern" else "2025-11-25"
    assert version in said["supportedVersions"]
    assert said["instructions"] == "Talk."
    assert "tools" in said["capabilities"]
    assert said["_meta"]["io.modelcontextprotocol/serverInfo"]["name"] == "talker"


@pytest.mark.parametrize("kind", ["modern", "legacy", "sse"])
async def test_progress_of_calls_with_equal_tokens_reaches_its_own_caller(kind: str) -> None:
    seen: dict[str, list[Json]] = {"a": [], "b": []}

    async def steps(link: EitherEra, caller: str, count: int) -> None:
        async def notify(message: Json) -> None:
            seen[caller].append(message["params"])

        await called(link, "steps", count=count, meta={"progressToken": "t"}, notify=notify)

    async with linked(app(kind, Talker())) as link:
        await asyncio.gather(steps(link, "a", 3), steps(link, "b", 2))
    assert [each["progress"] for each in seen["a"]] == [1, 2, 3]
    assert [each["total"] for each in seen["b"]] == [2, 2]
    assert {each["progressToken"] for each in seen["a"] + seen["b"]} == {"t"}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_caller_that_gives_up_cancels_the_servers_work(kind: str) -> None:
    talker = Talker()
    async with linked(app(kind, talker)) as link:
        call = asyncio.create_task(called(link, "hold"))
        await talker.began.wait()
        call.cancel()
        await talker.cancelled.wait()
        assert (await called(link, "echo", words="on"))["structuredContent"] == {"words": "on"}


@pytest.mark.parametrize("kind", ["legacy", "modern"])
async def test_log_messages_come_only_to_who_asked_and_from_its_level_on(kind: str) -> None:
    seen: list[Json] = []

    async def notify(message: Json) -> None:
        seen.append(message)

    async with linked(app(kind, Talker())) as link:
        await called(link, "note", notify=notify)
        assert seen == []
        meta = {"io.modelcontextprotocol/logLevel": "info"}
        await called(link, "note", notify=notify, meta=meta)
    assert [each["params"]["data"] for each in seen] == ["a warning"]


@pytest.mark.parametrize("kind", KINDS)
async def test_an_error_comes_in_todays_codes(kind: str) -> None:
    async with linked(app(kind, Talker())) as link:
        with pytest.raises(RpcError) as caught:
            await link.ask("resources/read", {"uri": "test://nothing"}, seconds=5)
    assert caught.value.code in ({-32602} if kind != "modern" else {-32602, -32002})


@pytest.mark.parametrize("kind", ["legacy", "legacy-json", "sse"])
async def test_a_servers_wish_that_nobody_can_grant_is_refused_and_not_left_waiting(
    kind: str,
) -> None:
    async with linked(app(kind, Talker())) as link:
        with pytest.raises(RpcError):
            await called(link, "wish")


@pytest.mark.parametrize("kind", ["legacy", "sse"])
async def test_a_list_that_changed_is_heard(kind: str) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()

    class Ear:
        async def notified(self, message: Json) -> None:
            await heard.put(message["method"])

        async def requested(self, message: Json) -> Json:
            raise RpcError(-32601, str(message))

    async with linked(app(kind, Talker()), listener=Ear()) as link:
        while heard.empty():  # the stream for it opens beside the first calls
            await called(link, "change", name="more")
        assert await heard.get() == "notifications/tools/list_changed"
