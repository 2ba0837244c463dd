"""How often upkeep is looked at: at most once in an interval, or again at once while there is more to do."""

import threading
from datetime import datetime, timedelta


class Pace:
    """Says whether it is time; safe to share between threads.

    >>> pace = Pace(timedelta(hours=1))
    """

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval
        self._due: datetime | None = None
        self._lock = threading.Lock()

    def is_due(self, now: datetime) -> bool:
        """Whether it is time; where it is, the next time is an interval later."""
        with self._lock:
            if self._due is not None and now < self._due:
                return False
            self._due = now + self._interval
            return True

    def again(self, now: datetime) -> None:
        """There is more to do: it is time at the next call."""
        with self._lock:
            self._due = now
