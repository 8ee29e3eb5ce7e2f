"""The data path's HTTP client against a peer that says exactly these bytes."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence

import pytest

from gateway.upstream.http1 import Answer, Broken, Late, Oversized, Pool, Unreached
from tests.support.serving import dead_port

REQUEST = b"POST /mcp HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}"
OK = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 7\r\n\r\n" + b'{"a":1}'
CHUNKED = (
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    b'3\r\n{"a\r\n4;ext=1\r\n":1}\r\n0\r\ntrailer: x\r\n\r\n'
)
STREAM = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def peer(script: Script, max_answer_bytes: int = 1 << 20) -> AsyncGenerator[Pool]:
    """Run *script* for each connection and yield a pool that connects to it."""

    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await script(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    pool = Pool(f"http://127.0.0.1:{port}/mcp", max_answer_bytes)
    try:
        async with asyncio.timeout(5):
            yield pool
    finally:
        pool.close()
        server.close()
        async with asyncio.timeout(5):
            await asyncio.gather(*running, return_exceptions=True)


async def request(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(len(REQUEST))


def saying(*parts: bytes, times: int = 100) -> Script:
    """Answer each request with *parts*, each its own packet as far as TCP lets it be."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(times):
            await request(reader)
            for part in parts:
                writer.write(part)
                await writer.drain()

    return script


def split(data: bytes, size: int) -> Sequence[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize("answer", [OK, CHUNKED])
async def test_any_split_of_the_bytes_gives_the_same_answer(answer: bytes, size: int) -> None:
    async with peer(saying(*split(answer, size))) as pool:
        got = await pool.post(REQUEST, 5)
        assert (got.status, got.body) == (200, b'{"a":1}')


async def test_an_interim_answer_is_not_the_answer() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    async with peer(saying(early, OK)) as pool:
        got = await pool.post(REQUEST, 5)
        assert (got.status, got.body) == (200, b'{"a":1}')
        assert "link" not in got.headers


async def test_a_connection_is_used_again() -> None:
    connections = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await saying(OK)(reader, writer)

    async with peer(script) as pool:
        for _ in range(5):
            assert (await pool.post(REQUEST, 5)).status == 200
        assert connections == 1
        await pool.post(REQUEST, 5, fresh=True)
        assert connections == 2


async def test_a_server_that_says_close_is_not_asked_again_on_that_connection() -> None:
    answer = OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with peer(saying(answer, times=1)) as pool:
        for _ in range(3):
            assert (await pool.post(REQUEST, 5)).body == b'{"a":1}'


async def test_an_answer_that_ends_with_the_connection_is_whole() -> None:
    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n" + b'{"a":1}'
    async with peer(saying(answer, times=1)) as pool:
        assert (await pool.post(REQUEST, 5)).body == b'{"a":1}'


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200",
        OK[:-3],
        CHUNKED[:-20],
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
    ],
)
async def test_an_answer_that_is_cut_or_none_is_broken(answer: bytes) -> None:
    async with peer(saying(answer, times=1)) as pool:
        with pytest.raises(Broken):
            await pool.post(REQUEST, 5)


async def test_a_reset_in_the_middle_is_broken() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(OK[:40])
        await writer.drain()
        writer.transport.abort()

    async with peer(script) as pool:
        with pytest.raises(Broken):
            await pool.post(REQUEST, 5)


async def test_after_a_connection_was_closed_while_idle_a_fresh_one_works() -> None:
    closed = asyncio.Event()
    count = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 1
        await saying(OK, times=1)(reader, writer)
        writer.close()
        await writer.wait_closed()
        closed.set()

    async with peer(script) as pool:
        await pool.post(REQUEST, 5)
        await closed.wait()
        with contextlib.suppress(Broken):  # the close may be on its way still
            await pool.post(REQUEST, 5)
        assert (await pool.post(REQUEST, 5, fresh=True)).status == 200
        assert count >= 2


async def test_nobody_listening_is_unreached_and_says_where() -> None:
    port = dead_port()
    pool = Pool(f"http://127.0.0.1:{port}/mcp", 1000)
    with pytest.raises(Unreached, match=f"connection refused on 127.0.0.1:{port}"):
        await pool.post(REQUEST, 5)


async def test_a_name_that_does_not_resolve_is_unreached() -> None:
    pool = Pool("http://no-such-host.invalid/mcp", 1000)
    with pytest.raises(Unreached, match=r"no-such-host\.invalid:80"):
        await pool.post(REQUEST, 5)


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n" + b"x" * 2000,
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\ncontent-length: 0\r\n\r\n",
    ],
)
async def test_an_answer_that_is_too_long_is_not_taken(answer: bytes) -> None:
    async with peer(saying(answer, times=1), max_answer_bytes=1000) as pool:
        with pytest.raises(Oversized):
            await pool.post(REQUEST, 5)


async def test_bytes_that_nobody_asked_for_close_the_connection() -> None:
    async with peer(saying(OK + b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", times=1)) as pool:
        first = await pool.post(REQUEST, 5)
        assert first.body == b'{"a":1}'
        assert (await pool.post(REQUEST, 5, fresh=True)).status == 200


async def chunks(answer: Answer) -> list[bytes]:
    assert answer.stream is not None
    return [chunk async for chunk in answer.stream.chunks()]


async def test_a_stream_is_given_as_it_comes() -> None:
    go = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(STREAM + b"5\r\nfirst\r\n")
        await go.wait()
        writer.write(b"4\r\nlast\r\n0\r\n\r\n")
        await request(reader)
        writer.write(OK)

    async with peer(script) as pool:
        answer = await pool.post(REQUEST, 5)
        assert answer.stream is not None
        stream = answer.stream.chunks()
        assert await anext(stream) == b"first"
        go.set()
        assert [chunk async for chunk in stream] == [b"last"]
        pool.release(answer.stream)
        assert (await pool.post(REQUEST, 5)).body == b'{"a":1}'


async def test_a_stream_that_breaks_off_says_so() -> None:
    async with peer(saying(STREAM + b"5\r\nfirst\r\n", times=1)) as pool:
        with pytest.raises(Broken):
            await chunks(await pool.post(REQUEST, 5))


async def test_an_answer_that_comes_too_late_closes_the_connection() -> None:
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(OK[:-1])
        assert await reader.read(1) == b""
        gone.set()

    async with peer(script) as pool:
        with pytest.raises(Late):
            await pool.post(REQUEST, 0.05)
        await gone.wait()


async def test_a_stream_that_does_not_end_in_time_is_late() -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(STREAM + b"5\r\nfirst\r\n")
        await reader.read(1)

    async with peer(script) as pool:
        answer = await pool.post(REQUEST, 0.1)
        with pytest.raises(Late):
            await chunks(answer)


async def test_the_end_of_an_idle_connection_is_told_once_and_an_own_close_is_not() -> None:
    told = asyncio.Event()
    async with peer(saying(OK, times=1)) as pool:
        pool.left = told.set
        await pool.post(REQUEST, 5)
        await told.wait()
    told.clear()
    async with peer(saying(OK)) as pool:
        pool.left = told.set
        await pool.post(REQUEST, 5)
        pool.close()
        await pool.post(REQUEST, 5)
        assert not told.is_set()


async def test_giving_up_a_call_closes_its_connection() -> None:
    gone = asyncio.Event()

    async def script(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await request(reader)
        assert await reader.read(1) == b""
        gone.set()

    async with peer(script) as pool:
        call = asyncio.create_task(pool.post(REQUEST, 5))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await asyncio.shield(call)
        call.cancel()
        await gone.wait()
