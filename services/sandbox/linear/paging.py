"""Pages of a list, as Linear makes them: newest first, and a cursor is the last item's id."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.sandbox.linear import errors
from services.sandbox.linear.workspace import Entity

DEFAULT = 50
LARGEST = 250


@dataclass(frozen=True, slots=True)
class Edge:
    """One item and the cursor that stands after it."""

    node: Entity
    cursor: str


@dataclass(frozen=True, slots=True)
class PageInfo:
    """Where a page lies in its list."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """What the schema calls a connection; *total_count* and *archive_payload* are a search's."""

    nodes: Sequence[Entity]
    page_info: PageInfo
    total_count: int
    archive_payload: dict[str, Any]

    @property
    def edges(self) -> list[Edge]:
        """Return the nodes with their cursors."""
        return [Edge(node, node.id) for node in self.nodes]


def newest_first(items: Sequence[Entity], order_by: str) -> list[Entity]:
    """Return *items* by ``createdAt`` or ``updatedAt``, newest first, ids deciding a tie."""
    if order_by == "updatedAt":
        return sorted(items, key=lambda item: (item.updated_at, item.id), reverse=True)
    return sorted(items, key=lambda item: (item.created_at, item.id), reverse=True)


def page(
    items: Sequence[Entity],
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Page:
    """Return one page of *items*, which are in their final order.

    Raises:
        GraphQLError: a page size outside 1 to 250, or a cursor that names nothing.
    """
    for name, size in (("first", first), ("last", last)):
        if size is not None and not 1 <= size <= LARGEST:
            raise errors.invalid(f"{name} must be between 1 and {LARGEST}.")
    ids = [item.id for item in items]
    start = _place(ids, after, "after") + 1 if after else 0
    end = _place(ids, before, "before") if before else len(ids)
    if last is not None:
        start = max(start, end - last)
    else:
        end = min(end, start + (first or DEFAULT))
    nodes = items[start:end]
    info = PageInfo(
        has_next_page=end < len(ids),
        has_previous_page=start > 0,
        start_cursor=nodes[0].id if nodes else None,
        end_cursor=nodes[-1].id if nodes else None,
    )
    archive = {
        "archive": "[]",
        "databaseVersion": 1,
        "includesDependencies": [],
        "totalCount": 0,
    }
    return Page(nodes, info, len(ids), archive)


def _place(ids: Sequence[str], cursor: str, name: str) -> int:
    try:
        return ids.index(cursor)
    except ValueError:
        raise errors.invalid(f"{name} is not a cursor of this list.") from None
