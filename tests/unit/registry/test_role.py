from kit.errors import Unavailable
from kit.kv import Entry, MemoryKeyValue
from registry.role import HOLD_SECONDS, Role
from tests.support.clock import FakeClock


class Reachable(MemoryKeyValue):
    """A bucket that a test can put out of reach."""

    def __init__(self) -> None:
        super().__init__()
        self.away = False

    async def get(self, key: str) -> Entry | None:
        if self.away:
            raise Unavailable("NATS cannot be reached")
        return await super().get(key)


class Registry:
    """One of several that want the role."""

    def __init__(self, kv: Reachable, clock: FakeClock) -> None:
        self.turns: list[str] = []
        self.role = Role(kv, clock, lambda: self.turns.append("gained"), self._lost)

    def _lost(self) -> None:
        self.turns.append("lost")


def three() -> tuple[Registry, Registry, Reachable, FakeClock]:
    kv, clock = Reachable(), FakeClock()
    return Registry(kv, clock), Registry(kv, clock), kv, clock


async def test_one_of_two_holds_the_role() -> None:
    one, other, _, _ = three()
    await one.role.take()
    await other.role.take()
    assert (one.role.held, other.role.held) == (True, False)
    assert (one.turns, other.turns) == (["gained"], [])


async def test_who_renews_in_time_keeps_it() -> None:
    one, other, _, clock = three()
    for _ in range(5):
        await one.role.take()
        await other.role.take()
        clock.advance(HOLD_SECONDS - 0.1)
    assert (one.turns, other.turns) == (["gained"], [])


async def test_who_does_not_renew_loses_it_and_hears_so() -> None:
    one, other, _, clock = three()
    await one.role.take()
    clock.advance(HOLD_SECONDS)
    await other.role.take()
    await one.role.take()
    assert (one.turns, other.turns) == (["gained", "lost"], ["gained"])


async def test_who_leaves_makes_room_at_once() -> None:
    one, other, _, _ = three()
    await one.role.take()
    await one.role.give_up()
    await other.role.take()
    assert other.role.held
    await one.role.give_up()
    assert other.role.held


async def test_out_of_reach_everyone_goes_on_and_afterwards_one() -> None:
    one, other, kv, clock = three()
    await one.role.take()
    kv.away = True
    clock.advance(HOLD_SECONDS)
    await other.role.take()
    await one.role.take()
    assert one.role.held
    assert other.role.held
    kv.away = False
    await one.role.take()
    await other.role.take()
    assert (one.role.held, other.role.held) == (True, False)


async def test_leaving_while_out_of_reach_is_no_failure() -> None:
    one, _, kv, _ = three()
    await one.role.take()
    kv.away = True
    await one.role.give_up()
    assert not one.role.held
