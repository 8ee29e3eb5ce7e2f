"""A server that goes wrong only in tool calls: everything else reaches the one behind it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from urllib.parse import urlsplit


@contextlib.asynccontextmanager
async def faulty(backend: str, answer: bytes) -> AsyncGenerator[str]:
    """Yield a base URL that relays to *backend* and answers ``tools/call`` with *answer*.

    One request a connection; after *answer* the connection is closed.
    """
    parts = urlsplit(backend)

    async def front(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            lower = head.lower()
            length = 0
            if b"content-length:" in lower:
                length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
            body = await reader.readexactly(length)
            if b"mcp-method: tools/call\r\n" in lower:
                writer.write(answer)
            else:
                closing = head.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
                writer.write(await relayed(closing + body))
            await writer.drain()
        writer.close()

    async def relayed(request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(request)
        reply = await reader.read()
        writer.close()
        return reply

    server = await asyncio.start_server(front, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
