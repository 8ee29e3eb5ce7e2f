"""JSON-RPC messages on parsed JSON: reading one strictly, writing answers and errors."""

from dataclasses import dataclass
from typing import Any, Final

import orjson

from gateway.edge import limits

Json = dict[str, Any]

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
HEADER_MISMATCH: Final = -32020
MISSING_CAPABILITY: Final = -32021
UNSUPPORTED_VERSION: Final = -32022

HTTP_STATUS: Final = {
    PARSE_ERROR: 400,
    INVALID_REQUEST: 400,
    INVALID_PARAMS: 400,
    HEADER_MISMATCH: 400,
    MISSING_CAPABILITY: 400,
    UNSUPPORTED_VERSION: 400,
    METHOD_NOT_FOUND: 404,
}
"""The modern wire's statuses (2026-07-28, Streamable HTTP); others are 200."""


class Refused(Exception):
    """The message cannot be served.

    Args:
        code: JSON-RPC code.
        message: For the caller.
        data: What the code's definition adds.
        status: HTTP status; None: by the code.
    """

    def __init__(
        self, code: int, message: str, data: Any = None, *, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data
        self.status = HTTP_STATUS.get(code, 200) if status is None else status


@dataclass(frozen=True, slots=True)
class Message:
    """One request (``id`` is set) or notification."""

    method: str
    params: Json
    id: str | int | None

    @property
    def meta(self) -> Json:
        """The request's ``_meta``; empty when it has none."""
        meta = self.params.get("_meta")
        return meta if isinstance(meta, dict) else {}


@dataclass(frozen=True, slots=True)
class Answer:
    """A client's answer to a request of ours; only legacy sessions have any.

    Attributes:
        id: Of the request.
        result: What it answers; empty when it failed.
        error: Why it failed, if it did.
    """

    id: str | int
    result: Json
    error: Json | None


def read(body: bytes) -> Message | Answer:
    """Return the one message in *body*.

    Raises:
        Refused: it is no JSON, or no JSON-RPC request or notification.
    """
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(PARSE_ERROR, f"The body is not JSON: {error}") from error
    why = limits.wrong(body, parsed)
    if why:
        raise Refused(INVALID_REQUEST, why)
    if isinstance(parsed, list):
        raise Refused(INVALID_REQUEST, "Batches are not served: send one message a request")
    if not isinstance(parsed, dict) or parsed.get("jsonrpc") != "2.0":
        raise Refused(INVALID_REQUEST, "The body must be one JSON-RPC 2.0 request or notification")
    method, given_id = parsed.get("method"), parsed.get("id")
    if method is None and isinstance(given_id, str | int):
        result, failure = parsed.get("result"), parsed.get("error")
        if isinstance(result, dict) or isinstance(failure, dict):
            return Answer(given_id, result or {}, failure)
    if not isinstance(method, str):
        raise Refused(INVALID_REQUEST, "method must be a string")
    if "id" in parsed and (isinstance(given_id, bool) or not isinstance(given_id, str | int)):
        raise Refused(INVALID_REQUEST, "id must be a string or an integer")
    params = parsed.get("params", {})
    if not isinstance(params, dict):
        raise Refused(INVALID_PARAMS, "params must be an object")
    return Message(method, params, given_id)


def result(message_id: str | int | None, value: Json) -> bytes:
    """Return the answer to request *message_id*.

    Raises:
        Refused: *value* is nested deeper than can be written.
    """
    try:
        return orjson.dumps({"jsonrpc": "2.0", "id": message_id, "result": value})
    except orjson.JSONEncodeError as error:
        raise Refused(INTERNAL_ERROR, f"The answer cannot be written: {error}") from error


def error(message_id: str | int | None, refused: Refused) -> bytes:
    """Return the error answer to request *message_id*."""
    body: Json = {"code": refused.code, "message": refused.message}
    if refused.data is not None:
        body["data"] = refused.data
    return orjson.dumps({"jsonrpc": "2.0", "id": message_id, "error": body})
