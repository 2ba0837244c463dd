"""How long the database may be waited for: one budget, in seconds, whatever it is that is waited for.

A request has a budget of its own (``limit_waits``), from which each wait takes: for the writer's turn and the lock of
SQLite, for a connection, for an answer of PostgreSQL. When it is used up, the next wait fails at once: so the
request is answered in bounded time, however many statements it has. Elsewhere, as in a worker, each wait may last
``USUAL`` seconds. Within ``without_limit`` (a migration) nothing is cut.

A budget belongs to a thread or task, as context variables do.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy.exc import TimeoutError as SqlTimeoutError

from footbridge import traces

USUAL = 60.0  # seconds that one wait may last outside of requests
LEAST = 0.05  # seconds that are always left, so that a database that is free is not refused
POOL_SECONDS = 5  # that a connection of the pool is waited for
ENDLESS = 7 * 86_400.0  # seconds; for locks that want a number


class Busy(SqlTimeoutError):  # noqa: N818 - what it is
    """The database, or the turn to write to it, was not free in time. Nothing was stored."""


class _Budget:
    """What is left of a request's seconds; the object is shared by the whole request."""

    def __init__(self, seconds: float) -> None:
        self.given = self.left = seconds


_budget: ContextVar[_Budget | None] = ContextVar("footbridge_database_budget", default=None)
_limited: ContextVar[bool] = ContextVar("footbridge_database_limited", default=True)


def limit_waits(seconds: float | None) -> None:
    """Give this thread or task a budget for all that follows; None takes it away again."""
    _budget.set(None if seconds is None else _Budget(seconds))


@contextmanager
def without_limit() -> Iterator[None]:
    """Cut nothing in the block: for long work, such as a migration."""
    token = _limited.set(False)
    try:
        yield
    finally:
        _limited.reset(token)


def is_limited() -> bool:
    """Whether waits are cut here."""
    return _limited.get()


def seconds_left() -> float:
    """How long a wait that begins now may last."""
    if not _limited.get():
        return ENDLESS
    budget = _budget.get()
    return USUAL if budget is None else max(budget.left, LEAST)


def seconds_used() -> float:
    """How long this request has waited up to now; 0 without a budget."""
    budget = _budget.get()
    return 0.0 if budget is None else budget.given - budget.left


def is_used_up() -> bool:
    """Whether there is a budget and nothing is left of it."""
    budget = _budget.get()
    return _limited.get() and budget is not None and budget.left <= 0


@contextmanager
def waiting() -> Iterator[None]:
    """Take the time of the block from the budget."""
    budget = _budget.get()
    began = time.monotonic()
    try:
        yield
    finally:
        if budget is not None:
            budget.left -= time.monotonic() - began
        traces.waited(began)
