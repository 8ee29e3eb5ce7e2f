"""Reading one message strictly."""

import orjson
import pytest

from gateway.edge import jsonrpc
from gateway.edge.jsonrpc import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    PARSE_ERROR,
    Answer,
    Message,
    Refused,
)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", PARSE_ERROR),
        (b"{", PARSE_ERROR),
        (b'{"a": NaN}', PARSE_ERROR),
        (b"[]", INVALID_REQUEST),
        (b"1", INVALID_REQUEST),
        (b'{"method": "ping", "id": 1}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": null, "method": "ping"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": true, "method": "ping"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', INVALID_REQUEST),
        (b'{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": []}', INVALID_PARAMS),
    ],
)
def test_what_is_no_message_is_refused_with_the_right_code(body: bytes, code: int) -> None:
    with pytest.raises(Refused) as refused:
        jsonrpc.read(body)
    assert refused.value.code == code
    assert refused.value.status == 400


def message(body: bytes) -> Message:
    read = jsonrpc.read(body)
    assert isinstance(read, Message)
    return read


def test_a_request_and_a_notification_are_told_apart_by_the_id() -> None:
    request = message(b'{"jsonrpc": "2.0", "id": "a", "method": "ping"}')
    assert (request.id, request.params, request.meta) == ("a", {}, {})
    assert message(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}').id is None


def test_a_clients_answer_is_no_request() -> None:
    good = jsonrpc.read(b'{"jsonrpc": "2.0", "id": "x", "result": {"a": 1}}')
    bad = jsonrpc.read(b'{"jsonrpc": "2.0", "id": 7, "error": {"code": -1, "message": "no"}}')
    assert good == Answer("x", {"a": 1}, None)
    assert bad == Answer(7, {}, {"code": -1, "message": "no"})


def test_an_error_carries_the_requests_id_and_its_data() -> None:
    body = jsonrpc.error(7, Refused(-32022, "no", {"supported": []}))
    assert orjson.loads(body) == {
        "jsonrpc": "2.0",
        "id": 7,
        "error": {"code": -32022, "message": "no", "data": {"supported": []}},
    }


def test_an_answer_that_is_nested_too_deep_to_be_written_is_an_error() -> None:
    deep: dict[str, object] = {}
    for _ in range(300):
        deep = {"a": deep}
    with pytest.raises(Refused, match="cannot be written"):
        jsonrpc.result(1, deep)


def test_a_request_whose_keys_are_not_told_apart_is_refused() -> None:
    with pytest.raises(Refused, match="'method' twice") as refused:
        jsonrpc.read(b'{"jsonrpc":"2.0","method":"ping","id":1,"method":"initialize"}')
    assert refused.value.code == INVALID_REQUEST
