"""Changes reach clients: a modern client's listen stream, a legacy session's own stream."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client
from mcp.server.subscriptions import (
    PromptsListChanged,
    ResourcesListChanged,
    ResourceUpdated,
    ToolsListChanged,
)

from gateway.app import Gateway, build
from gateway.settings import GatewaySettings
from registry.local import FileSource
from tests.support.gateway import Running, entry, gateway, ready
from tests.support.library import Library, library_app
from tests.support.serving import serving
from tests.support.wire import legacy, modern, opened, sent, streaming

SUBSCRIPTION = "io.modelcontextprotocol/subscriptionId"
EVERYTHING = {
    "toolsListChanged": True,
    "promptsListChanged": True,
    "resourcesListChanged": True,
}


@pytest.fixture
def docs() -> Library:
    return Library("docs", prompts={"p": "P"}, resources={"docs://one": "first"})


@pytest.fixture
def wiki() -> Library:
    return Library("wiki", prompts={"p": "P"}, resources={"docs://one": "other"})


@pytest.fixture
async def fleet(tmp_path: Path, docs: Library, wiki: Library) -> AsyncGenerator[Running]:
    async with (
        serving(library_app(docs)) as one,
        serving(library_app(wiki)) as other,
        gateway(
            tmp_path,
            [
                entry("docs", f"{one}/mcp", capabilities=[]),
                entry("wiki", f"{other}/mcp", capabilities=[]),
            ],
        ) as running,
    ):
        await told(docs)
        await told(wiki)
        yield running


async def told(library: Library) -> None:
    """Return once the gateway listens to *library*."""
    async with asyncio.timeout(5):
        while "subscriptions/listen" not in library.asked and not library.bus._listeners:  # noqa: SLF001, ASYNC110 -- the SDK tells nobody
            await asyncio.sleep(0.01)  # noqa: TID251 -- until it has been asked


@contextlib.asynccontextmanager
async def listening(
    running: Running, path: str, **wanted: Any
) -> AsyncGenerator[tuple[dict[str, Any], AsyncGenerator[dict[str, Any]]]]:
    """Yield what the gateway agreed to tell, and the stream of what it tells."""
    request = modern("subscriptions/listen", {"notifications": wanted})
    async with asyncio.timeout(10), streaming(running.http, path, request) as messages:
        first = await anext(messages)
        assert first["method"] == "notifications/subscriptions/acknowledged"
        assert first["params"]["_meta"][SUBSCRIPTION] == request[0]["id"]
        yield first["params"]["notifications"], messages


async def test_a_listener_is_told_of_what_it_asked_for_and_of_nothing_else(
    fleet: Running, docs: Library
) -> None:
    asked = {"promptsListChanged": True, "toolsListChanged": False}
    async with listening(fleet, "/mcp/servers/docs", **asked) as (agreed, messages):
        assert agreed == {"promptsListChanged": True}
        await docs.changed(ToolsListChanged())
        await docs.changed(ResourcesListChanged())
        await docs.changed(PromptsListChanged())
        heard = await anext(messages)
    assert heard["method"] == "notifications/prompts/list_changed"
    assert heard["params"]["_meta"][SUBSCRIPTION] is not None


@pytest.mark.parametrize("path", ["/mcp/servers/docs", "/mcp/all"])
async def test_the_list_is_already_new_when_its_change_is_told(
    fleet: Running, docs: Library, path: str
) -> None:
    async with listening(fleet, path, toolsListChanged=True) as (_, messages):
        docs.tools.append("fresh")
        await docs.changed(ToolsListChanged())
        heard = await anext(messages)
        assert heard["method"] == "notifications/tools/list_changed"
        listed = await sent(fleet.http, path, modern("tools/list"))
        assert "fresh" in listed["result"]["tools"][2]["name"]


async def test_a_burst_of_changes_is_told_once_and_read_once(fleet: Running, docs: Library) -> None:
    async with listening(fleet, "/mcp/all", **EVERYTHING) as (_, messages):
        docs.asked.clear()
        for number in range(50):
            docs.tools.append(f"tool{number}")
            await docs.changed(ToolsListChanged())
        await anext(messages)
        assert docs.asked.count("prompts/list") <= 2
        await docs.changed(PromptsListChanged())
        while (heard := await anext(messages))["method"] != "notifications/prompts/list_changed":
            assert heard["method"] == "notifications/tools/list_changed"


async def test_the_fleets_own_tools_do_not_change_with_a_servers(
    fleet: Running, docs: Library
) -> None:
    async with listening(fleet, "/mcp", **EVERYTHING) as (agreed, messages):
        assert agreed == {"promptsListChanged": True, "resourcesListChanged": True}
        await docs.changed(ToolsListChanged())
        await docs.changed(ResourcesListChanged())
        assert (await anext(messages))["method"] == "notifications/resources/list_changed"


async def test_a_watched_resource_is_told_of_by_the_uri_it_was_watched_by(
    fleet: Running, docs: Library, wiki: Library
) -> None:
    uris = ["docs://one", "docs://~wiki~one", "nobody://x"]
    async with listening(fleet, "/mcp/all", resourceSubscriptions=uris) as (agreed, messages):
        assert agreed == {"resourceSubscriptions": uris[:2]}
        await wiki.changed(ResourceUpdated("docs://one"))
        heard = await anext(messages)
        assert heard["method"] == "notifications/resources/updated"
        assert heard["params"]["uri"] == "docs://~wiki~one"
        await docs.changed(ResourceUpdated("docs://one"))
        assert (await anext(messages))["params"]["uri"] == "docs://one"


async def test_each_listener_hears_of_its_own_resources(fleet: Running, docs: Library) -> None:
    docs.resources["docs://two"] = "second"
    path = "/mcp/servers/docs"
    async with (
        listening(fleet, path, resourceSubscriptions=["docs://one"]) as (_, first),
        listening(fleet, path, resourceSubscriptions=["docs://two"]) as (_, second),
    ):
        await docs.changed(ResourceUpdated("docs://one"))
        await docs.changed(ResourceUpdated("docs://two"))
        assert (await anext(first))["params"]["uri"] == "docs://one"
        assert (await anext(second))["params"]["uri"] == "docs://two"


async def test_the_sdks_client_listens_through_the_gateway(fleet: Running, docs: Library) -> None:
    async with (
        asyncio.timeout(10),
        Client(f"{fleet.mcp}/servers/docs") as client,
        client.listen(tools_list_changed=True, resource_subscriptions=["docs://one"]) as events,
    ):
        await docs.changed(ResourceUpdated("docs://one"))
        assert await anext(events) == ResourceUpdated(uri="docs://one")


@pytest.mark.parametrize("given", [None, [], {"resourceSubscriptions": "x"}])
async def test_a_filter_that_is_none_is_refused(fleet: Running, given: Any) -> None:
    request = modern("subscriptions/listen", {"notifications": given})
    assert (await sent(fleet.http, "/mcp", request))["error"]["code"] == -32602


async def test_a_legacy_session_hears_of_lists_and_of_what_it_subscribed_to(
    fleet: Running, docs: Library
) -> None:
    path = "/mcp/servers/docs"
    session = await opened(fleet.http, path)
    watching = legacy("resources/subscribe", {"uri": "docs://one"}, session=session)
    assert (await sent(fleet.http, path, watching))["result"] == {}
    async with asyncio.timeout(10), streaming(fleet.http, path, session=session) as messages:
        docs.tools.append("fresh")
        await docs.changed(ToolsListChanged())
        assert await anext(messages) == {
            "jsonrpc": "2.0",
            "method": "notifications/tools/list_changed",
            "params": {},
        }
        await docs.changed(ResourceUpdated("docs://one"))
        assert (await anext(messages))["params"] == {"uri": "docs://one"}
        stopping = legacy("resources/unsubscribe", {"uri": "docs://one"}, session=session)
        assert (await sent(fleet.http, path, stopping))["result"] == {}
        await docs.changed(ResourceUpdated("docs://one"))
        await docs.changed(PromptsListChanged())
        assert (await anext(messages))["method"] == "notifications/prompts/list_changed"


async def test_a_session_that_comes_back_finds_its_subscriptions_and_the_old_stream_ends(
    fleet: Running, docs: Library
) -> None:
    session = await opened(fleet.http, "/mcp/all")
    async with asyncio.timeout(10):
        async with streaming(fleet.http, "/mcp/all", session=session) as first:
            watching = legacy("resources/subscribe", {"uri": "docs://one"}, session=session)
            assert (await sent(fleet.http, "/mcp/all", watching))["result"] == {}
            async with streaming(fleet.http, "/mcp/all", session=session) as second:
                assert [message async for message in first] == []
                await docs.changed(ResourceUpdated("docs://one"))
                assert (await anext(second))["params"]["uri"] == "docs://one"


async def test_ending_the_session_ends_its_stream(fleet: Running) -> None:
    session = await opened(fleet.http, "/mcp/all")
    async with asyncio.timeout(10):
        async with streaming(fleet.http, "/mcp/all", session=session) as messages:
            headers = {"mcp-session-id": session}
            ended = await fleet.http.delete("/mcp/all", headers=headers)
            assert ended.status_code == 204
            assert [message async for message in messages] == []
        again = await fleet.http.delete("/mcp/all", headers=headers)
        assert again.status_code == 404


async def test_a_stream_needs_a_session_that_is_known(fleet: Running) -> None:
    accept = {"accept": "text/event-stream"}
    assert (await fleet.http.get("/mcp", headers=accept)).status_code == 405
    unknown = {**accept, "mcp-session-id": "2025-11-25.x.y"}
    assert (await fleet.http.get("/mcp", headers=unknown)).status_code == 404
    session = await opened(fleet.http, "/mcp")
    wrong = {"accept": "application/json", "mcp-session-id": session}
    assert (await fleet.http.get("/mcp", headers=wrong)).status_code == 406


async def test_what_cannot_be_watched_is_refused(tmp_path: Path, fleet: Running) -> None:
    session = await opened(fleet.http, "/mcp/all")
    unknown = legacy("resources/subscribe", {"uri": "nobody://x"}, session=session)
    assert (await sent(fleet.http, "/mcp/all", unknown))["error"]["code"] == -32002
    stateless = legacy("resources/subscribe", {"uri": "docs://one"})
    refused = await sent(fleet.http, "/mcp/all", stateless)
    assert "initialize first" in refused["error"]["message"]
    async with serving(library_app(Library("bare"))) as url:
        servers = [entry("bare", f"{url}/mcp", capabilities=[])]
        (tmp_path / "bare").mkdir()
        async with gateway(tmp_path / "bare", servers) as running:
            session = await opened(running.http, "/mcp/all")
            asked = legacy("resources/subscribe", {"uri": "docs://one"}, session=session)
            assert (await sent(running.http, "/mcp/all", asked))["error"]["code"] == -32601


async def test_a_server_that_comes_back_is_listened_to_again_and_what_may_be_missed_is_told(
    tmp_path: Path, docs: Library
) -> None:
    async with contextlib.AsyncExitStack() as stack:
        away = await stack.enter_async_context(contextlib.AsyncExitStack())
        url = await away.enter_async_context(serving(library_app(docs)))
        servers = [entry("docs", f"{url}/mcp", capabilities=[])]
        running = await stack.enter_async_context(gateway(tmp_path, servers))
        asked = {"toolsListChanged": True, "resourceSubscriptions": ["docs://one"]}
        agreed, messages = await stack.enter_async_context(
            listening(running, "/mcp/servers/docs", **asked)
        )
        assert agreed == asked
        await away.aclose()
        await running.until("docs", "DOWN")
        docs.tools.append("fresh")
        port = int(url.rpartition(":")[2])
        await stack.enter_async_context(serving(library_app(docs), port=port))
        heard = {(await anext(messages))["method"] for _ in range(2)}
        assert heard == {"notifications/tools/list_changed", "notifications/resources/updated"}


async def test_a_server_that_goes_from_the_registry_ends_its_listeners_in_order(
    fleet: Running,
) -> None:
    async with (
        listening(fleet, "/mcp/servers/wiki", toolsListChanged=True) as (_, messages),
        listening(fleet, "/mcp/all", resourcesListChanged=True) as (__, others),
    ):
        text = fleet.file.read_text(encoding="utf-8")
        fleet.file.write_text(text[: text.index("- name: wiki")], encoding="utf-8")
        last = await anext(messages)
        assert last["result"]["resultType"] == "complete"
        assert last["result"]["_meta"][SUBSCRIPTION] == last["id"]
        assert (await anext(others))["method"] == "notifications/resources/list_changed"


async def test_a_gateway_that_drains_ends_its_streams_in_order(
    tmp_path: Path, docs: Library
) -> None:
    async with serving(library_app(docs)) as url, asyncio.timeout(15):
        async with gateway(tmp_path, [entry("docs", f"{url}/mcp", capabilities=[])]) as running:
            file = running.file
        app: Gateway = build(GatewaySettings(), FileSource(file))
        async with serving(app) as base, httpx2.AsyncClient(base_url=base) as http:
            await ready(http)
            running = Running(base, file, http)
            session = await opened(http, "/mcp")
            async with (
                listening(running, "/mcp", **EVERYTHING) as (_, messages),
                streaming(http, "/mcp", session=session) as older,
            ):
                app.readiness.draining = True
                assert (await anext(messages))["result"]["resultType"] == "complete"
                assert [message async for message in older] == []
