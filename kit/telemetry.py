"""Spans with the MCP names, and the two ways out: OTLP when configured, ``/metrics`` always.

Conventions: semantic-conventions-genai, docs/gen-ai/mcp.md; ours are ``fleet.*``.

- ``server_span`` around what a caller asked of us, ``client_span`` around each attempt
  upstream, ``span`` around anything else. The first two also record
  ``mcp.{server,client}.operation.duration``: whoever uses them must not record it again, and
  a hot path that can do without a span calls ``kit.metrics.SERVER_DURATION.observe`` instead.
- A trace comes and goes in ``params._meta`` (SEP-414): ``server_span`` takes the parent from
  there, ``inject`` writes it there. A fleet that exports nothing still passes the caller's
  trace on.
- OpenTelemetry's global provider is never set, so the spans that the MCP SDK makes (its
  ``OpenTelemetryMiddleware`` and its client's ``MCP send ...``) are never recorded: one server
  span and one client span a hop, ours. Drop that middleware from ``Server.middleware``: it
  would also hide a ``server_span`` opened outside of it from the work inside.
"""

import re
from collections.abc import Mapping, MutableMapping
from contextvars import ContextVar, Token
from dataclasses import dataclass
from time import perf_counter
from types import TracebackType
from typing import Any, Final, Self

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import Link, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kit import export
from kit.errors import FleetError
from kit.metrics import CLIENT_DURATION, SERVER_DURATION, Attributes, Histogram
from kit.settings import FleetSettings

Value = str | bool | int | float

_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)
_TRACESTATE_MAX: Final = 512  # characters; W3C Trace Context 3.3.1.5
_W3C: Final = TraceContextTextMapPropagator()
_TARGETS: Final = {"tools/call": "gen_ai.tool.name", "prompts/get": "gen_ai.prompt.name"}
_CALLER_FAULTS: Final = frozenset({"-32700", "-32600", "-32601", "-32602", "-32002"})
_MEASURED: Final = frozenset(
    {
        "fleet.capability",
        "fleet.operation",
        "fleet.outcome",
        "fleet.server",
        "fleet.tier",
        "mcp.method.name",
        "mcp.protocol.version",
        "network.transport",
        *_TARGETS.values(),
    }
)
"""Attributes of few values, which histograms may have too."""

_passed: ContextVar[tuple[str, str | None] | None] = ContextVar("passed_trace", default=None)


@dataclass(frozen=True, slots=True)
class Telemetry:
    """What one process tells, and to whom.

    Attributes:
        metrics: The ways out for numbers.
        tracer: Makes spans; none: nothing is exported.
        provider: Owns the tracer.
    """

    metrics: export.Metrics
    tracer: trace.Tracer | None = None
    provider: TracerProvider | None = None

    def flush(self) -> None:
        """Send what waits; blocks for at most some seconds."""
        if self.provider is not None:
            self.provider.force_flush(5000)
        self.metrics.flush()

    def shutdown(self) -> None:
        """Send what waits and stop; blocks for at most some seconds."""
        if self.provider is not None:
            self.provider.shutdown()
        self.metrics.shutdown()


_running: Telemetry | None = None


def configure(process: str, settings: FleetSettings) -> Telemetry:
    """Start telling about *process*; an earlier configuration is shut down first."""
    global _running  # noqa: PLW0603 -- one a process, as logging is
    stop()
    resource = export.resource(process)
    endpoint = settings.otlp_endpoint and settings.otlp_endpoint.rstrip("/")
    metrics = export.Metrics(resource, endpoint)
    if endpoint is None:
        _running = Telemetry(metrics)
        return _running
    provider = export.tracer_provider(resource, endpoint)
    _running = Telemetry(metrics, provider.get_tracer("fleet"), provider)
    return _running


def stop() -> None:
    """Shut down what ``configure`` started, if it did."""
    global _running  # noqa: PLW0603 -- see configure
    if _running is not None:
        _running.shutdown()
        _running = None


def metrics_route() -> Route:
    """Return ``/metrics``: Prometheus text, or OpenMetrics where asked for."""

    def metrics(request: Request) -> Response:
        # Not async: Starlette renders it in a thread, so that many series delay no call.
        if _running is None:
            return Response("telemetry is not configured\n", 503, media_type="text/plain")
        body, media_type = _running.metrics.render(request.headers.get("accept", ""))
        return Response(body, headers={"content-type": media_type})

    return Route("/metrics", metrics)


class Span:
    """One operation, from ``with`` to its end; see ``server_span`` and ``client_span``."""

    __slots__ = (
        "_attributes",
        "_error",
        "_histogram",
        "_kind",
        "_name",
        "_parent",
        "_span",
        "_start",
        "_token",
        "_via",
    )

    def __init__(
        self,
        name: str,
        kind: SpanKind,
        attributes: dict[str, Value],
        histogram: Histogram | None = None,
        parent: Mapping[str, Any] | None = None,
    ) -> None:
        self._name = name
        self._kind = kind
        self._attributes = attributes
        self._histogram = histogram
        self._parent = parent
        self._error: str | None = None
        self._span: trace.Span | None = None
        self._token: Token[otel_context.Context] | None = None
        self._via: Token[tuple[str, str | None] | None] | None = None

    def set(self, name: str, value: Value) -> None:
        """Set an attribute; those of few values are the histogram's too."""
        self._attributes[name] = value
        if self._span is not None:
            self._span.set_attribute(name, value)

    def fail(self, error_type: str) -> None:
        """Say that it failed: ``tool_error``, a JSON-RPC code, or a neutral error's code."""
        self._error = error_type

    def __enter__(self) -> Self:
        given = _trace_in(self._parent) if self._parent else None
        tracer = None if _running is None else _running.tracer
        if tracer is not None:
            self._open(tracer, given)
        elif given is not None:
            self._via = _passed.set(given)
        self._start = perf_counter()
        return self

    def _open(self, tracer: trace.Tracer, given: tuple[str, str | None] | None) -> None:
        parent, links = None, []
        if given is not None:
            carrier = {"traceparent": given[0], "tracestate": given[1] or ""}
            parent = _W3C.extract(carrier, otel_context.Context())
            ambient = trace.get_current_span().get_span_context()
            if ambient.is_valid:
                links = [Link(ambient)]
        self._span = tracer.start_span(self._name, parent, self._kind, self._attributes, links)
        self._token = otel_context.attach(trace.set_span_in_context(self._span, parent))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        seconds = perf_counter() - self._start
        if error is not None and self._error is None:
            self._error = error.code if isinstance(error, FleetError) else type(error).__qualname__
        if self._histogram is not None:
            self._histogram.observe(seconds, self._measured())
        if self._via is not None:
            _passed.reset(self._via)
        if self._token is not None:
            otel_context.detach(self._token)
        if self._span is not None:
            self._close(self._span)

    def _measured(self) -> Attributes:
        measured = [
            (name, value if isinstance(value, str) else str(value))
            for name, value in self._attributes.items()
            if name in _MEASURED
        ]
        if self._error is not None:
            measured.append(("error.type", self._error))
        return tuple(measured)

    def _close(self, span: trace.Span) -> None:
        if self._error is not None:
            span.set_attribute("error.type", self._error)
            if self._error.startswith("-32"):
                span.set_attribute("rpc.response.status_code", self._error)
            if self._kind is not SpanKind.SERVER or self._error not in _CALLER_FAULTS:
                span.set_status(StatusCode.ERROR)
        span.end()


def server_span(
    method: str,
    target: str | None = None,
    meta: Mapping[str, Any] | None = None,
    attributes: Mapping[str, Value] | None = None,
) -> Span:
    """Return a context manager for one request that was asked of us.

    Args:
        method: ``tools/call``.
        target: The tool or prompt, only if we have one of that name; else leave it out.
        meta: The request's ``_meta``, whose trace is the parent; what else is going on
            becomes a link.
        attributes: Further ones: ``mcp.protocol.version``, ``jsonrpc.request.id``, ...
    """
    return _operation(SpanKind.SERVER, SERVER_DURATION, method, target, meta, attributes)


def client_span(
    method: str, target: str | None = None, attributes: Mapping[str, Value] | None = None
) -> Span:
    """Return a context manager for one request to a server; call ``inject`` inside it.

    Args:
        method: ``tools/call``.
        target: The tool or prompt.
        attributes: Further ones: ``fleet.server``, ``fleet.tier``, ``fleet.attempt``, ...
    """
    return _operation(SpanKind.CLIENT, CLIENT_DURATION, method, target, None, attributes)


def span(name: str, attributes: Mapping[str, Value] | None = None, *, client: bool = False) -> Span:
    """Return a context manager for anything else; *client*: it waits for another process."""
    kind = SpanKind.CLIENT if client else SpanKind.INTERNAL
    return Span(name, kind, dict(attributes or ()))


def _operation(
    kind: SpanKind,
    histogram: Histogram,
    method: str,
    target: str | None,
    meta: Mapping[str, Any] | None,
    attributes: Mapping[str, Value] | None,
) -> Span:
    given: dict[str, Value] = {"mcp.method.name": method}
    name = method
    named = _TARGETS.get(method)
    if named is not None and target is not None:
        given[named] = target
        name = f"{method} {target}"
    if method == "tools/call":
        given["gen_ai.operation.name"] = "execute_tool"
    if attributes:
        given.update(attributes)
    return Span(name, kind, given, histogram, meta)


def inject(meta: MutableMapping[str, Any]) -> None:
    """Write the running trace into an outgoing ``_meta`` (or into HTTP headers)."""
    if _running is not None and _running.tracer is not None:
        _W3C.inject(meta)
        return
    passed = _passed.get()
    if passed is not None:
        meta["traceparent"] = passed[0]
        if passed[1] is not None:
            meta["tracestate"] = passed[1]


def trace_id() -> str | None:
    """Return the running trace's id, 32 hex digits, for logs and answers."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        return trace.format_trace_id(context.trace_id)
    passed = _passed.get()
    return None if passed is None else passed[0][3:35]


def _trace_in(meta: Mapping[str, Any]) -> tuple[str, str | None] | None:
    parent = meta.get("traceparent")
    if not isinstance(parent, str) or _TRACEPARENT.fullmatch(parent) is None:
        return None
    state = meta.get("tracestate")
    if not isinstance(state, str) or not 0 < len(state) <= _TRACESTATE_MAX:
        state = None
    return parent, state
