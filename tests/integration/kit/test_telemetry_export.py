"""What a collector gets: spans with the MCP names, joined to the caller's trace."""

import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, Literal

import mcp_types as types
import pytest
from mcp import Client
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from kit import metrics, telemetry
from kit.errors import Unavailable
from kit.settings import FleetSettings
from tests.support.otlp import Collector, otlp_collector

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Generator[Collector]:
    with otlp_collector() as collector:
        yield collector


@pytest.fixture
def running(collector: Collector) -> Generator[telemetry.Telemetry]:
    metrics.clear()
    yield telemetry.configure("gateway", FleetSettings(otlp_endpoint=collector.url + "/"))
    telemetry.stop()


def test_a_span_reaches_the_collector_under_the_parent_in_meta(
    collector: Collector, running: telemetry.Telemetry
) -> None:
    attributes: dict[str, telemetry.Value] = {
        "jsonrpc.request.id": "7",
        "mcp.protocol.version": "2026-07-28",
    }
    with telemetry.server_span("tools/call", "tasks_search", {"traceparent": PARENT}, attributes):
        assert telemetry.trace_id() == TRACE
    running.flush()
    span = collector.span("tools/call tasks_search")
    assert (span.process, span.kind, span.trace) == ("gateway", "SERVER", TRACE)
    assert span.parent == "b7ad6b7169203331"
    assert not span.error
    assert span.attributes == {
        "mcp.method.name": "tools/call",
        "gen_ai.tool.name": "tasks_search",
        "gen_ai.operation.name": "execute_tool",
        **attributes,
    }


def test_each_attempt_is_a_client_span_whose_trace_goes_upstream(
    collector: Collector, running: telemetry.Telemetry
) -> None:
    meta: dict[str, Any] = {}
    with telemetry.server_span("tools/call", "tasks_search", {"traceparent": PARENT}):
        with (
            pytest.raises(Unavailable),
            telemetry.client_span("tools/call", "tasks_search", {"fleet.attempt": 1}),
        ):
            raise Unavailable("refused the connection")
        with telemetry.client_span("tools/call", "tasks_search", {"fleet.attempt": 2}):
            telemetry.inject(meta)
    running.flush()
    served = collector.spans(lambda span: span.kind == "SERVER")[0]
    failed, answered = collector.spans(lambda span: span.kind == "CLIENT", count=2)
    assert {failed.parent, answered.parent} == {served.id}
    assert (failed.error, failed.attributes["error.type"]) == (True, "unavailable")
    assert (answered.error, answered.attributes["fleet.attempt"]) == (False, 2)
    assert meta["traceparent"] == f"00-{TRACE}-{answered.id}-01"


@pytest.mark.parametrize(
    ("error_type", "error", "status"),
    [("-32602", False, "-32602"), ("-32603", True, "-32603"), ("tool_error", True, None)],
)
def test_only_what_is_not_the_callers_fault_is_an_error(
    collector: Collector,
    running: telemetry.Telemetry,
    error_type: str,
    error: bool,  # noqa: FBT001 -- a column of the table
    status: str | None,
) -> None:
    with telemetry.server_span("tools/call", "tasks_get") as span:
        span.fail(error_type)
    running.flush()
    seen = collector.span("tools/call tasks_get")
    assert seen.attributes["error.type"] == error_type
    assert seen.attributes.get("rpc.response.status_code") == status
    assert seen.error is error


def test_what_an_exception_says_is_not_sent(
    collector: Collector, running: telemetry.Telemetry
) -> None:
    with pytest.raises(RuntimeError), telemetry.server_span("tools/call", "tasks_get"):
        raise RuntimeError("sentinel-secret")
    running.flush()
    assert "sentinel-secret" not in repr(collector.span("tools/call tasks_get"))


def test_the_ambient_trace_becomes_a_link(
    collector: Collector, running: telemetry.Telemetry
) -> None:
    with (
        telemetry.span("POST /mcp"),
        telemetry.server_span("ping", meta={"traceparent": PARENT}),
    ):
        pass
    running.flush()
    ambient = collector.span("POST /mcp")
    served = collector.span("ping")
    assert served.parent == "b7ad6b7169203331"
    assert served.links == (ambient.id,)
    assert ambient.kind == "INTERNAL"


def test_numbers_are_pushed_too(collector: Collector, running: telemetry.Telemetry) -> None:
    with telemetry.server_span("tools/call", "tasks_search"):
        pass
    metrics.counter("fleet.pushed", "t").add()
    metrics.gauge("fleet.depth", lambda: 1)
    running.flush()
    for name in ("mcp.server.operation.duration", "fleet.pushed", "fleet.depth"):
        collector.metric("gateway", name)


def test_what_waits_is_sent_at_shutdown(collector: Collector) -> None:
    telemetry.configure("short-lived", FleetSettings(otlp_endpoint=collector.url))
    with telemetry.span("last words"):
        pass
    telemetry.stop()
    assert collector.span("last words").process == "short-lived"


def test_what_waits_is_sent_when_the_process_simply_ends(collector: Collector) -> None:
    script = """
from kit import telemetry
from kit.settings import FleetSettings
telemetry.configure("forgetful", FleetSettings())
with telemetry.span("last words"):
    pass
"""
    subprocess.run(
        [sys.executable, "-c", script],
        cwd=Path(__file__).parents[3],
        env={"FLEET_OTLP_ENDPOINT": collector.url},
        check=True,
        timeout=30,
    )
    assert collector.span("last words").process == "forgetful"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_hop_through_the_sdk_is_one_client_and_one_server_span(
    collector: Collector, running: telemetry.Telemetry, mode: Literal["auto", "legacy"]
) -> None:
    async def on_call(
        context: ServerRequestContext[Any], params: types.CallToolRequestParams
    ) -> types.CallToolResult:
        with (
            telemetry.server_span("tools/call", params.name, context.meta),
            telemetry.span("query the vendor", client=True),
        ):
            return types.CallToolResult(content=[])

    async def on_list(
        _: ServerRequestContext[Any], _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        return types.ListToolsResult(
            tools=[types.Tool(name="linear_search", input_schema={"type": "object"})]
        )

    server: Server[Any] = Server("linear", on_call_tool=on_call, on_list_tools=on_list)
    async with Client(server, mode=mode) as client:
        with telemetry.client_span("tools/call", "linear_search"):
            await client.call_tool("linear_search", {})
    running.flush()
    spans = collector.spans(
        lambda span: "linear_search" in span.name or "vendor" in span.name, count=3
    )
    by_kind = {span.name + " " + span.kind: span for span in spans}
    asked = by_kind["tools/call linear_search CLIENT"]
    served = by_kind["tools/call linear_search SERVER"]
    vendor = by_kind["query the vendor CLIENT"]
    assert (asked.parent, served.parent, vendor.parent) == ("", asked.id, served.id)
    assert {span.scope for span in collector.spans()} == {"fleet"}
    assert not [span.name for span in collector.spans() if re.match("MCP send", span.name)]
