"""House checks: every service looks like its neighbours, and claims what is true.

Run ``python -m tools.check_services`` in the checkout; it exits with 1 and one line a
mistake when a rule is broken. What the rules are is in ``tools/house/rules.py``.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from tools.house.rules import RULES
from tools.house.service import Unreadable, names, service_of


def mistakes(root: Path, name: str) -> Iterator[str]:
    """Name what is wrong with one service; the rules are asked once it can be loaded."""
    try:
        service = service_of(root, name)
    except Unreadable as error:
        yield from error.args
        return
    for rule in RULES:
        yield from rule(service)


def main() -> int:
    """Check every service of the checkout that is the working directory."""
    root = Path.cwd()
    services = names(root)
    if not services:
        print(f"{root}: no services found; run this in the checkout's root", file=sys.stderr)
        return 1
    found = [line for name in services for line in mistakes(root, name)]
    print("\n".join(found) or f"{len(services)} services keep all house rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
