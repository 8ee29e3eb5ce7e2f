"""A minimal raw-ASGI MCP server (2026-07-28): the same peer for every way that is measured.

``python -m tests.bench.upstream PORT``
"""

import sys
from typing import Any

import orjson
import uvicorn

TOOL = {
    "name": "echo",
    "description": "Say it back.",
    "inputSchema": {"type": "object", "properties": {"words": {"type": "string"}}},
    "annotations": {"readOnlyHint": True},
}
HEADERS = [(b"content-type", b"application/json")]


def result(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """Return the result of one request."""
    if method == "tools/call":
        words = params.get("arguments", {}).get("words", "")
        return {
            "resultType": "complete",
            "content": [{"type": "text", "text": words}],
            "structuredContent": {"words": words},
        }
    if method == "tools/list":
        return {"resultType": "complete", "tools": [TOOL], "ttlMs": 60_000, "cacheScope": "public"}
    return {
        "resultType": "complete",
        "supportedVersions": ["2026-07-28"],
        "capabilities": {"tools": {}},
        "ttlMs": 60_000,
        "cacheScope": "public",
    }


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Serve one request."""
    if scope["type"] != "http":
        return
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    if not body:
        answer = b"{}"
    else:
        asked = orjson.loads(body)
        value = result(asked["method"], asked.get("params", {}))
        answer = orjson.dumps({"jsonrpc": "2.0", "id": asked.get("id"), "result": value})
    length = (b"content-length", str(len(answer)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, length]})
    await send({"type": "http.response.body", "body": answer})


if __name__ == "__main__":
    uvicorn.run(
        app,
        port=int(sys.argv[1]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        lifespan="off",
    )
