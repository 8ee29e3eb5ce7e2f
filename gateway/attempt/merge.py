"""Several servers' answers as one: fixed order, nothing lost between pages, failures named.

Items are taken in turn, one of each provider, in the table's order, so that every provider's
own ranking is kept. A page of the merged list may end inside a provider's page; the merged
cursor then says how many of that page were given out, and the next call skips them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.attempt.replies import Answered, Failed, Reply, report
from kit import paging
from kit.contract.operation import Merge
from kit.errors import FleetError, Invalid, Unavailable

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Position:
    """Where a provider's list stands.

    Attributes:
        cursor: The provider's own cursor of the page in use; None: its first.
        skip: Items of that page that were given out already.
        done: There is nothing more.
    """

    cursor: str | None = None
    skip: int = 0
    done: bool = False


def positions(cursor: str | None) -> dict[str, Position]:
    """Return where each provider stands, from a merged cursor; empty for the first page.

    Raises:
        Invalid: it is no cursor of ours.
    """
    if cursor is None:
        return {}
    try:
        return {
            provider: Position(entry.get("c"), int(entry.get("s", 0)), bool(entry.get("d")))
            for provider, entry in paging.decode(cursor).items()
        }
    except (AttributeError, TypeError, ValueError) as error:
        raise Invalid("cursor: not one that this gateway made", field="cursor") from error


def merged(
    replies: Sequence[Reply],
    merge: Merge,
    *,
    limit: int | None,
    before: Mapping[str, Position],
) -> Json:
    """Return one answer.

    Args:
        replies: One a provider, in the order to merge in.
        merge: What makes two items the same.
        limit: Items on the page; None: all.
        before: Where each provider stood.

    Raises:
        FleetError: no provider answered.
    """
    pages = {r.provider: r.result for r in replies if isinstance(r, Answered)}
    if not pages:
        raise _nobody(replies)
    items, taken = _take(pages, merge, limit, before)
    reports = [_report(reply) for reply in replies]
    answer: Json = {
        "items": items,
        "complete": all(each["status"] in {"ok", "empty"} for each in reports)
        and all(page.get("complete", True) for page in pages.values()),
        "providers": reports,
    }
    cursor = _cursor(replies, pages, taken, before)
    if cursor is not None:
        answer["next_cursor"] = cursor
    totals = [page.get("total") for page in pages.values()]
    if len(pages) == len(replies) and totals and all(isinstance(t, int) for t in totals):
        answer["total"] = sum(t for t in totals if isinstance(t, int))
    return answer


def _take(
    pages: Mapping[str, Json], merge: Merge, limit: int | None, before: Mapping[str, Position]
) -> tuple[list[Json], dict[str, int]]:
    """Return the items in turn, and how many of each provider's page were used."""
    taken = {name: before.get(name, Position()).skip for name in pages}
    lists = {name: page.get("items") or [] for name, page in pages.items()}
    found: list[Json] = []
    by_key: dict[Any, int] = {}
    moved = True
    while moved and (limit is None or len(found) < limit):
        moved = False
        for name, items in lists.items():
            if taken[name] >= len(items) or (limit is not None and len(found) >= limit):
                continue
            item = items[taken[name]]
            taken[name] += 1
            moved = True
            key = item.get(merge.key)
            if key is None or key not in by_key:
                by_key[key] = len(found)
                found.append(item)
            elif merge.join is not None:
                at = by_key[key]
                found[at] = _joined(found[at], item, merge.join)
    return found, taken


def _joined(first: Json, second: Json, field: str) -> Json:
    ours = list(first.get(field) or ())
    ours += [entry for entry in second.get(field) or () if entry not in ours]
    return {**second, **first, field: ours}


def _cursor(
    replies: Sequence[Reply],
    pages: Mapping[str, Json],
    taken: Mapping[str, int],
    before: Mapping[str, Position],
) -> str | None:
    """Return where the next page starts; None when there is none.

    A provider that failed keeps its place, so that a later page still finds its items; if
    only failed ones are left there is no next page to go through.
    """
    after: Json = {}
    more = False
    for reply in replies:
        name = reply.provider
        was = before.get(name, Position())
        page = pages.get(name)
        if was.done:
            after[name] = {"d": 1}
        elif page is None:
            after[name] = {"c": was.cursor, "s": was.skip}
        elif taken[name] < len(page.get("items") or ()):
            after[name] = {"c": was.cursor, "s": taken[name]}
            more = True
        elif page.get("next_cursor"):
            after[name] = {"c": page["next_cursor"]}
            more = True
        else:
            after[name] = {"d": 1}
    return paging.encode(after) if more else None


def _report(reply: Reply) -> Json:
    if not isinstance(reply, Answered):
        return report(reply)
    entry = report(reply, empty=not reply.result.get("items"))
    inner: Json = next(iter(reply.result.get("providers") or ()), {})
    for name in ("stale_seconds", "error"):  # what the server says of itself
        if inner.get(name) is not None:
            entry[name] = inner[name]
    return entry


def _nobody(replies: Sequence[Reply]) -> FleetError:
    """Return the failure when nobody answered: one that all agree on stays what it is."""
    errors = [reply.error for reply in replies if isinstance(reply, Failed)]
    if errors and len(errors) == len(replies) and len({each.code for each in errors}) == 1:
        return errors[0]
    told = [_named(each["provider"], each["error"]["message"]) for each in map(report, replies)]
    return Unavailable("no provider answered: " + "; ".join(told or ["none is registered"]))


def _named(provider: str, message: str) -> str:
    return message if message.startswith(provider) else f"{provider}: {message}"
