"""The clock of the demo: moved by hand while the scenes are played, then let go (``--keep``)."""

import time
from datetime import datetime, timedelta

from footbridge.model.clock import ManualClock


class MovingClock(ManualClock):
    """Stands still and is moved, until ``release`` lets it go on from where it stands."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self._released: float | None = None

    def now(self) -> datetime:
        """The time of the stage."""
        passed = 0.0 if self._released is None else time.monotonic() - self._released
        return super().now() + timedelta(seconds=passed)

    def move_to(self, moment: datetime) -> None:
        """Move forward; a moment that has passed changes nothing."""
        self.advance(max(moment - self.now(), timedelta(0)))

    def release(self) -> None:
        """From now on it runs like any clock."""
        self._released = time.monotonic()
