"""What the sandbox has done: calls served and writes applied, so that tests can count."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Ledger:
    """Counts of one vendor, by what was done."""

    calls: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)

    def clear(self) -> None:
        """Forget everything."""
        for counter in (self.calls, self.answers, self.writes, self.faults):
            counter.clear()

    def report(self) -> dict[str, dict[str, int]]:
        """Return the counts as JSON."""
        return {
            "calls": dict(self.calls),
            "answers": dict(self.answers),
            "writes": dict(self.writes),
            "faults": dict(self.faults),
        }
