"""Our log: it writes nothing to an integrator's output unless asked to.

``get_logger`` gives a structlog logger that writes to the standard library's logger of the module, below
``footbridge``, which keeps quiet until somebody gives it (or the root) a handler and a level:
https://docs.python.org/3/howto/logging.html#configuring-logging-for-a-library. Our commands and the server do so
(``cli.logs``). Where an integrator has configured structlog itself, lines go there.

A line is an event and its facts, none of them personal data. ``bound`` adds the ids of what is being worked on to
every line of a block.
"""

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, cast

import structlog
from structlog.contextvars import bound_contextvars, merge_contextvars
from structlog.stdlib import BoundLogger, ProcessorFormatter, filter_by_level

BOUND_IDS = frozenset({"request", "tenant", "message_id", "trace"})
"""What may be bound: ids, of which none is a person's, and the name of a tenant."""

_TEXT = structlog.processors.KeyValueRenderer(key_order=["event"])

logging.getLogger("footbridge").addHandler(logging.NullHandler())


def get_logger(name: str) -> BoundLogger:
    """The logger of a module: ``log.info("worker.started", name="a")``. Facts hold no personal data."""
    found = structlog.wrap_logger(
        logging.getLogger(name),
        processors=[merge_contextvars, _hand_over, filter_by_level, _line, ProcessorFormatter.wrap_for_formatter],
        wrapper_class=BoundLogger,
        cache_logger_on_first_use=False,
    )
    return cast("BoundLogger", found)


@contextmanager
def bound(**ids: str | None) -> Iterator[None]:
    """Add ids to every line of the block, in this thread or task.

    An id that is None is left out. Raises ValueError for one that is not in ``BOUND_IDS``.
    """
    known = {name: value for name, value in ids.items() if value is not None}
    _must_be_allowed(known)
    with bound_contextvars(**known):
        yield


def bind(**ids: str | None) -> None:
    """Add ids to every line from now on; for a request, whose end is ``unbind``. Otherwise as ``bound``."""
    known = {name: value for name, value in ids.items() if value is not None}
    _must_be_allowed(known)
    structlog.contextvars.bind_contextvars(**known)


def unbind() -> None:
    """End what ``bind`` added."""
    structlog.contextvars.unbind_contextvars(*BOUND_IDS)


class Line(dict[str, Any]):
    """An event and its facts; as text for a handler that has no formatter of ours."""

    def __str__(self) -> str:
        return str(_TEXT(None, "", dict(self)))


def _must_be_allowed(ids: Mapping[str, str]) -> None:
    unknown = sorted(ids.keys() - BOUND_IDS)
    if unknown:
        raise ValueError(f"{', '.join(unknown)} may not be bound; allowed: {', '.join(sorted(BOUND_IDS))}.")


def _hand_over(logger: logging.Logger, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Give the line to structlog where that is configured."""
    if not structlog.is_configured():
        return event
    getattr(structlog.get_logger(logger.name), method)(**event)
    raise structlog.DropEvent


def _line(_logger: logging.Logger, _method: str, event: MutableMapping[str, Any]) -> Line:
    return Line(event)
