"""Wakes idle threads. A ring between a look for work and the wait for it is not lost."""

import threading


class WakeSignal:
    """Counts its rings; whoever saw fewer does not wait."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0

    @property
    def rung(self) -> int:
        """How often it has rung."""
        with self._condition:
            return self._rung

    def ring(self) -> None:
        """Wake all who wait."""
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def wait(self, heard: int, seconds: float) -> bool:
        """Wait for a ring after the ``heard``-th, at most so long; False when there was none."""
        with self._condition:
            return self._condition.wait_for(lambda: self._rung > heard, timeout=seconds)
