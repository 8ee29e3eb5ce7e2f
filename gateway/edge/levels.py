"""Log messages of servers: only to who asked for them, at the level asked for."""

from typing import Any, Final

from gateway.edge.jsonrpc import INVALID_PARAMS, Refused
from gateway.upstream.client import Notify

Json = dict[str, Any]
META_LOG_LEVEL: Final = "io.modelcontextprotocol/logLevel"
LEVELS: Final = (
    "debug",
    "info",
    "notice",
    "warning",
    "error",
    "critical",
    "alert",
    "emergency",
)
"""RFC 5424's, the least urgent first."""
DEFAULT: Final = "info"
"""For a legacy client that set none: its server would choose, so the gateway does."""
_RANKS: Final = {level: rank for rank, level in enumerate(LEVELS)}
_MESSAGE: Final = "notifications/message"


def level(value: object) -> str:
    """Return *value* as a level.

    Raises:
        Refused: it is none.
    """
    if not isinstance(value, str) or value not in _RANKS:
        raise Refused(INVALID_PARAMS, f"the log level must be one of {', '.join(LEVELS)}")
    return value


def at_least(wanted: str | None, notify: Notify) -> Notify:
    """Return *notify* without log messages below *wanted*; None: without any."""
    lowest = len(LEVELS) if wanted is None else _RANKS[wanted]

    async def filtered(message: Json) -> None:
        if message.get("method") == _MESSAGE:
            params = message.get("params")
            said = params.get("level") if isinstance(params, dict) else None
            if _RANKS.get(str(said), 0) < lowest:
                return
        await notify(message)

    return filtered
