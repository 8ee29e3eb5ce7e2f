from gateway.upstream.stdio.link import Pace


def test_the_pause_doubles_up_to_the_longest() -> None:
    pace = Pace(pause=0.5, longest=30)
    assert [pace.after(ends) for ends in (1, 2, 3, 7, 8, 1000)] == [0.5, 1, 2, 30, 30, 30]
