"""The client towards vendors, against a server that fails as it is told."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from kit.contract.operation import Safety
from kit.deadline import Deadline, spending
from kit.errors import (
    FleetError,
    Internal,
    NotFound,
    RateLimited,
    TimedOut,
    Unavailable,
    UnknownOutcome,
)
from kit.http import HttpAnswer, HttpClient
from tests.support.serving import dead_port, hanging, serving


@dataclass
class Vendor:
    """Answers as *script* says, then with 200.

    Attributes:
        script: The answers to give first.
        seen: The requests that came, as method, path, query, body.
    """

    script: list[Response] = field(default_factory=list)
    seen: list[tuple[str, str, str, bytes]] = field(default_factory=list)

    async def answer(self, request: Request) -> Response:
        url = request.url
        self.seen.append((request.method, url.path, url.query, await request.body()))
        return self.script.pop(0) if self.script else JSONResponse({"ok": True})


def classify(answer: HttpAnswer) -> FleetError | None:
    if answer.status == 404:
        return NotFound("no such thing", provider="vendor")
    if answer.status == 429:
        return RateLimited("slow down", retry_after_seconds=answer.retry_after_seconds)
    return None


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
async def client(vendor: Vendor) -> AsyncGenerator[HttpClient]:
    route = Route("/{path:path}", vendor.answer, methods=["GET", "POST", "PUT"])
    async with serving(Starlette(routes=[route])) as url, made(url) as http:
        yield http


def made(url: str, **more: Any) -> HttpClient:
    given: dict[str, Any] = {"timeout_seconds": 2.0, "max_body_bytes": 1000}
    return HttpClient("vendor", f"{url}/api", classify=classify, **{**given, **more})


async def test_what_was_asked_arrives_and_what_was_answered_comes_back(
    client: HttpClient, vendor: Vendor
) -> None:
    vendor.script = [JSONResponse({"a": 1}, headers={"X-Left": "3"}), Response("plain")]
    params = {"q": "x y", "none": None}
    first = await client.send("GET", "/things", safety=Safety.READ, params=params)
    second = await client.send("POST", "/things", safety=Safety.WRITE, json={"n": 1})
    assert (first.status, first.body, first.headers["x-left"]) == (200, {"a": 1}, "3")
    assert second.body == "plain"
    assert vendor.seen == [
        ("GET", "/api/things", "q=x+y", b""),
        ("POST", "/api/things", "", b'{"n":1}'),
    ]


@pytest.mark.parametrize("safety", [Safety.READ, Safety.IDEMPOTENT])
async def test_a_server_error_is_tried_again_where_that_is_safe(
    client: HttpClient, vendor: Vendor, safety: Safety
) -> None:
    vendor.script = [Response(status_code=503), Response(status_code=500)]
    assert (await client.send("GET", "/x", safety=safety)).status == 200
    assert len(vendor.seen) == 3


async def test_a_write_that_may_have_happened_is_never_sent_twice(
    client: HttpClient, vendor: Vendor
) -> None:
    vendor.script = [Response(status_code=503)]
    with pytest.raises(UnknownOutcome, match="it answered 503"):
        await client.send("POST", "/x", safety=Safety.WRITE)
    assert len(vendor.seen) == 1


async def test_a_write_that_certainly_did_nothing_is_sent_again(
    client: HttpClient, vendor: Vendor
) -> None:
    vendor.script = [Response(status_code=429, headers={"retry-after": "0"})]
    assert (await client.send("POST", "/x", safety=Safety.WRITE)).status == 200
    assert len(vendor.seen) == 2


async def test_what_the_vendor_refuses_is_its_error_and_not_tried_again(
    client: HttpClient, vendor: Vendor
) -> None:
    vendor.script = [Response(status_code=404)]
    with pytest.raises(NotFound):
        await client.send("GET", "/x", safety=Safety.READ)
    assert len(vendor.seen) == 1


async def test_a_wait_that_is_longer_than_the_time_left_is_not_waited(
    client: HttpClient, vendor: Vendor
) -> None:
    vendor.script = [Response(status_code=429, headers={"retry-after": "60"})]
    with pytest.raises(RateLimited) as raised:
        await client.send("GET", "/x", safety=Safety.READ)
    assert raised.value.retry_after_seconds == 60
    assert len(vendor.seen) == 1


async def test_it_gives_up_after_its_attempts(client: HttpClient, vendor: Vendor) -> None:
    vendor.script = [Response(status_code=503) for _ in range(10)]
    with pytest.raises(Unavailable, match="answered 503"):
        await client.send("GET", "/x", safety=Safety.READ)
    assert len(vendor.seen) == 3


async def test_retries_run_out_so_that_they_cannot_multiply_an_outage(vendor: Vendor) -> None:
    vendor.script = [Response(status_code=503) for _ in range(1000)]
    route = Route("/{path:path}", vendor.answer)
    async with serving(Starlette(routes=[route])) as url, made(url, attempts=2) as http:
        for _ in range(50):
            with pytest.raises(Unavailable):
                await http.send("GET", "/x", safety=Safety.READ)
    retries = len(vendor.seen) - 50
    assert 10 <= retries <= 10 + 0.2 * 50


async def test_an_answer_that_is_too_long_is_refused(client: HttpClient, vendor: Vendor) -> None:
    vendor.script = [Response("x" * 1001)]
    with pytest.raises(Internal, match="more than 1000 bytes"):
        await client.send("GET", "/x", safety=Safety.READ)


async def test_nobody_there_is_unavailable_even_for_a_write() -> None:
    async with made(f"http://127.0.0.1:{dead_port()}", attempts=1) as http:
        with pytest.raises(Unavailable, match="could not be reached"):
            await http.send("POST", "/x", safety=Safety.WRITE)


@pytest.mark.parametrize(
    ("safety", "kind"), [(Safety.READ, TimedOut), (Safety.WRITE, UnknownOutcome)]
)
async def test_no_answer_in_time_is_certain_only_for_reads(
    safety: Safety, kind: type[FleetError]
) -> None:
    async with hanging() as url, made(url, timeout_seconds=0.2, attempts=1) as http:
        with pytest.raises(kind, match=r"0\.2 s"):
            await http.send("GET", "/x", safety=safety)


async def test_the_running_deadline_bounds_an_attempt() -> None:
    async with hanging() as url, made(url, timeout_seconds=60) as http:
        with spending(Deadline.after(0.2)), pytest.raises(TimedOut):
            await http.send("GET", "/x", safety=Safety.READ)
        with spending(Deadline.after(-1)), pytest.raises(TimedOut, match="deadline had passed"):
            await http.send("GET", "/x", safety=Safety.READ)


@contextlib.asynccontextmanager
async def resetting(after: Callable[[bytes], bool]) -> AsyncGenerator[str]:
    """Reset each connection once *after* holds for what was read."""

    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        read = b""
        while not after(read):
            read += await reader.read(1000)
        writer.transport.abort()

    server = await asyncio.start_server(reset, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@pytest.mark.parametrize(
    ("safety", "kind"), [(Safety.READ, Unavailable), (Safety.WRITE, UnknownOutcome)]
)
async def test_a_reset_is_certain_only_for_reads(safety: Safety, kind: type[FleetError]) -> None:
    async with resetting(lambda read: b"\r\n\r\n" in read) as url, made(url, attempts=1) as http:
        with pytest.raises(kind):
            await http.send("POST", "/x", safety=safety)


def test_retry_after_is_read_as_seconds_and_as_a_date() -> None:
    def asked(value: str) -> float | None:
        return HttpAnswer(429, {"retry-after": value}, None).retry_after_seconds

    assert asked("7") == 7
    assert asked("-3") == 0
    assert asked("soon") is None
    later = asked(format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True))
    assert later is not None
    assert 80 < later <= 90
    assert HttpAnswer(200, {}, None).retry_after_seconds is None
