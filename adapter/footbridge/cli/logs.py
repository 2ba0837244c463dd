"""Where the log of a command goes: to standard error, so that standard output holds what was asked for alone."""

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog

from footbridge.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send logs from this level up to standard error: readable on a terminal, JSON elsewhere.

    The setting FOOTBRIDGE_LOG_FORMAT decides otherwise.
    """
    style = settings().log_format
    readable = style == "console" or (style == "auto" and sys.stderr.isatty())
    render: Callable[..., Any] = (
        structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(sort_keys=True)
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
