"""Tools over MCP, through the gateway, on parsed JSON as they are.

The gateway's own client of the modern era is used and not the SDK's: typed models drop what
they do not know, and importing them takes a second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, TypeVar

from cli.address import Address
from cli.api import away
from cli.failure import Failure
from gateway.upstream.client import META_CLIENT, Upstream
from gateway.upstream.http1 import Pool
from gateway.upstream.replies import Outage, RpcError, tool_error

_CLIENT: Final = {META_CLIENT: {"name": "sophia-cli", "version": "0.1.0"}}
_MAX_ANSWER_BYTES: Final = 64 * 1024 * 1024

Json = dict[str, Any]
T = TypeVar("T")


def endpoint(server: str | None, *, everything: bool = False) -> str:
    """Return the path of one server's tools, of all servers', or of the operations."""
    if server is not None:
        return f"/mcp/servers/{server}"
    return "/mcp/all" if everything else "/mcp"


def list_tools(address: Address, path: str, seconds: float) -> list[Json]:
    """Return all tools at *path*.

    Raises:
        Away: nobody answers there.
        Failure: it answers, with an error.
    """

    async def pages(upstream: Upstream) -> list[Json]:
        found: list[Json] = []
        cursor: dict[str, str] = {}
        while True:
            page = await upstream.ask("tools/list", cursor, meta=_CLIENT, seconds=seconds)
            found += page["tools"]
            if page.get("nextCursor") is None:
                return found
            cursor = {"cursor": page["nextCursor"]}

    return asyncio.run(_with(address, path, pages))


def call_tool(
    address: Address, path: str, name: str, arguments: Mapping[str, Any], seconds: float
) -> Json:
    """Return the result of tool *name* at *path*.

    Raises:
        Away: nobody answers there.
        Failure: the gateway answers with a JSON-RPC error.
        FleetError: the tool failed.
    """

    async def once(upstream: Upstream) -> Json:
        params = {"name": name, "arguments": dict(arguments)}
        return await upstream.ask("tools/call", params, meta=_CLIENT, seconds=seconds)

    result = asyncio.run(_with(address, path, once))
    error = tool_error(result, name)
    if error is not None:
        raise error
    return result


async def _with(address: Address, path: str, use: Callable[[Upstream], Awaitable[T]]) -> T:
    upstream = Upstream("the gateway", Pool(address.url + path, _MAX_ANSWER_BYTES), address.key)
    try:
        return await use(upstream)
    except Outage as error:
        raise away(address, error) from error
    except RpcError as error:
        raise Failure(f"{path}: {error.message}") from error
    finally:
        upstream.close()
