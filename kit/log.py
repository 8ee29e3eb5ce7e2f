"""Logging: one line a fact, on standard error, JSON unless a person watches.

Event names are constants such as ``tool.called``; everything else is a field.
"""

import logging
import sys
from typing import Any

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
