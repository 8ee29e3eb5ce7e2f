"""A server of 2024-11-05 written out by hand: a stream of answers, and an address to POST to."""

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send


@dataclass
class Oldest:
    """The server as an ASGI app.

    Attributes:
        endpoint: What the ``endpoint`` event says; the session's number is put in.
        streams: The queue of each session; ``None`` ends its stream.
        seen: Every message that came.
    """

    endpoint: str = "/post?session={}"
    streams: list["asyncio.Queue[Any]"] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        if request.method == "GET" and request.url.path == "/mcp":
            response: Response = StreamingResponse(self.stream(), media_type="text/event-stream")
        elif request.method == "POST" and request.url.path == "/post":
            response = await self.posted(request)
        else:
            response = Response("Not Found", 404)
        await response(scope, receive, send)

    async def stream(self) -> Any:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        self.streams.append(queue)
        place = self.endpoint.format(len(self.streams) - 1)
        yield f": hello\r\nevent: endpoint\r\ndata: {place}\r\n\r\n"
        while (message := await queue.get()) is not None:
            yield f"event: message\ndata: {json.dumps(message)}\n\n"

    async def posted(self, request: Request) -> Response:
        message = await request.json()
        self.seen.append(message)
        number = int(request.query_params["session"])
        queue = self.streams[number]
        answer: dict[str, Any] = {"jsonrpc": "2.0", "id": message.get("id")}
        match message["method"]:
            case "initialize":
                said = {"protocolVersion": "2024-11-05", "capabilities": {"tools": {}}}
                queue.put_nowait({**answer, "result": said})
            case "tools/call" if message["params"]["name"] == "end":
                queue.put_nowait(None)
            case "tools/call" if message["params"]["name"] == "echo":
                words = message["params"]["arguments"]["words"]
                queue.put_nowait({**answer, "result": {"structuredContent": {"words": words}}})
        return Response("Accepted", 202)
