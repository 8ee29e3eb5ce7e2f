"""``python -m tests.conformance.run``: how far the fixture and the gateway conform.

Alone it runs every leg of the official suite against the fixture server and through a
gateway in front of it; with ``--url`` against a server that runs already. Exit code 1:
something is not as pinned.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from tests.conformance import pinned
from tests.conformance.served import everything, gateway
from tests.conformance.suite import LEGS, Count, Leg, NotRun, run


def tell(line: str) -> None:
    """Write *line* for the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def table(legs: Sequence[Leg]) -> Iterable[str]:
    """Yield a line for each scenario: passed of expected, and how many fail, leg by leg."""
    yield f"{'scenario':46}" + "".join(f"{leg.revision:>16}" for leg in legs)
    counts = [leg.counts() for leg in legs]
    wanted = [pinned.expected(leg.revision) for leg in legs]
    for name in sorted({name for each in [*counts, *wanted] for name in each}):
        row = (_cell(has.get(name), of.get(name)) for has, of in zip(counts, wanted, strict=True))
        yield f"{name:46}" + "".join(f"{cell:>16}" for cell in row)
    sums = (
        f"{leg.passed}/{sum(count.passed for count in of.values())}"
        for leg, of in zip(legs, wanted, strict=True)
    )
    yield f"{'all':46}" + "".join(f"{cell:>16}" for cell in sums)


def _cell(has: Count | None, of: Count | None) -> str:
    if has is None and of is None:
        return "-"
    now, then = has or Count(0), of or Count(0)
    failing = f" ({now.failing} fail)" if now.failing else ""
    return f"{now.passed}/{then.passed}{failing}"


def against(
    name: str, url: str, revisions: Sequence[str], pins: Callable[[str], pinned.Counts]
) -> tuple[list[Leg], list[str]]:
    """Return the legs run against *url*, told as a table, and what is not as pinned."""
    legs = [run(url, revision) for revision in revisions]
    tell(f"\n{name}: {url}")
    for line in table(legs):
        tell(line)
    return legs, [line for leg in legs for line in leg.differences(pins(leg.revision))]


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.run")
    parser.add_argument("--url", help="an MCP endpoint that should have everything")
    parser.add_argument("--leg", action="append", choices=LEGS, help="only this revision")
    parser.add_argument("--pin", action="store_true", help="pin what the gateway comes to now")
    given = parser.parse_args()
    revisions = given.leg or LEGS
    try:
        if given.url:
            _, wrong = against("server", given.url, revisions, pinned.expected)
        else:
            wrong = fixture_and_gateway(revisions, pin=given.pin)
    except NotRun as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for line in wrong:
        tell(line)
    return 1 if wrong else 0


def fixture_and_gateway(revisions: Sequence[str], *, pin: bool) -> list[str]:
    """Return what is not as pinned of the fixture server and of a gateway in front of it."""
    with tempfile.TemporaryDirectory() as folder, everything() as upstream:
        _, wrong = against("fixture", upstream, revisions, pinned.expected)
        with gateway(upstream, Path(folder)) as url:
            legs, short = against("through the gateway", url, revisions, pinned.reached)
    if pin:
        pinned.pin(legs)
        short = []
    return wrong + short


if __name__ == "__main__":
    sys.exit(main())
