"""``sophia explain`` and ``sophia simulate``: where calls go, and where they would go."""

import json as jsonlib
from collections.abc import Sequence
from typing import Any

from cli import show
from cli.address import gateway
from cli.api import get, post
from cli.arguments import parsed
from cli.failure import Usage


def explain(operation: str, /, *words: str, url: str | None = None, json: bool = False) -> int:
    """Explain an operation.

    Args:
        operation: Its name, `tasks.search`.
        words: Arguments, as for `sophia call`; a ref decides where a call goes.
        url: The gateway (the fleet's that is up here).
        json: Print the plan as JSON.
    """
    asked = jsonlib.dumps(parsed(words))
    answer = get(gateway(url), "operations", operation, "explain", arguments=asked)
    if json:
        show.as_json(answer)
        return 0
    show.line(f"{operation}: {answer['outcome']}")
    show.line(f"route class {answer['route']}, safety class {answer['safety']}")
    show.table(("provider", "server", "tier", "tool", "in or out"), _legs(answer["legs"]))
    return 0


def simulate(*, down: tuple[str, ...] = (), url: str | None = None, json: bool = False) -> int:
    """Suppose that servers are down.

    Args:
        down: This server; may be given several times.
        url: The gateway (the fleet's that is up here).
        json: Print every operation's plan before and after as JSON.
    """
    names = [name for each in down for name in each.split(",") if name]
    if not names:
        raise Usage("--down NAME: which server?")
    answer = post(gateway(url), "simulate", body={"down": names})
    if json:
        show.as_json(answer)
        return 0
    show.line(f"without {', '.join(answer['down'])}:")
    show.table(
        ("operation", "now", "then"),
        [
            (row["operation"], row["before"], row["after"] if row["changes"] else "no change")
            for row in answer["operations"]
        ],
    )
    return 0


def _legs(legs: Sequence[dict[str, Any]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for leg in legs:
        for place, each in enumerate(leg["candidates"], 1):
            how = "is asked" if place == 1 else f"stands in ({place}.)"
            rows.append((leg["provider"], each["server"], each["tier"], each["tool"], how))
        rows += [
            (leg["provider"], each["server"], "", "", f"out: {each['reason']}")
            for each in leg["out"]
        ]
    return rows
