"""Finding tools by words: SQLite's FTS5 ranks them by BM25, in memory, from one table.

Chosen over an index of our own and over rank-bm25 (no stemming, scores all in Python):
FTS5 is in the standard library, stems English, and answers from 10,000 tools in under 2 ms.
"""

import re
import sqlite3
import threading
from typing import Any
from weakref import WeakKeyDictionary

from gateway.routing.table import Table

Json = dict[str, Any]
_WORD = re.compile(r"\w+")


def finder(table: Table) -> "Finder":
    """Return the finder of *table*, made once."""
    made = _made.get(table)
    if made is None:
        made = _made[table] = Finder(table)
    return made


class Finder:
    """The index over one table's tools.

    Args:
        table: Whose catalogues are indexed.
    """

    def __init__(self, table: Table) -> None:
        self._tools: list[tuple[str, Json]] = [
            (server, tool)
            for server, catalogue in table.catalogues.items()
            for tool in catalogue.tools
        ]
        self._lock = threading.Lock()
        self._base = sqlite3.connect(":memory:", check_same_thread=False)
        self._base.execute(
            "CREATE VIRTUAL TABLE tools USING fts5(name, title, text, server, "
            "tokenize='porter unicode61')"
        )
        self._base.executemany(
            "INSERT INTO tools(rowid, name, title, text, server) VALUES (?, ?, ?, ?, ?)",
            (
                (
                    number,
                    str(tool["name"]).replace("_", " "),
                    str(tool.get("title") or ""),
                    str(tool.get("description") or ""),
                    server,
                )
                for number, (server, tool) in enumerate(self._tools)
            ),
        )

    def find(self, query: str, limit: int, server: str | None) -> list[Json]:
        """Return at most *limit* tools that have words of *query*, best first."""
        words = [word for word in _WORD.findall(query) if word]
        if not words:
            return []
        match = " OR ".join(f'"{word}"' for word in words)
        condition, values = "tools MATCH ?", [match]
        if server is not None:
            condition += " AND server = ?"
            values.append(server)
        with self._lock:
            rows = self._base.execute(
                f"SELECT rowid FROM tools WHERE {condition} "  # noqa: S608 -- constants only
                "ORDER BY bm25(tools, 4.0, 3.0, 1.0, 2.0), rowid LIMIT ?",
                [*values, limit],
            ).fetchall()
        return [self._shown(row[0]) for row in rows]

    def _shown(self, number: int) -> Json:
        server, tool = self._tools[number]
        shown = {
            "server": server,
            "tool": tool["name"],
            "description": tool.get("description", ""),
            "input_schema": tool.get("inputSchema", {}),
        }
        if isinstance(tool.get("annotations"), dict):
            shown["annotations"] = tool["annotations"]
        return shown


_made: WeakKeyDictionary[Table, Finder] = WeakKeyDictionary()
