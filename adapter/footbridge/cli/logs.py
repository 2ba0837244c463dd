"""Where the log of a command goes: to standard error, so that standard output holds only what was asked for."""

import logging
import sys
from typing import TYPE_CHECKING, Any

import structlog
from structlog.stdlib import ProcessorFormatter

from footbridge.settings import settings

if TYPE_CHECKING:
    from collections.abc import Callable


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send our log from this level up to standard error: readable on a terminal, JSON elsewhere.

    The setting FOOTBRIDGE_LOG_FORMAT decides otherwise. A second call replaces what the first one set up.
    """
    style = settings().log_format
    readable = style == "console" or (style == "auto" and sys.stderr.isatty())
    render: Callable[..., Any] = (
        structlog.dev.ConsoleRenderer() if readable else structlog.processors.JSONRenderer(sort_keys=True)
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        ProcessorFormatter(
            processors=[
                ProcessorFormatter.remove_processors_meta,
                structlog.stdlib.add_log_level,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                render,
            ]
        )
    )
    logger = logging.getLogger("footbridge")
    stop_logging()
    structlog.reset_defaults()  # the process is ours: nobody else has a say in where its lines go
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False


def stop_logging() -> None:
    """Undo ``log_to_stderr``."""
    logger = logging.getLogger("footbridge")
    for handler in [one for one in logger.handlers if isinstance(one.formatter, ProcessorFormatter)]:
        logger.removeHandler(handler)
    logger.setLevel(logging.NOTSET)
    logger.propagate = True
