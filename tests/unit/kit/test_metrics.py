import pytest

from kit import metrics
from kit.metrics import LIMIT, OVERFLOW, Counter, Gauge, Histogram, Identity

BOUNDARIES = (0.1, 1.0)


def histogram() -> Histogram:
    return Histogram(Identity("t", "t", "s"), BOUNDARIES)


@pytest.mark.parametrize(
    ("seconds", "counts"),
    [(0.0, [1, 0, 0]), (0.1, [1, 0, 0]), (0.11, [0, 1, 0]), (1.0, [0, 1, 0]), (9.0, [0, 0, 1])],
)
def test_a_boundary_belongs_to_the_bucket_below_it(seconds: float, counts: list[int]) -> None:
    held = histogram()
    held.observe(seconds)
    ((attributes, spread),) = held.series()
    assert attributes == ()
    assert spread.counts == counts
    assert spread.total == seconds


def test_the_order_of_attributes_does_not_make_another_series() -> None:
    held = histogram()
    held.observe(0.5, (("a", "1"), ("b", "2")))
    held.observe(0.5, (("b", "2"), ("a", "1")))
    held.bind((("b", "2"), ("a", "1"))).observe(0.5)
    ((attributes, spread),) = held.series()
    assert attributes == (("a", "1"), ("b", "2"))
    assert sum(spread.counts) == 3


def test_attribute_sets_past_the_limit_are_counted_together() -> None:
    counter = Counter(Identity("t", "t", "1"))
    for number in range(LIMIT + 5):
        counter.add(1, (("caller", str(number)),))
    counter.add(1, (("caller", "0"),))
    series = dict(counter.series())
    assert len(series) == LIMIT + 1
    assert series[OVERFLOW].total == 5
    assert series[(("caller", "0"),)].total == 2


def test_what_is_bound_and_what_is_looked_up_is_one_sum() -> None:
    counter = Counter(Identity("t", "t", "1"))
    counter.bind((("a", "1"),)).add(2)
    counter.add(3, (("a", "1"),))
    assert [(attributes, tally.total) for attributes, tally in counter.series()] == [
        ((("a", "1"),), 5)
    ]


def test_a_name_is_one_instrument_and_one_kind() -> None:
    first = metrics.counter("test.one_kind", "t")
    assert metrics.counter("test.one_kind", "t") is first
    with pytest.raises(TypeError, match=r"test\.one_kind is a counter already"):
        metrics.histogram("test.one_kind", "t")


def test_the_last_gauge_of_a_name_counts() -> None:
    metrics.gauge("test.last", lambda: 1)
    metrics.gauge("test.last", lambda: 2)
    asked = [
        each.ask()
        for each in metrics.instruments()
        if isinstance(each, Gauge) and each.identity.name == "test.last"
    ]
    assert asked == [2]


def test_clearing_forgets_numbers_and_gauges() -> None:
    counter = metrics.counter("test.cleared", "t")
    counter.add()
    metrics.gauge("test.cleared.gauge", lambda: 1)
    metrics.clear()
    assert counter.series() == []
    assert "test.cleared.gauge" not in {each.identity.name for each in metrics.instruments()}
    counter.add()
    assert len(counter.series()) == 1
