"""Tells a person how far a long run has come, on standard error, and only where that is a terminal."""

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from footbridge.i18n.eager import _

Row = TypeVar("Row")
PATIENCE = 1.0  # seconds before anything is shown


def shown(rows: Iterable[Row], what: str) -> Iterator[Row]:
    """The rows unchanged; after a second, their count and rate appear below the terminal's last line."""
    return _counted(rows, what) if sys.stderr.isatty() else iter(rows)


def _counted(rows: Iterable[Row], what: str) -> Iterator[Row]:
    started = last = time.monotonic()
    status = None
    count = 0
    try:
        for row in rows:
            count += 1
            now = time.monotonic()
            if now - last > PATIENCE / 4 and now - started > PATIENCE:
                if status is None:
                    from rich.console import Console  # noqa: PLC0415 - slow to import, and seldom needed

                    status = Console(stderr=True).status("")
                    status.start()
                status.update(
                    _(
                        "{count:,} {what}, {rate:,.0f} a second",
                        count=count,
                        what=what,
                        rate=count / (now - started),
                    )
                )
                last = now
            yield row
    finally:
        if status is not None:
            status.stop()


@contextmanager
def counting(what: str) -> Iterator[Callable[[str, int], None]]:
    """For work that tells by itself how far it is: a function that takes the step's name and how many are done."""
    if not sys.stderr.isatty():
        yield lambda _step, _done: None
        return
    from rich.console import Console  # noqa: PLC0415 - slow to import, and seldom needed

    last = time.monotonic()
    with Console(stderr=True).status("") as status:

        def tell(step: str, done: int) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last > PATIENCE / 4:
                status.update(_("{done:,} {what} {step}", done=done, what=what, step=step))
                last = now

        yield tell
