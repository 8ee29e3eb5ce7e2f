from services.sandbox.buckets import Bucket, Level
from tests.support.clock import FakeClock


def test_a_bucket_gives_what_it_holds_and_then_says_how_long_to_wait() -> None:
    clock = FakeClock()
    bucket = Bucket(3, 60, clock)
    assert [bucket.take() for _ in range(3)] == [0, 0, 0]
    assert bucket.take() == 20
    assert bucket.take(2) == 40
    assert bucket.level() == Level(limit=3, remaining=0, full_in_seconds=60)


def test_a_bucket_fills_at_a_constant_rate_and_never_over() -> None:
    clock = FakeClock()
    bucket = Bucket(3, 60, clock)
    for _ in range(3):
        bucket.take()
    clock.advance(30)
    assert bucket.level() == Level(limit=3, remaining=1, full_in_seconds=30)
    clock.advance(600)
    assert bucket.level() == Level(limit=3, remaining=3, full_in_seconds=0)


def test_what_is_refused_takes_nothing() -> None:
    bucket = Bucket(10, 60, FakeClock())
    bucket.take(8)
    assert bucket.take(5) > 0
    assert bucket.take(2) == 0
