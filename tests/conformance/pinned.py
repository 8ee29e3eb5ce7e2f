"""The counts that are held to: expected of a complete server, and reached through the gateway.

``expected.json`` is what the suite has for a server with everything. ``reached.json`` names
the scenarios in which the gateway falls short of that, so that it may neither lose a check
nor gain one unnoticed; without any it is complete.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from tests.conformance.suite import Count, Leg

EXPECTED: Final = Path(__file__).parent / "expected.json"
REACHED: Final = Path(__file__).parent / "reached.json"
Counts = dict[str, Count]


def expected(revision: str) -> Counts:
    """Return the counts of a complete server."""
    return {name: Count(passed) for name, passed in _read(EXPECTED)[revision].items()}


def reached(revision: str) -> Counts:
    """Return the counts that the gateway has come to."""
    short = _read(REACHED)[revision]["short"]
    return expected(revision) | {name: Count(**count) for name, count in short.items()}


def totals() -> dict[str, tuple[int, int]]:
    """Return each revision's target, and what the gateway has reached of it."""
    return {leg: (has["target"], has["reached"]) for leg, has in _read(REACHED).items()}


def pin(legs: Iterable[Leg]) -> None:
    """Write what the gateway has come to; legs that were not run stay as they are."""
    whole = _read(REACHED) if REACHED.exists() else {}
    for leg in legs:
        target = expected(leg.revision)
        counts = dict.fromkeys(target, Count(0)) | leg.counts()
        whole[leg.revision] = {
            "target": sum(count.passed for count in target.values()),
            "reached": leg.passed,
            "short": {
                name: {"passed": count.passed, "failing": count.failing}
                for name, count in counts.items()
                if count != target.get(name)
            },
        }
    REACHED.write_text(json.dumps(whole, indent=2) + "\n", encoding="utf-8")


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
