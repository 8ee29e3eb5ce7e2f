"""One of several registries probes: who holds the role, by compare-and-set with an expiry."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from kit import log
from kit.clock import Clock
from kit.errors import Conflict, FleetError
from kit.kv import Entry, KeyValue

KEY: Final = "role.prober"
HOLD_SECONDS: Final = 6.0
_log = log.get(__name__)


class Role:
    """The role of prober.

    Where the bucket cannot be reached every registry takes it: health must go on.

    Args:
        kv: Shared by the registries.
        clock: For the expiry.
        gained: Called when this registry takes the role.
        lost: Called when another has it.
    """

    def __init__(
        self,
        kv: KeyValue,
        clock: Clock,
        gained: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._kv = kv
        self._clock = clock
        self._gained = gained
        self._lost = lost
        self._me = uuid4().hex
        self.held = False

    async def keep(self) -> None:
        """Take the role whenever it is free, and renew it, for ever."""
        while True:
            await self._clock.sleep(HOLD_SECONDS / 3)
            await self.take()

    async def take(self) -> None:
        """Take the role if it is free, or renew it."""
        held = await self._try()
        if held is not self.held:
            self.held = held
            _log.info("prober.role", held=held)
            (self._gained if held else self._lost)()

    async def give_up(self) -> None:
        """Leave the role to another at once."""
        if not self.held:
            return
        self.held = False
        try:
            entry = await self._kv.get(KEY)
            if entry is not None and _holder(entry)[0] == self._me:
                await self._kv.delete(KEY)
        except FleetError as error:
            _log.info("prober.role_not_given_up", reason=error.message)

    async def _try(self) -> bool:
        until = self._clock.utc() + timedelta(seconds=HOLD_SECONDS)
        claim = json.dumps({"holder": self._me, "until": until.isoformat()}).encode()
        try:
            entry = await self._kv.get(KEY)
            if entry is None:
                await self._kv.create(KEY, claim)
                return True
            holder, expires = _holder(entry)
            if holder != self._me and expires > self._clock.utc():
                return False
            await self._kv.update(KEY, claim, entry.revision)
        except Conflict:
            return False
        except FleetError as error:
            if not self.held:
                _log.warning("prober.alone", reason=error.message)
        return True


def _holder(entry: Entry) -> tuple[str, datetime]:
    claim: dict[str, Any] = json.loads(entry.value)
    return claim["holder"], datetime.fromisoformat(claim["until"])
