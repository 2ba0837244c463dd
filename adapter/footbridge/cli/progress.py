"""Tells a person how far a long run has come, on standard error, and only where that is a terminal."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

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
                status.update(f"{count:,} {what}, {count / (now - started):,.0f} a second")
                last = now
            yield row
    finally:
        if status is not None:
            status.stop()
