"""Folders with the records of simulated servers, which are removed however the process is asked to end.

``tempfile`` removes a folder when a program ends by itself. A program that SIGTERM or SIGHUP ends would leave it, with
personal data in it. So the first folder installs a handler for each of these signals that the program itself does
nothing about; it removes the folders, then lets the signal end the process as it would have.
https://docs.python.org/3/library/signal.html#signals-and-threads
"""

import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

PREFIX: Final = "footbridge-simulator-"
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]  # Windows has no SIGHUP
_TRIES = 5  # a request that is being answered may write into a folder while it is removed
_there: set[str] = set()


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of mode 0700 that is there for the block, and no longer than the process."""
    _remove_at_the_end()
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        _there.add(name)
        try:
            yield Path(name)
        finally:
            _there.discard(name)


def _remove_at_the_end() -> None:
    """Install the handlers; a program that has its own, or ignores a signal, keeps to that."""
    if threading.current_thread() is not threading.main_thread():
        return  # only the main thread may install a handler
    for number in _ENDING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    """Remove every folder, then end by the signal."""
    for name in tuple(_there):
        for _ in range(_TRIES):
            shutil.rmtree(name, ignore_errors=True)
            if not Path(name).exists():
                break
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
