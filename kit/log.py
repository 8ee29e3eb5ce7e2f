"""Logging: one line a fact, on standard error, JSON unless a person watches.

Event names are constants such as ``tool.called``; everything else is a field.
"""

import asyncio
import atexit
import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson
import structlog

from kit.settings import FleetSettings

_LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def configure(process: str, settings: FleetSettings) -> None:
    """Send structlog's and the standard library's records of *process* to standard error."""
    level = _LEVELS[settings.log_level]
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    render: Any = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    )
    errors = [structlog.processors.format_exc_info] if as_json else []
    structlog.configure(
        processors=[*shared, *errors, render],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    _lines.start(process, as_json=as_json, quiet=level > logging.INFO)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *errors,
                render,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """Return the logger for module *name*."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(module=name)
    return logger


class Lines:
    """Lines of the hot path: formatted and written behind the calls, many at once.

    One costs its call about a microsecond; structlog's about 30. They are written within
    ``FLUSH_SECONDS``, when there are ``FLUSH_LINES``, and at exit.
    """

    FLUSH_SECONDS = 0.05
    FLUSH_LINES = 500

    def __init__(self) -> None:
        self._waiting: list[dict[str, Any]] = []
        self._process = ""
        self._as_json = True
        self._quiet = False

    def start(self, process: str, *, as_json: bool, quiet: bool) -> None:
        """Write lines of *process* from now on; none at all when *quiet*."""
        self.flush()
        self._process, self._as_json, self._quiet = process, as_json, quiet

    def add(self, event: str, fields: dict[str, Any]) -> None:
        """Take one line."""
        if self._quiet:
            return
        fields["event"] = event
        fields["timestamp"] = datetime.now(UTC)
        self._waiting.append(fields)
        count = len(self._waiting)
        if count == 1:
            try:
                asyncio.get_running_loop().call_later(self.FLUSH_SECONDS, self.flush)
            except RuntimeError:  # nobody will call later
                self.flush()
        elif count >= self.FLUSH_LINES:
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if not self._as_json:
            for fields in waiting:
                get(__name__).info(fields.pop("event"), **fields)
            return
        about = {"process": self._process, "level": "info"}
        lines = [orjson.dumps({**about, **fields}, default=str) for fields in waiting]
        sys.stderr.write(b"\n".join(lines).decode() + "\n")
        sys.stderr.flush()


_lines = Lines()
atexit.register(_lines.flush)


def line(event: str, **fields: Any) -> None:
    """Write one line at level info, behind the caller's back: for the path of every call."""
    _lines.add(event, fields)
