"""Shares connections evenly among the processes of a server.

Clients keep their connections, and a connection stays with the process that accepted it. Left to chance, one process
of two may hold six of eight, and be the one that everybody waits for. So a process that holds more than another leaves
a new connection to that one; for ``PATIENCE`` at most, since the other may have died.
"""

import mmap
import struct
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

PATIENCE = 0.02  # seconds
LOOK_AGAIN = 0.001  # seconds
SLOTS = 64  # processes that a server has at most, those that are about to end included
_COUNT = struct.Struct("i")
_NOBODY = -1

_counts = mmap.mmap(-1, SLOTS * _COUNT.size)  # one place for all: made before the processes part
for _slot in range(SLOTS):
    _COUNT.pack_into(_counts, _slot * _COUNT.size, _NOBODY)


class BalancedWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker with threads, which lets others accept where they hold less."""

    _held = 0
    _leaving = False
    _since: float | None = None

    @property
    def nr_conns(self) -> int:
        """Connections that this process holds."""
        return self._held

    @nr_conns.setter
    def nr_conns(self, count: int) -> None:
        self._held = count
        if not self._leaving:
            self._show(count)

    def accept(self, listener: Any) -> None:  # noqa: ANN401 - a socket of gunicorn's
        """Accept a connection, unless another process should."""
        if self._holds_more():
            now = time.monotonic()
            self._since = self._since or now
            if now - self._since < PATIENCE:
                time.sleep(LOOK_AGAIN)
                return
        self._since = None
        super().accept(listener)

    def handle_exit(self, sig: int, frame: object) -> None:
        """Told to end: nobody leaves a connection to this process any more."""
        self._leaving = True
        self._show(_NOBODY)
        super().handle_exit(sig, frame)

    def _show(self, count: int) -> None:
        _COUNT.pack_into(_counts, int(self.age) % SLOTS * _COUNT.size, count)

    def _holds_more(self) -> bool:
        counts = [found for (found,) in _COUNT.iter_unpack(_counts) if found != _NOBODY]
        return self.nr_conns > min(counts, default=0)
