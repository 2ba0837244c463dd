"""Lets the collector of garbage look less often, where next to nothing is made that leads in a circle.

Modules and definitions live as long as the process: to look through them again and again, while they are loaded and
when the process ends, takes a tenth of the time of a short command.
"""

import atexit
import functools
import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 50_000  # objects made and not gone, before the collector looks


@contextmanager
def few_collections() -> Iterator[None]:
    """Within it the collector looks seldom."""
    before = gc.get_threshold()
    gc.set_threshold(SELDOM, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@functools.cache
def leave_at_exit() -> None:
    """Let nothing be collected when the process ends: the system takes its memory back as a whole.

    For commands that have nothing open then. Of several calls one counts.
    """
    atexit.register(gc.freeze)
