"""How long the work on one job may take: set by the runner, obeyed by whatever waits for a partner.

A partner that gives each answer just in time could otherwise hold a thread, and the lease of its job, for ever.
Times are seconds of the machine's monotonic clock: limits on waiting, not times of anything that happened.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

_END: ContextVar[float | None] = ContextVar("footbridge_job_end", default=None)


@contextmanager
def limited(length: timedelta) -> Iterator[None]:
    """Work in the block ends in time; within another limit the earlier end counts."""
    mine, outer = time.monotonic() + length.total_seconds(), _END.get()
    token = _END.set(mine if outer is None else min(mine, outer))
    try:
        yield
    finally:
        _END.reset(token)


def end_of_job() -> float | None:
    """When the work under way has to be over, on the monotonic clock; None: it has no limit."""
    return _END.get()
