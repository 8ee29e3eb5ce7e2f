"""Numbers about what happens, cheap enough for the path of every call.

One measurement takes 0.2 to 0.4 µs here; OpenTelemetry's own instruments take 6 µs (SDK 1.45,
four attributes), and a call makes several. So the numbers are held here, in process, and
``kit.telemetry`` hands them to OpenTelemetry's exporters whenever those ask.

Attributes are a tuple of name and value pairs. A tuple made once and used again is the
cheapest; ``bind`` saves even its look-up. Values must come from a small set (operations,
servers, outcomes), never from callers or ids: past ``LIMIT`` sets an instrument counts under
``otel.metric.overflow``. Measure on the event loop's thread; reading is safe from any.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

Attributes = tuple[tuple[str, str], ...]
Values = float | Mapping[Attributes, float]

LIMIT: Final = 2000
"""Attribute sets an instrument, as in OpenTelemetry's SDK."""
OVERFLOW: Final[Attributes] = (("otel.metric.overflow", "true"),)
MCP_BOUNDARIES: Final = (
    *(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0),
    *(2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0),
)
"""Seconds; semantic conventions for MCP (semantic-conventions-genai, docs/gen-ai/mcp.md)."""
FINE_BOUNDARIES: Final = (0.0005, 0.001, 0.0025, 0.005, *MCP_BOUNDARIES)
"""Seconds; shows what the fleet itself adds, which is below the conventions' first bucket."""


class Distribution:
    """How the measurements of one attribute set spread.

    Attributes:
        boundaries: Upper bounds of the buckets, inclusive, ascending.
        counts: Measurements a bucket; the last is for what is above every boundary.
        total: Sum of the measurements.
    """

    __slots__ = ("boundaries", "counts", "total")

    def __init__(self, boundaries: Sequence[float]) -> None:
        self.boundaries = boundaries
        self.counts = [0] * (len(boundaries) + 1)
        self.total = 0.0

    def observe(self, value: float) -> None:
        """Count one measurement."""
        self.counts[bisect_left(self.boundaries, value)] += 1
        self.total += value


class Tally:
    """A sum that only grows."""

    __slots__ = ("total",)

    def __init__(self) -> None:
        self.total = 0.0

    def add(self, amount: float = 1) -> None:
        """Add *amount*, which is not negative."""
        self.total += amount


SeriesT = TypeVar("SeriesT")


@dataclass(frozen=True, slots=True)
class Identity:
    """What an instrument is called.

    Attributes:
        name: Dotted, ``fleet.call.duration``.
        description: For people, one phrase.
        unit: UCUM: ``s``, ``By``, ``{event}``, ``1``.
    """

    name: str
    description: str
    unit: str


class _Instrument(Generic[SeriesT]):
    def __init__(self, identity: Identity, make: Callable[[], SeriesT]) -> None:
        self.identity = identity
        self._make = make
        self._series: dict[Attributes, SeriesT] = {}
        self._known: dict[Attributes, SeriesT] = {}  # also in the orders that callers use

    def bind(self, attributes: Attributes = ()) -> SeriesT:
        """Return the series of *attributes*, in whatever order they are given."""
        known = self._known.get(attributes)
        if known is not None:
            return known
        ordered = tuple(sorted(attributes))
        series = self._series.get(ordered)
        if series is None:
            if len(self._series) >= LIMIT:
                ordered = OVERFLOW
            series = self._series.setdefault(ordered, self._make())
        if len(self._known) < 2 * LIMIT:
            self._known[attributes] = series
        return series

    def series(self) -> list[tuple[Attributes, SeriesT]]:
        """Return what was counted, by attribute set."""
        return list(self._series.items())

    def clear(self) -> None:
        """Forget what was counted; what was bound counts for nothing from now on."""
        self._series.clear()
        self._known.clear()


class Histogram(_Instrument[Distribution]):
    """How long things take, or how large they are."""

    def __init__(self, identity: Identity, boundaries: Sequence[float]) -> None:
        super().__init__(identity, lambda: Distribution(boundaries))

    def observe(self, value: float, attributes: Attributes = ()) -> None:
        """Count one measurement."""
        (self._known.get(attributes) or self.bind(attributes)).observe(value)


class Counter(_Instrument[Tally]):
    """How often something happened."""

    def __init__(self, identity: Identity) -> None:
        super().__init__(identity, Tally)

    def add(self, amount: float = 1, attributes: Attributes = ()) -> None:
        """Add *amount*, which is not negative."""
        (self._known.get(attributes) or self.bind(attributes)).total += amount


@dataclass(frozen=True, slots=True)
class Gauge:
    """What something is now: asked for when somebody reads it."""

    identity: Identity
    ask: Callable[[], Values]


Instrument = Histogram | Counter | Gauge
_instruments: dict[str, Instrument] = {}


def histogram(
    name: str, description: str, unit: str = "s", boundaries: Sequence[float] = FINE_BOUNDARIES
) -> Histogram:
    """Return the histogram *name*; the same one each time."""
    return _kept(name, Histogram, lambda: Histogram(Identity(name, description, unit), boundaries))


def counter(name: str, description: str, unit: str = "1") -> Counter:
    """Return the counter *name*; the same one each time."""
    return _kept(name, Counter, lambda: Counter(Identity(name, description, unit)))


def gauge(name: str, ask: Callable[[], Values], description: str = "", unit: str = "1") -> None:
    """Have *ask* called, from any thread, whenever the gauge *name* is read.

    It returns a number, or numbers by attribute set. The last one given for a name counts.
    """
    _instruments[name] = Gauge(Identity(name, description, unit), ask)


def instruments() -> list[Instrument]:
    """Return every instrument, in the order of their first use."""
    return list(_instruments.values())


def clear() -> None:
    """Forget all that was counted, and every gauge: for tests."""
    for name, instrument in list(_instruments.items()):
        if isinstance(instrument, Gauge):
            del _instruments[name]
        else:
            instrument.clear()


InstrumentT = TypeVar("InstrumentT", Histogram, Counter)


def _kept(name: str, kind: type[InstrumentT], make: Callable[[], Any]) -> InstrumentT:
    found = _instruments.get(name)
    if found is None:
        found = _instruments[name] = make()
    if not isinstance(found, kind):
        raise TypeError(f"{name} is a {type(found).__name__.lower()} already")
    return found


SERVER_DURATION: Final = histogram(
    "mcp.server.operation.duration",
    "Time from an MCP request to its answer, as the receiver sees it",
    boundaries=MCP_BOUNDARIES,
)
CLIENT_DURATION: Final = histogram(
    "mcp.client.operation.duration",
    "Time from an MCP request to its answer, as the sender sees it",
    boundaries=MCP_BOUNDARIES,
)
CALL_DURATION: Final = histogram(
    "fleet.call.duration", "Time that one operation or tool of the fleet took"
)
