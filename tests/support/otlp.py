"""A collector: a real OTLP/HTTP server that keeps what it is sent."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class SeenSpan:
    """One span as it came in.

    Attributes:
        process: ``service.name`` of who sent it.
        scope: The library that made it.
        parent: Span id, empty for a root.
        error: Its status is an error.
    """

    process: str
    scope: str
    name: str
    kind: str
    trace: str
    id: str
    parent: str
    links: tuple[str, ...]
    attributes: dict[str, Any]
    error: bool


class Collector:
    """What was received."""

    def __init__(self) -> None:
        self.url = ""
        self._changed = threading.Condition()
        self._spans: list[SeenSpan] = []
        self._metrics: set[tuple[str, str]] = set()

    def span(self, name: str, **attributes: str) -> SeenSpan:
        """Wait for the span of that name and attributes, and return it."""
        return self.spans(lambda span: _fits(span, name, attributes))[0]

    def spans(
        self, choose: Callable[[SeenSpan], bool] = lambda _: True, *, count: int = 1
    ) -> list[SeenSpan]:
        """Wait until at least *count* spans fit, and return them in the order of arrival."""

        def fitting() -> list[SeenSpan]:
            return [span for span in self._spans if choose(span)]

        with self._changed:
            if not self._changed.wait_for(lambda: len(fitting()) >= count, WAIT_SECONDS):
                names = [f"{span.process}: {span.name}" for span in self._spans]
                raise AssertionError(f"{count} such spans did not come; there are {names}")
            return fitting()

    def metric(self, process: str, name: str) -> None:
        """Wait until *process* has sent the metric *name*."""
        with self._changed:
            if not self._changed.wait_for(lambda: (process, name) in self._metrics, WAIT_SECONDS):
                raise AssertionError(f"{process} sent no {name}; there are {self._metrics}")

    def take_traces(self, body: bytes) -> bytes:
        """Keep an ExportTraceServiceRequest and return the answer to it."""
        request = ExportTraceServiceRequest.FromString(body)
        seen = [
            SeenSpan(
                process=_attributes(resource.resource)["service.name"],
                scope=scope.scope.name,
                name=span.name,
                kind=type(span).SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
                trace=span.trace_id.hex(),
                id=span.span_id.hex(),
                parent=span.parent_span_id.hex(),
                links=tuple(link.span_id.hex() for link in span.links),
                attributes=_attributes(span),
                error=span.status.code == span.status.STATUS_CODE_ERROR,
            )
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._changed:
            self._spans.extend(seen)
            self._changed.notify_all()
        return ExportTraceServiceResponse().SerializeToString()

    def take_metrics(self, body: bytes) -> bytes:
        """Keep the names in an ExportMetricsServiceRequest and return the answer to it."""
        request = ExportMetricsServiceRequest.FromString(body)
        seen = {
            (_attributes(resource.resource)["service.name"], metric.name)
            for resource in request.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }
        with self._changed:
            self._metrics |= seen
            self._changed.notify_all()
        return ExportMetricsServiceResponse().SerializeToString()


@contextmanager
def otlp_collector() -> Generator[Collector]:
    """Run a collector on a free port; ``collector.url`` is the endpoint to configure."""
    collector = Collector()
    takes = {"/v1/traces": collector.take_traces, "/v1/metrics": collector.take_metrics}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = takes[self.path](body)
            self.send_response(200)
            self.send_header("content-type", "application/x-protobuf")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield collector
        finally:
            server.shutdown()
            thread.join(WAIT_SECONDS)


def _fits(span: SeenSpan, name: str, attributes: dict[str, str]) -> bool:
    return span.name == name and attributes.items() <= span.attributes.items()


def _attributes(holder: Any) -> dict[str, Any]:
    return {each.key: _value(each.value) for each in holder.attributes}


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    return None if kind is None else getattr(value, kind)
