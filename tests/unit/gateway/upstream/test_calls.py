import asyncio

import pytest

from gateway.upstream.calls import Call, Calls, answered, cancellation
from gateway.upstream.link import Deaf
from gateway.upstream.replies import BrokenOff, Json, RpcError


class Desk:
    """Calls whose notifications and answers to the server are kept."""

    def __init__(self) -> None:
        self.told: list[Json] = []
        self.replied: asyncio.Queue[Json] = asyncio.Queue()
        self.heard: list[Json] = []
        self.calls = Calls("peer", self, self.replied.put)

    async def notify(self, message: Json) -> None:
        self.told.append(message)

    async def notified(self, message: Json) -> None:
        self.heard.append(message)

    async def requested(self, message: Json) -> Json:
        if message["method"] == "roots/list":
            return {"roots": []}
        return await Deaf().requested(message)


def progress(token: object) -> Json:
    return {"method": "notifications/progress", "params": {"progressToken": token, "progress": 1}}


def logged(level: str) -> Json:
    return {"method": "notifications/message", "params": {"level": level, "data": "x"}}


async def test_equal_tokens_of_two_callers_are_told_apart() -> None:
    desk = Desk()
    one = desk.calls.begin({"progressToken": "t"}, desk.notify)
    two = desk.calls.begin({"progressToken": 5}, desk.notify)
    meta = {"progressToken": "t", "traceparent": "00-1"}
    sent = one.request("tools/call", {"name": "x"}, meta)
    assert sent["params"]["_meta"] == {"progressToken": one.id, "traceparent": "00-1"}
    for call in (two, one):
        await desk.calls.hear(progress(call.id))
    assert [each["params"]["progressToken"] for each in desk.told] == [5, "t"]


async def test_progress_of_a_call_that_ended_or_never_was_reaches_nobody() -> None:
    desk = Desk()
    call = desk.calls.begin({"progressToken": "t"}, desk.notify)
    silent = desk.calls.begin({}, desk.notify)
    desk.calls.end(call)
    for token in (call.id, silent.id, 99, "t", None):
        await desk.calls.hear(progress(token))
    assert desk.told == desk.heard == []


@pytest.mark.parametrize(
    ("wanted", "level", "comes"),
    [
        (None, "error", False),
        ("info", "debug", False),
        ("info", "info", True),
        ("info", "emergency", True),
        ("loud", "error", False),
        ("info", "loud", False),
    ],
)
async def test_log_messages_come_from_the_level_that_was_asked_for(
    wanted: str | None, level: str, *, comes: bool
) -> None:
    desk = Desk()
    meta = {} if wanted is None else {"io.modelcontextprotocol/logLevel": wanted}
    call = desk.calls.begin(meta, desk.notify)
    await desk.calls.hear(logged(level), call)
    assert (desk.told == [logged(level)]) is comes


async def test_what_belongs_to_no_call_goes_to_the_listener() -> None:
    desk = Desk()
    call = desk.calls.begin({"io.modelcontextprotocol/logLevel": "debug"}, desk.notify)
    changed = {"method": "notifications/tools/list_changed"}
    await desk.calls.hear(changed, call)
    await desk.calls.hear(logged("error"))
    assert desk.heard == [changed, logged("error")]
    assert desk.told == []


@pytest.mark.parametrize(
    ("method", "answer"),
    [
        ("ping", {"result": {}}),
        ("roots/list", {"result": {"roots": []}}),
        (
            "elicitation/create",
            {"error": {"code": -32601, "message": "elicitation/create is not served here"}},
        ),
    ],
)
async def test_a_servers_request_gets_its_answer(method: str, answer: Json) -> None:
    desk = Desk()
    await desk.calls.hear({"jsonrpc": "2.0", "id": "s1", "method": method})
    async with asyncio.timeout(5):
        assert await desk.replied.get() == {"jsonrpc": "2.0", "id": "s1", **answer}


def test_an_answer_is_a_result_or_the_servers_error() -> None:
    assert answered("peer", {"result": {"a": 1}}) == {"a": 1}
    with pytest.raises(RpcError) as caught:
        answered("peer", {"error": {"code": -1, "message": "no", "data": [1]}})
    assert (caught.value.code, caught.value.message, caught.value.data) == (-1, "no", [1])
    with pytest.raises(RpcError) as caught:
        answered("peer", {"error": {"code": "x"}})
    assert caught.value.code == -32603
    with pytest.raises(BrokenOff, match="neither result nor error"):
        answered("peer", {"result": 7})


def test_a_cancellation_names_the_call() -> None:
    assert cancellation(Call(7), "gone")["params"] == {"requestId": 7, "reason": "gone"}
