"""The gateway's own HTTP/1.1 protocol, byte by byte, and through ASGI for comparison."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.app import build
from gateway.settings import GatewaySettings
from registry.local import FileSource
from tests.support.gateway import entry, gateway, ready
from tests.support.serving import serving
from tests.support.task_server import Shelf, task_app

PING = orjson.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"})
PONG = {"jsonrpc": "2.0", "id": 1, "result": {}}
SETTINGS = GatewaySettings(max_body_bytes=100_000)


def post(body: bytes = PING, path: str = "/mcp", *headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-type: application/json"]
    lines += [f"content-length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class Line:
    """One client's connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def answer(self) -> tuple[int, dict[str, str], bytes]:
        """Return the next answer, read by its length or its chunks."""
        async with asyncio.timeout(5):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {
                name.lower(): value.strip()
                for name, _, value in (line.partition(":") for line in head[1:] if line)
            }
            if "content-length" in headers:
                body = await self.reader.readexactly(int(headers["content-length"]))
            else:
                body = b""
                while size := int(await self.reader.readline(), 16):
                    body += await self.reader.readexactly(size)
                    await self.reader.readline()
                await self.reader.readline()
        return int(head[0].split(" ")[1]), headers, body

    async def ended(self) -> bool:
        """Say whether the server has closed it."""
        async with asyncio.timeout(5):
            return await self.reader.read(1) == b""


@contextlib.asynccontextmanager
async def line(url: str) -> AsyncGenerator[Line]:
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Line(reader, writer)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@pytest.fixture
async def url(tmp_path: Path) -> AsyncGenerator[str]:
    async with gateway(tmp_path, [], SETTINGS) as running:
        yield running.url


async def test_a_connection_serves_one_request_after_the_other(url: str) -> None:
    async with line(url) as client:
        for _ in range(3):
            await client.say(post())
            status, headers, body = await client.answer()
            assert (status, orjson.loads(body)) == (200, PONG)
            assert headers["content-type"] == "application/json"
            assert "connection" not in headers


async def test_requests_sent_ahead_are_answered_in_order(url: str) -> None:
    asked = [orjson.dumps({"jsonrpc": "2.0", "id": n, "method": "ping"}) for n in range(5)]
    async with line(url) as client:
        await client.say(b"".join(post(body) for body in asked))
        got = [orjson.loads((await client.answer())[2])["id"] for _ in asked]
    assert got == [0, 1, 2, 3, 4]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 200), max_size=8))
async def test_any_split_of_the_bytes_is_the_same_request(url: str, cuts: list[int]) -> None:
    data = post(PING, "/mcp", "x-more: " + "y" * 60)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    async with line(url) as client:
        for start, end in pairwise(edges):
            await client.say(data[start:end])
        assert orjson.loads((await client.answer())[2]) == PONG


async def test_a_chunked_request_is_read(url: str) -> None:
    head = post(b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
    async with line(url) as client:
        await client.say(head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(PING), PING))
        assert orjson.loads((await client.answer())[2]) == PONG


async def test_a_client_that_asks_first_is_told_to_go_on(url: str) -> None:
    data = post(PING, "/mcp", "expect: 100-continue")
    async with line(url) as client:
        await client.say(data[: -len(PING)])
        assert await client.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.say(PING)
        assert orjson.loads((await client.answer())[2]) == PONG


async def test_another_path_is_served_by_asgi_on_the_same_connection(url: str) -> None:
    async with line(url) as client:
        await client.say(post())
        assert (await client.answer())[0] == 200
        await client.say(b"GET /livez HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n" + post())
        status, _, body = await client.answer()
        assert (status, orjson.loads(body)) == (200, {"status": "alive"})
        assert orjson.loads((await client.answer())[2]) == PONG
        body = orjson.dumps({"down": ["nobody"]})
        await client.say(post(body, "/api/v1/simulate"))
        status, _, body = await client.answer()
        assert (status, orjson.loads(body)["code"]) == (404, "not_found")


async def test_who_wants_to_close_is_let_go(url: str) -> None:
    async with line(url) as client:
        await client.say(post(PING, "/mcp", "connection: close"))
        status, headers, _ = await client.answer()
        assert (status, headers["connection"]) == (200, "close")
        assert await client.ended()
    async with line(url) as client:
        await client.say(post().replace(b"HTTP/1.1", b"HTTP/1.0"))
        assert (await client.answer())[0] == 200
        assert await client.ended()


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", 400),
        (b"POST /mcp HTTP/1.1\r\ncontent-length: x\r\n\r\n", 400),
        (post(b"").replace(b"content-length: 0", b"content-length: 100001"), 413),
        (b"POST /mcp HTTP/1.1\r\nx: " + b"y" * 70_000 + b"\r\n\r\n", 431),
        (
            post(b"").replace(b"content-length: 0", b"transfer-encoding: chunked")
            + b"186a1\r\n"
            + b"z" * 100_001,
            413,
        ),
    ],
)
async def test_what_cannot_be_read_is_answered_once_and_the_connection_closed(
    url: str, data: bytes, status: int
) -> None:
    async with line(url) as client:
        with contextlib.suppress(ConnectionError):
            await client.say(data)
        code, _, body = await client.answer()
        assert code == status
        assert orjson.loads(body)["error"]["message"]
        with contextlib.suppress(ConnectionError):
            assert await client.ended()


async def test_a_header_that_comes_twice_is_not_taken_for_one(url: str) -> None:
    async with line(url) as client:
        await client.say(post(PING, "/mcp", "host: evil.example"))
        assert (await client.answer())[0] == 403


async def test_a_client_that_dribbles_holds_nobody_up(url: str) -> None:
    async with line(url) as slow, line(url) as quick:
        await slow.say(post()[:40])
        for _ in range(3):
            await quick.say(post())
            assert (await quick.answer())[0] == 200
        await slow.say(post()[40:])
        assert (await slow.answer())[0] == 200


async def test_a_client_that_never_reads_holds_nobody_up(tmp_path: Path) -> None:
    shelf = Shelf("linear", ["x" * 400_000])
    params: dict[str, Any] = {"name": "tasks_search", "arguments": {}}
    ask = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    async with (
        serving(task_app(shelf)) as backend,
        gateway(tmp_path, [entry("linear", f"{backend}/mcp")]) as running,
        line(running.url) as deaf,
        line(running.url) as quick,
    ):
        await deaf.say(post(orjson.dumps(ask)) * 20)
        for _ in range(3):
            await quick.say(post())
            assert orjson.loads((await quick.answer())[2]) == PONG


async def test_the_answers_are_those_of_the_same_endpoint_under_asgi(tmp_path: Path) -> None:
    """Whoever runs the app under another server gets the same, only slower."""
    file = tmp_path / "registry.yaml"
    file.write_text("version: 2\nservers: []\n", encoding="utf-8")
    app = build(SETTINGS, FileSource(file))
    bodies = [PING, b"{", b"[]", PING.replace(b"ping", b"nope"), PING.replace(b'"id":1,', b"")]
    async with serving(app) as plain, httpx2.AsyncClient(base_url=plain) as http:
        await ready(http)
        expected = [await answered(http, body) for body in bodies]
    app = build(SETTINGS, FileSource(file))
    async with serving(app, http=app.protocol) as url, httpx2.AsyncClient(base_url=url) as http:
        await ready(http)
        assert [await answered(http, body) for body in bodies] == expected


async def answered(http: httpx2.AsyncClient, body: bytes) -> tuple[int, bytes]:
    headers = {"content-type": "application/json"}
    answer = await http.post("/mcp", content=body, headers=headers)
    return answer.status_code, answer.content
