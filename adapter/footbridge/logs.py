"""Our log: it writes nothing to an integrator's output unless asked to.

Where structlog is configured, as our commands and the server do (``cli.logs``), every line goes there. Elsewhere it
goes to the standard library's logger of its module, below ``footbridge``, which keeps quiet until somebody gives it
(or the root) a handler and a level: https://docs.python.org/3/howto/logging.html#configuring-logging-for-a-library.
"""

import logging
from typing import Any

import structlog

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_RENDER = structlog.processors.KeyValueRenderer(key_order=["event"])

logging.getLogger("footbridge").addHandler(logging.NullHandler())


class EventLog:
    """Says events with their facts: ``log.info("worker.begins", name="a")``. Facts hold no personal data."""

    def __init__(self, name: str) -> None:
        self._structured = structlog.get_logger(name)
        self._standard = logging.getLogger(name)

    def debug(self, event: str, **facts: object) -> None:
        """For who looks for a fault."""
        self._say("debug", event, facts)

    def info(self, event: str, **facts: object) -> None:
        """For who runs it."""
        self._say("info", event, facts)

    def warning(self, event: str, **facts: object) -> None:
        """What may need somebody's look."""
        self._say("warning", event, facts)

    def error(self, event: str, **facts: object) -> None:
        """What needs it."""
        self._say("error", event, facts)

    def _say(self, method: str, event: str, facts: dict[str, Any]) -> None:
        if structlog.is_configured():
            getattr(self._structured, method)(event, **facts)
            return
        level = _LEVELS[method]
        if self._standard.isEnabledFor(level):
            self._standard.log(level, "%s", _RENDER(None, "", {"event": event, **facts}))
