"""What is told without a collector: numbers at /metrics, and the caller's trace passed on."""

import asyncio
from collections.abc import Generator, Iterator
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as openmetrics_families,
)
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kit import metrics, telemetry
from kit.errors import NotFound
from kit.settings import FleetSettings

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER = "00-11111111111111111111111111111111-2222222222222222-01"


@pytest.fixture(autouse=True)
def running() -> Generator[telemetry.Telemetry]:
    metrics.clear()
    yield telemetry.configure("unit", FleetSettings())
    telemetry.stop()


def scraped(accept: str = "") -> str:
    app = Starlette(routes=[telemetry.metrics_route()])
    with TestClient(app) as client:
        answer = client.get("/metrics", headers={"accept": accept})
    assert answer.status_code == 200
    return answer.text


def samples(name: str) -> dict[frozenset[tuple[str, str]], float]:
    return dict(_samples(name))


def _samples(name: str) -> Iterator[tuple[frozenset[tuple[str, str]], float]]:
    for family in text_string_to_metric_families(scraped()):
        for sample in family.samples:
            if sample.name == name:
                labels = {(key, value) for key, value in sample.labels.items() if value}
                yield frozenset(labels), sample.value


def test_a_served_call_is_a_series_of_the_mcp_conventions() -> None:
    with telemetry.server_span("tools/call", "tasks_search"):
        pass
    assert samples("mcp_server_operation_duration_seconds_count") == {
        frozenset({("mcp_method_name", "tools/call"), ("gen_ai_tool_name", "tasks_search")}): 1
    }
    bounds = {
        dict(labels)["le"] for labels in samples("mcp_server_operation_duration_seconds_bucket")
    }
    assert bounds == {
        *("0.01", "0.02", "0.05", "0.1", "0.2", "0.5", "1.0", "2.0", "5.0"),
        *("10.0", "30.0", "60.0", "120.0", "300.0", "+Inf"),
    }


def test_an_attempt_is_told_by_server_and_tier_but_not_by_what_has_many_values() -> None:
    attributes: dict[str, telemetry.Value] = {
        "fleet.server": "linear",
        "fleet.tier": "PRIMARY",
        "fleet.attempt": 2,
        "jsonrpc.request.id": "77",
    }
    with telemetry.client_span("prompts/get", "standup", attributes) as span:
        span.set("fleet.outcome", "ok")
    (labels,) = samples("mcp_client_operation_duration_seconds_count")
    assert dict(labels) == {
        "mcp_method_name": "prompts/get",
        "gen_ai_prompt_name": "standup",
        "fleet_server": "linear",
        "fleet_tier": "PRIMARY",
        "fleet_outcome": "ok",
    }


def test_a_target_is_only_told_for_what_has_a_name() -> None:
    with telemetry.server_span("resources/read", "file:///secret"):
        pass
    (labels,) = samples("mcp_server_operation_duration_seconds_count")
    assert dict(labels) == {"mcp_method_name": "resources/read"}


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (NotFound("no such task"), "not_found"),
        (KeyError("k"), "KeyError"),
        (asyncio.CancelledError(), "CancelledError"),
    ],
)
def test_a_failure_is_told_by_its_type(raised: BaseException, told: str) -> None:
    with pytest.raises(type(raised)), telemetry.server_span("tools/call", "tasks_get"):
        raise raised
    (labels,) = samples("mcp_server_operation_duration_seconds_count")
    assert dict(labels)["error_type"] == told


def test_a_failed_result_is_told_as_what_the_handler_says() -> None:
    with telemetry.server_span("tools/call", "tasks_get") as span:
        span.fail("tool_error")
    (labels,) = samples("mcp_server_operation_duration_seconds_count")
    assert dict(labels)["error_type"] == "tool_error"


def test_counters_gauges_and_call_durations_are_scraped() -> None:
    metrics.counter("fleet.events.dropped", "Events dropped", "{event}").add(3)
    metrics.gauge(
        "fleet.servers", lambda: {(("fleet.state", "UP"),): 4, (("fleet.state", "DOWN"),): 1}
    )
    metrics.gauge("fleet.queue", lambda: 7, "Waiting", "{event}")
    call = (("fleet.operation", "tasks.search"), ("fleet.outcome", "ok"))
    metrics.CALL_DURATION.observe(0.003, call)
    assert samples("fleet_events_dropped_total") == {frozenset(): 3}
    assert samples("fleet_servers") == {
        frozenset({("fleet_state", "UP")}): 4,
        frozenset({("fleet_state", "DOWN")}): 1,
    }
    assert samples("fleet_queue") == {frozenset(): 7}
    below = {
        dict(labels)["le"]: count
        for labels, count in samples("fleet_call_duration_seconds_bucket").items()
    }
    assert below["0.0025"] == 0
    assert below["0.005"] == 1


def test_the_process_is_told_with_every_scrape() -> None:
    text = scraped()
    assert 'service_name="unit"' in text
    assert "process_resident_memory_bytes" in text
    assert "process_uptime_seconds" in text


def test_a_broken_gauge_hides_no_other_number() -> None:
    def broken() -> float:
        raise ZeroDivisionError

    metrics.gauge("test.broken", broken)
    metrics.gauge("test.whole", lambda: 1)
    assert samples("test_whole") == {frozenset(): 1}


def test_a_scrape_after_a_scrape_repeats_no_series() -> None:
    metrics.counter("test.repeated", "t").add()
    scraped()
    assert scraped().count("\ntest_repeated_total ") == 1


def test_openmetrics_is_spoken_when_asked_for() -> None:
    with telemetry.server_span("tools/call", "tasks_search"):
        pass
    text = scraped("application/openmetrics-text; version=1.0.0")
    families: Iterator[Metric] = openmetrics_families(text)  # type: ignore[no-untyped-call]  # no types there
    names = {family.name for family in families}
    assert "mcp_server_operation_duration_seconds" in names


def test_configuring_again_leaves_one_source_of_metrics() -> None:
    telemetry.configure("again", FleetSettings())
    text = scraped()
    assert 'service_name="again"' in text
    assert 'service_name="unit"' not in text


def test_metrics_before_configuration_say_so() -> None:
    telemetry.stop()
    with TestClient(Starlette(routes=[telemetry.metrics_route()])) as client:
        answer = client.get("/metrics")
    assert answer.status_code == 503
    assert "not configured" in answer.text


def test_the_callers_trace_is_passed_on_when_nothing_is_exported() -> None:
    meta: dict[str, Any] = {"traceparent": PARENT, "tracestate": "vendor=1"}
    outgoing: dict[str, Any] = {"progressToken": 1}
    with telemetry.server_span("tools/call", "tasks_search", meta):
        assert telemetry.trace_id() == PARENT[3:35]
        with telemetry.client_span("tools/call", "tasks_search"):
            telemetry.inject(outgoing)
    assert outgoing == {"progressToken": 1, "traceparent": PARENT, "tracestate": "vendor=1"}
    assert telemetry.trace_id() is None


async def test_two_calls_at_once_do_not_mix_their_traces() -> None:
    entered = asyncio.Barrier(2)

    async def call(parent: str) -> dict[str, Any]:
        outgoing: dict[str, Any] = {}
        with telemetry.server_span("tools/call", "tasks_search", {"traceparent": parent}):
            await entered.wait()
            telemetry.inject(outgoing)
        return outgoing

    async with asyncio.timeout(5):
        one, other = await asyncio.gather(call(PARENT), call(OTHER))
    assert (one["traceparent"], other["traceparent"]) == (PARENT, OTHER)


@pytest.mark.parametrize(
    "meta",
    [
        {},
        {"traceparent": 7},
        {"traceparent": "00-zz"},
        {"traceparent": PARENT.upper()},
        {"traceparent": "ff" + PARENT[2:]},
        {"traceparent": "00-00000000000000000000000000000000-b7ad6b7169203331-01"},
        {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01"},
        {"traceparent": PARENT + "\r\nx: y"},
    ],
)
def test_a_malformed_trace_is_not_passed_on(meta: dict[str, Any]) -> None:
    outgoing: dict[str, Any] = {}
    with telemetry.server_span("tools/call", "tasks_search", meta):
        telemetry.inject(outgoing)
    assert outgoing == {}


def test_an_overlong_tracestate_is_left_out() -> None:
    outgoing: dict[str, Any] = {}
    meta = {"traceparent": PARENT, "tracestate": "v=" + "x" * 600}
    with telemetry.server_span("tools/call", "tasks_search", meta):
        telemetry.inject(outgoing)
    assert outgoing == {"traceparent": PARENT}
