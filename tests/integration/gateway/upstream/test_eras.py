"""Which era is found out, what decides nothing, and what happens when a server changes."""

import asyncio
import contextlib
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.upstream.either import EitherEra
from gateway.upstream.http1 import Pool
from gateway.upstream.replies import BrokenOff, Json, Outage, RpcError
from kit.errors import RateLimited, Unauthenticated, Unavailable, Unsupported
from tests.support.clock import FakeClock
from tests.support.mcp_server import answering, guarded, legacy_only
from tests.support.oldest import Oldest
from tests.support.serving import dead_port, hanging, serving
from tests.support.talker import Talker, talker_http, talker_sse

pytestmark = pytest.mark.filterwarnings("ignore:.*deprecated as of 2026-07-28")  # legacy peers


class Swap:
    """An app that can be put in another's place."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.asked: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            self.asked.append(headers.get(b"mcp-method", scope["method"].encode()).decode())
        await self.app(scope, receive, send)


def link_to(url: str, **more: Any) -> EitherEra:
    return EitherEra("peer", Pool(f"{url}/mcp", 1 << 20), **more)


async def echoed(link: EitherEra, seconds: float = 5) -> Any:
    params = {"name": "echo", "arguments": {"words": "x"}}
    result = await link.ask("tools/call", params, seconds=seconds)
    return result["structuredContent"]["words"]


async def test_a_modern_server_is_asked_once_and_then_called_straight() -> None:
    app = talker_http(Talker())
    swap = Swap(app)
    async with app.router.lifespan_context(app), serving_only(swap) as url:
        link = link_to(url)
        assert list(await asyncio.gather(echoed(link), echoed(link))) == ["x", "x"]
        await link.close()
    assert swap.asked == ["server/discover", "tools/call", "tools/call"]


def serving_only(swap: Swap) -> Any:
    """Serve *swap* without its app's lifespan, which outlives a swap."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            assert (await receive())["type"] == "lifespan.startup"
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
        else:
            await swap(scope, receive, send)

    return serving(app)


UNKNOWN = {"code": -32022, "message": "no", "data": {"supported": ["2030-01-01"]}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "told"),
    [
        (401, {"error": "invalid_token"}, Unauthenticated, "refuses the gateway's credential"),
        (403, {"jsonrpc": "2.0"}, Unauthenticated, "refuses the gateway's credential"),
        (429, {}, RateLimited, "over its limit"),
        (503, {}, Outage, "is away, says what is before it"),
        (200, {"hello": 1}, Outage, "peer did not answer as an MCP server .200."),
        (404, {}, Unavailable, "did not answer as an MCP server .404."),
        (418, {}, Unavailable, "did not answer as an MCP server .418."),
        (400, {"jsonrpc": "2.0", "id": 1, "error": UNKNOWN}, Unsupported, "own: 2030-01-01"),
    ],
)
async def test_what_is_no_answer_of_an_era_is_told_as_what_it_is(
    status: int, body: Json, kind: type[Exception], told: str
) -> None:
    async with serving(answering(status, body)) as url:
        link = link_to(url)
        with pytest.raises(kind, match=told):
            await echoed(link)
        await link.close()


async def test_an_outage_decides_nothing() -> None:
    port = dead_port()
    link = link_to(f"http://127.0.0.1:{port}")
    with pytest.raises(Outage, match="connection refused"):
        await echoed(link)
    async with serving(legacy_only(talker_http(Talker())), port=port):
        assert await echoed(link) == "x"
        await link.close()


async def test_a_silent_server_is_an_outage_within_the_callers_time() -> None:
    async with hanging() as url:
        link = link_to(url)
        with pytest.raises(Outage, match="did not say in time what it speaks"):
            await echoed(link, seconds=0.2)
        await link.close()


async def test_the_servers_token_is_sent_in_every_era() -> None:
    for app in (talker_http(Talker()), legacy_only(talker_http(Talker())), talker_sse(Talker())):
        async with serving(guarded(app, "t0")) as url:
            link = link_to(url, token="t0")
            assert await echoed(link) == "x"
            await link.close()


async def test_a_restarted_server_has_lost_its_session_and_gets_the_call_again() -> None:
    talker = Talker()
    async with serving(legacy_only(talker_http(talker))) as url:
        link = link_to(url)
        assert await echoed(link) == "x"
    port = int(url.rpartition(":")[2])
    async with serving(legacy_only(talker_http(talker)), port=port):
        assert await asyncio.gather(*(echoed(link) for _ in range(5))) == ["x"] * 5
        await link.close()
    assert talker.calls == ["echo"] * 6


async def test_a_stream_that_was_lost_is_opened_again() -> None:
    server = Oldest()
    async with serving(server) as url:
        link = link_to(url)
        with pytest.raises(BrokenOff, match="peer ended its stream"):
            await link.ask("tools/call", {"name": "end", "arguments": {}}, seconds=5)
        assert await echoed(link) == "x"
        await link.close()
    assert [each["method"] for each in server.seen] == [
        *("initialize", "notifications/initialized", "tools/call"),
        *("initialize", "notifications/initialized", "tools/call"),
    ]


@pytest.mark.parametrize("endpoint", ["http://elsewhere.example/post", "//elsewhere.example/x"])
async def test_messages_and_credentials_go_to_no_other_origin(endpoint: str) -> None:
    async with serving(Oldest(endpoint=endpoint)) as url:
        link = link_to(url, token="t0")
        with pytest.raises(Unavailable, match="peer wants its messages at another origin"):
            await echoed(link)
        await link.close()


@pytest.mark.parametrize("to", ["legacy", "modern", "sse"])
async def test_a_server_that_changed_its_era_is_found_out_anew(to: str) -> None:
    clock = FakeClock()
    clock.advance(100)
    modern, old = talker_http(Talker()), talker_http(Talker())
    apps: dict[str, ASGIApp] = {
        "modern": modern_only(modern),
        "legacy": legacy_only(old),
        "sse": talker_sse(Talker()),
    }
    begin = "legacy" if to == "modern" else "modern"
    swap = Swap(apps[begin])
    async with (
        modern.router.lifespan_context(modern),
        old.router.lifespan_context(old),
        serving_only(swap) as url,
    ):
        link = link_to(url, clock=clock)
        assert await echoed(link) == "x"
        swap.app = apps[to]
        clock.advance(10)
        with contextlib.suppress(BrokenOff, Unavailable):  # it may have been done: asked once
            assert await echoed(link) == "x"
        assert await echoed(link) == "x"
        await link.close()


def modern_only(app: ASGIApp) -> ASGIApp:
    """Return *app* as a server that has forgotten the handshake."""
    error = {"code": -32022, "message": "no", "data": {"supported": ["2026-07-28"]}}
    refused = answering(400, {"jsonrpc": "2.0", "id": None, "error": error})

    async def shim(scope: Scope, receive: Receive, send: Send) -> None:
        modern = dict(scope["headers"]).get(b"mcp-protocol-version", b"") >= b"2026"
        await (app if modern else refused)(scope, receive, send)

    return shim


async def test_a_method_that_a_server_lacks_raises_no_doubt_each_time() -> None:
    app = talker_http(Talker())
    swap = Swap(app)
    async with app.router.lifespan_context(app), serving_only(swap) as url:
        clock = FakeClock()
        link = link_to(url, clock=clock)
        for seconds in (10, 1, 1):
            clock.advance(seconds)
            with pytest.raises(RpcError) as caught:
                await link.ask("prompts/list", {}, seconds=5)
            assert caught.value.code == -32601
        await link.close()
    assert swap.asked.count("server/discover") == 1
    assert swap.asked.count("prompts/list") == 3


async def test_a_server_of_an_older_revision_is_spoken_to_in_it() -> None:
    seen: list[tuple[str, str | None]] = []
    app = older("2025-03-26", seen)
    async with serving(app) as url:
        link = link_to(url)
        said = await link.ask("server/discover", {}, seconds=5)
        assert said["supportedVersions"] == ["2025-03-26"]
        assert await link.ask("tools/list", {}, seconds=5) == {
            "tools": [],
            "resultType": "complete",
            "ttlMs": 0,
            "cacheScope": "private",
        }
        await link.close()
    assert ("tools/list", None) in seen, "2025-03-26 knows no version header"


@pytest.mark.parametrize("version", ["2024-10-07", "2031-01-01", None])
async def test_a_revision_that_nobody_knows_is_named(version: str | None) -> None:
    async with serving(older(version, [])) as url:
        link = link_to(url)
        with pytest.raises(Unsupported, match=f"peer speaks MCP {version!r}"):
            await echoed(link)
        await link.close()


def older(version: str | None, seen: list[tuple[str, str | None]]) -> ASGIApp:
    """Return a server without sessions that answers in batches, as 2025-03-26 allows."""
    from starlette.requests import Request  # noqa: PLC0415 -- beside its use
    from starlette.responses import JSONResponse, Response  # noqa: PLC0415 -- beside its use

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if request.method != "POST":
            await Response(status_code=405)(scope, receive, send)
            return
        message: Json = await request.json()
        method = message["method"]
        seen.append((method, request.headers.get("mcp-protocol-version")))
        body: Json = {"jsonrpc": "2.0", "id": message.get("id")}
        if "id" not in message:
            await Response(status_code=202)(scope, receive, send)
            return
        match method:
            case "initialize":
                body["result"] = {"protocolVersion": version, "capabilities": {"tools": {}}}
            case "tools/list":
                body["result"] = {"tools": []}
            case _:
                body["error"] = {"code": -32601, "message": "Method not found"}
        await JSONResponse([body])(scope, receive, send)

    return app
