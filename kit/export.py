"""How numbers and spans leave the process: Prometheus text, and OTLP over HTTP."""

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from threading import Lock
from time import monotonic, time_ns
from typing import Any, Final

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    HistogramDataPoint,
    Metric,
    MetricReader,
    MetricsData,
    NumberDataPoint,
    PeriodicExportingMetricReader,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Gauge as GaugeData
from opentelemetry.sdk.metrics.export import Histogram as HistogramData
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.exposition import choose_encoder

from kit import log
from kit.metrics import Attributes, Counter, Distribution, Gauge, Instrument, instruments

_SCOPE: Final = InstrumentationScope("fleet")
_CUMULATIVE: Final = AggregationTemporality.CUMULATIVE
_OTLP_TIMEOUT_SECONDS: Final = (
    2  # one request to the collector, so that an exit waits for 4 at most
)
_START: Final = time_ns(), monotonic()
_NOT_KEPT: Final[Any] = None  # optional on the wire, though the SDK's type says a number
_log = log.get(__name__)


class Metrics:
    """The ways out for numbers: pulled at ``/metrics``, pushed over OTLP if asked to.

    Args:
        whose: The process.
        otlp_endpoint: Base URL of a collector.
    """

    def __init__(self, whose: Resource, otlp_endpoint: str | None) -> None:
        self._registry = CollectorRegistry()
        self._lock = Lock()  # the reader below mixes up two scrapes at once
        ProcessCollector(registry=self._registry)
        readers: list[MetricReader] = [
            _PrometheusReader(registry=self._registry, scope_info_enabled=False)
        ]
        self._push = None if otlp_endpoint is None else _push_reader(otlp_endpoint)
        if self._push is not None:
            readers.append(self._push)
        self._provider = MeterProvider(readers, whose)
        # Readers are called, and so can add ours, only if an instrument of the SDK has data.
        self._provider.get_meter("fleet").create_observable_gauge(
            "process.uptime", [_uptime], "s", "Time since the process started"
        )

    def render(self, accept: str) -> tuple[bytes, str]:
        """Return the body and its media type, in the format that *accept* prefers."""
        encode, media_type = choose_encoder(accept)
        with self._lock:
            return encode(self._registry), media_type

    def flush(self) -> None:
        """Push what there is."""
        if self._push is not None:
            self._push.force_flush()

    def shutdown(self) -> None:
        """Push what there is and stop."""
        self._provider.shutdown()


def resource(process: str) -> Resource:
    """Return who it is that tells."""
    try:
        release = version("sophia-fleet")
    except PackageNotFoundError:  # run from a checkout or an image without an installed project
        release = "unreleased"
    return Resource.create(
        {"service.name": process, "service.namespace": "fleet", "service.version": release}
    )


def tracer_provider(whose: Resource, otlp_endpoint: str) -> TracerProvider:
    """Return what makes spans and sends them, in batches, from a thread of its own."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 -- 100 ms and 2 MB that only an exporting process should pay
        OTLPSpanExporter,
    )

    exporter = OTLPSpanExporter(f"{otlp_endpoint}/v1/traces", timeout=_OTLP_TIMEOUT_SECONDS)
    provider = TracerProvider(resource=whose)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider


def _push_reader(otlp_endpoint: str) -> PeriodicExportingMetricReader:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import (  # noqa: PLC0415 -- see tracer_provider
        OTLPMetricExporter,
    )

    return _PushReader(
        OTLPMetricExporter(f"{otlp_endpoint}/v1/metrics", timeout=_OTLP_TIMEOUT_SECONDS)
    )


class _PrometheusReader(PrometheusMetricReader):
    def _receive_metrics(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> None:
        super()._receive_metrics(_with_ours(metrics_data), timeout_millis, **kwargs)


class _PushReader(PeriodicExportingMetricReader):
    def _receive_metrics(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **kwargs: Any
    ) -> None:
        super()._receive_metrics(_with_ours(metrics_data), timeout_millis, **kwargs)


def _uptime(_: CallbackOptions) -> list[Observation]:
    return [Observation(monotonic() - _START[1])]


def _with_ours(given: MetricsData) -> MetricsData:
    ours = ScopeMetrics(_SCOPE, list(_metrics()), "")
    return MetricsData(
        [
            ResourceMetrics(each.resource, [*each.scope_metrics, ours], each.schema_url)
            for each in given.resource_metrics
        ]
    )


def _metrics() -> Iterator[Metric]:
    now = time_ns()
    for instrument in instruments():
        data = _data(instrument, now)
        if data.data_points:
            identity = instrument.identity
            yield Metric(identity.name, identity.description, identity.unit, data)


def _data(instrument: Instrument, now: int) -> Sum | GaugeData | HistogramData:
    if isinstance(instrument, Gauge):
        return GaugeData([_point(*each, now) for each in _asked(instrument)])
    if isinstance(instrument, Counter):
        points = [_point(attributes, tally.total, now) for attributes, tally in instrument.series()]
        return Sum(points, _CUMULATIVE, is_monotonic=True)
    return HistogramData([_spread(*each, now) for each in instrument.series()], _CUMULATIVE)


def _asked(gauge: Gauge) -> list[tuple[Attributes, float]]:
    try:
        values = gauge.ask()
    except Exception:  # noqa: BLE001 -- one broken gauge must not hide the other numbers
        _log.exception("gauge.failed", gauge=gauge.identity.name)
        return []
    return [((), values)] if isinstance(values, int | float) else list(values.items())


def _point(attributes: Attributes, value: float, now: int) -> NumberDataPoint:
    return NumberDataPoint(dict(attributes), _START[0], now, value)


def _spread(attributes: Attributes, spread: Distribution, now: int) -> HistogramDataPoint:
    counts = list(spread.counts)
    return HistogramDataPoint(
        dict(attributes),
        _START[0],
        now,
        sum(counts),
        spread.total,
        counts,
        spread.boundaries,
        min=_NOT_KEPT,
        max=_NOT_KEPT,
    )
