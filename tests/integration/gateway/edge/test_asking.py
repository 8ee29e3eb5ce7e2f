"""A modern server's questions, put to a legacy client on its own request's stream."""

import asyncio
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import httpx2
import mcp_types as types
import orjson
import pytest
from mcp import Client

from gateway.edge.asking import capabilities, letters
from gateway.settings import GatewaySettings
from tests.conformance.everything import app
from tests.support.gateway import Running, entry, gateway
from tests.support.serving import serving

URL = "/mcp/servers/everything"
ASK = "test_input_required_result_elicitation"


@pytest.fixture
async def fleet(tmp_path: Path) -> AsyncGenerator[Running]:
    settings = GatewaySettings(ask_seconds=0.5)
    async with (
        serving(app()) as url,
        gateway(tmp_path, [entry("everything", f"{url}/mcp")], settings) as running,
    ):
        yield running


async def fill(_: Any, params: Any) -> types.ElicitResult:
    """Answer every field, with Ann where it is text."""
    fields = params.requested_schema["properties"]
    content = {name: "Ann" if each["type"] == "string" else True for name, each in fields.items()}
    return types.ElicitResult(action="accept", content=content)


async def sample(_: Any, params: Any) -> types.CreateMessageResult:
    del params
    text = types.TextContent(type="text", text="Paris")
    return types.CreateMessageResult(role="assistant", content=text, model="test")


async def roots(_: Any) -> types.ListRootsResult:
    return types.ListRootsResult(roots=[types.Root(uri="file:///work", name="work")])


def client(fleet: Running, **callbacks: Any) -> Client:
    return Client(fleet.url + URL, mode="legacy", **callbacks)


def text(result: types.CallToolResult) -> str:
    return " ".join(part.text for part in result.content if isinstance(part, types.TextContent))


async def test_a_form_is_filled_in_by_the_legacy_client(fleet: Running) -> None:
    async with asyncio.timeout(10), client(fleet, elicitation_callback=fill) as connected:
        result = await connected.call_tool(ASK, {})
    assert not result.is_error
    assert "Ann" in text(result)


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        ("test_input_required_result_sampling", "Paris"),
        ("test_input_required_result_list_roots", "file:///work"),
        ("test_input_required_result_request_state", "state-ok"),
        ("test_input_required_result_multiple_inputs", "All three"),
        ("test_input_required_result_multi_round", "Ann likes Ann"),
        ("test_input_required_result_capabilities", "Answered"),
    ],
)
async def test_every_kind_of_question_and_several_rounds(
    fleet: Running, tool: str, words: str
) -> None:
    callbacks = {
        "elicitation_callback": fill,
        "sampling_callback": sample,
        "list_roots_callback": roots,
    }
    async with asyncio.timeout(10), client(fleet, **callbacks) as connected:
        result = await connected.call_tool(tool, {})
    assert not result.is_error, text(result)
    assert words in text(result)


async def test_a_prompt_asks_too(fleet: Running) -> None:
    async with asyncio.timeout(10), client(fleet, elicitation_callback=fill) as connected:
        result = await connected.get_prompt("test_input_required_result_prompt")
    assert result.messages


async def test_a_client_that_cannot_be_asked_is_told_so(fleet: Running) -> None:
    async with asyncio.timeout(10), client(fleet) as connected:
        result = await connected.call_tool(ASK, {})
    assert result.is_error


async def test_a_client_that_refuses_ends_the_call_clearly(fleet: Running) -> None:
    async def refuse(_: Any, params: Any) -> types.ErrorData:
        del params
        return types.ErrorData(code=-32000, message="not today")

    async with asyncio.timeout(10), client(fleet, elicitation_callback=refuse) as connected:
        result = await connected.call_tool(ASK, {})
    assert result.is_error
    assert "not today" in text(result)


class Session:
    """A legacy session over plain HTTP."""

    def __init__(self, http: httpx2.AsyncClient, name: str) -> None:
        self.http = http
        self.headers = {"mcp-session-id": name, "mcp-protocol-version": "2025-11-25"}

    @classmethod
    async def opened(cls, http: httpx2.AsyncClient) -> "Session":
        params = {"protocolVersion": "2025-11-25", "capabilities": {"elicitation": {}}}
        body = {"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}
        answer = await http.post(URL, json=body)
        return cls(http, answer.headers["mcp-session-id"])

    async def post(self, body: dict[str, Any]) -> httpx2.Response:
        return await self.http.post(URL, json={"jsonrpc": "2.0", **body}, headers=self.headers)

    def asking(self) -> Any:
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": ASK}}
        return self.http.stream("POST", URL, json=body, headers=self.headers)


async def next_event(lines: Any) -> dict[str, Any]:
    async for line in lines:
        if line.startswith("data: "):
            event: dict[str, Any] = orjson.loads(line.removeprefix("data: "))
            return event
    raise AssertionError("the stream ended")


async def test_an_answer_counts_only_in_the_session_that_was_asked(fleet: Running) -> None:
    mine, other = [await Session.opened(fleet.http) for _ in range(2)]
    async with asyncio.timeout(10), mine.asking() as stream:
        lines = stream.aiter_lines()
        question = await next_event(lines)
        assert question["method"] == "elicitation/create"
        forged = {"action": "accept", "content": {"name": "Mallory"}}
        assert (await other.post({"id": question["id"], "result": forged})).status_code == 202
        real = {"action": "accept", "content": {"name": "Ann"}}
        assert (await mine.post({"id": question["id"], "result": real})).status_code == 202
        answer = await next_event(lines)
    assert "Ann" in str(answer["result"])
    assert "Mallory" not in str(answer)


async def test_a_user_who_does_not_answer_is_not_waited_for_for_ever(fleet: Running) -> None:
    session = await Session.opened(fleet.http)
    async with asyncio.timeout(10), session.asking() as stream:
        lines = stream.aiter_lines()
        await next_event(lines)
        answer = await next_event(lines)
    assert answer["result"]["isError"] is True
    assert "within 0.5 s" in str(answer["result"]["content"])


async def test_an_answer_without_a_session_is_refused(fleet: Running) -> None:
    body = {"jsonrpc": "2.0", "id": "x", "result": {}}
    answer = await fleet.http.post(URL, json=body)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("given", "short", "meant"),
    [
        (None, "", {}),
        ({}, "", {}),
        ({"elicitation": {}}, "e", {"elicitation": {"form": {}}}),
        ({"elicitation": {"url": {}}}, "u", {"elicitation": {"url": {}}}),
        (
            {"elicitation": {"form": {}, "url": {}}, "roots": {"listChanged": True}},
            "eur",
            {"elicitation": {"form": {}, "url": {}}, "roots": {}},
        ),
        ({"sampling": {"tools": {}}}, "st", {"sampling": {"tools": {}}}),
        ({"sampling": True, "other": {}}, "", {}),
    ],
)
def test_what_a_client_can_be_asked_fits_into_its_session(
    given: Any, short: str, meant: dict[str, Any]
) -> None:
    assert letters(given) == short
    assert capabilities(short) == meant
