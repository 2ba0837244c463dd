"""The one source of time. All code takes a Clock; tests, simulators and the demo move theirs."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current time, with a UTC offset of zero."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The current time in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """One moment, as a clock: that of a transaction."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        """The moment."""
        return self._moment


class ManualClock:
    """A clock that stands still until it is moved; safe to share between threads."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at a time with an offset")
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The time that the clock was last moved to."""
        with self._lock:
            return self._now

    def advance(self, step: timedelta) -> datetime:
        """Move forward and return the new time; a step back raises ValueError."""
        if step < timedelta(0):
            raise ValueError("a clock only moves forward")
        with self._lock:
            self._now += step
            return self._now


def utc_instant(moment: datetime) -> str:
    """A FHIR ``instant`` in UTC with milliseconds (https://hl7.org/fhir/R4/datatypes.html#instant)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
