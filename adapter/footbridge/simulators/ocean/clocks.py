"""A clock that runs as another one does, and can be moved forward: for a simulator that a person watches."""

import threading
from datetime import datetime, timedelta

from footbridge.model.clock import Clock, SystemClock


class ShiftedClock:
    """Another clock's time plus what it was moved by; safe to share between threads."""

    def __init__(self, of: Clock | None = None) -> None:
        self._of = of or SystemClock()
        self._shift = timedelta(0)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The time in UTC."""
        with self._lock:
            return self._of.now() + self._shift

    def advance(self, step: timedelta) -> datetime:
        """Move forward and return the new time; a step back moves nothing."""
        with self._lock:
            self._shift += max(step, timedelta(0))
        return self.now()
