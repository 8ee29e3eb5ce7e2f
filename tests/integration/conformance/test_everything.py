"""What the fixture server does beyond the suite's questions: changes reach who asked for them."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import mcp_types as types
import pytest
from mcp import Client, MCPError
from mcp.server.subscriptions import ResourceUpdated, ToolsListChanged

from tests.conformance.everything import app
from tests.support.serving import serving

WATCHED = "test://watched-resource"


@pytest.fixture
async def url() -> AsyncGenerator[str]:
    async with serving(app()) as base:
        yield f"{base}/mcp"


async def test_an_older_session_hears_what_another_client_changed(url: str) -> None:
    heard: set[str] = set()

    async def note(message: Any) -> None:
        heard.add(message.method)

    watch = types.SubscribeRequest(params=types.SubscribeRequestParams(uri=WATCHED))
    changes = {
        "test_trigger_tool_change": "notifications/tools/list_changed",
        "test_trigger_prompt_change": "notifications/prompts/list_changed",
        "test_trigger_resource_change": "notifications/resources/updated",
    }
    async with (
        asyncio.timeout(5),
        Client(url, mode="legacy", message_handler=note) as old,
        Client(url) as new,
    ):
        assert old.server_capabilities.tools == types.ToolsCapability(list_changed=True)
        await old.session.send_request(watch, types.EmptyResult)
        for tool, method in changes.items():
            while method not in heard:  # what comes before its stream is open is lost
                await new.call_tool(tool)


async def test_a_listen_stream_hears_what_an_older_client_changed(url: str) -> None:
    async with (
        asyncio.timeout(5),
        Client(url, mode="legacy") as old,
        Client(url) as new,
        new.listen(tools_list_changed=True, resource_subscriptions=[WATCHED]) as stream,
    ):
        await old.call_tool("test_trigger_prompt_change")
        await old.call_tool("test_trigger_tool_change")
        assert await anext(stream) == ToolsListChanged()
        assert not (await new.call_tool("test_extra_tool")).is_error
        await old.call_tool("test_trigger_resource_change")
        assert await anext(stream) == ResourceUpdated(WATCHED)


@pytest.mark.parametrize(("mode", "code"), [("legacy", -32002), ("auto", -32602)])
async def test_a_missing_resource_is_said_as_the_era_has_it(url: str, mode: Any, code: int) -> None:
    async with asyncio.timeout(5), Client(url, mode=mode) as client:
        with pytest.raises(MCPError) as refused:
            await client.read_resource("test://nothing")
    assert refused.value.error.code == code


@pytest.mark.parametrize(
    ("mode", "tool"),
    [("legacy", "test_input_required_result_elicitation"), ("auto", "test_sampling")],
)
async def test_what_an_era_cannot_do_fails_with_the_reason(url: str, mode: Any, tool: str) -> None:
    async with asyncio.timeout(5), Client(url, mode=mode) as client:
        answer = await client.call_tool(tool, {"prompt": "?"})
    assert answer.is_error
    assert isinstance(answer.content[0], types.TextContent)
    assert "which" in answer.content[0].text
