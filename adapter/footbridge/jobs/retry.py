"""When a failed attempt is repeated: exponential backoff, capped, with full jitter; ``Retry-After`` counts.

Full jitter draws the wait evenly between zero and the bound, so that messages which failed together are not repeated
together: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta

MIN_WAIT = timedelta(milliseconds=1)  # never zero, so that a round ends while the clock stands still
MAX_RETRY_AFTER = timedelta(days=1)  # a partner that asks for more is asked again after a day


@dataclass(frozen=True, slots=True)
class Backoff:
    """Waits that double from ``first`` up to ``cap``."""

    first: timedelta
    cap: timedelta

    def bound(self, failures: int) -> timedelta:
        """The longest wait after this many failures in a row (1 for the first)."""
        doublings = min(max(failures, 1) - 1, 40)
        return timedelta(seconds=min(self.cap.total_seconds(), self.first.total_seconds() * 2.0**doublings))

    def wait(self, failures: int, *, retry_after: float | None, chance: random.Random) -> timedelta:
        """The wait before the next attempt; at least ``retry_after`` (seconds), up to a day of it."""
        drawn = self.bound(failures) * chance.random()
        return max(MIN_WAIT, drawn, requested_wait(retry_after))


def requested_wait(retry_after: float | None) -> timedelta:
    """The wait that a partner asked for, in seconds; an invalid value counts as none, and a day is the most."""
    if retry_after is None or not retry_after > 0:
        return timedelta(0)
    return timedelta(seconds=min(retry_after, MAX_RETRY_AFTER.total_seconds()))


@dataclass(frozen=True, slots=True)
class Policy:
    """How patient a worker is. The defaults repeat a message for about ten hours before it fails.

    Attributes:
        lease: a worker that died holds its jobs no longer than this.
        work: longest attempt of one job; no wait for a partner, and no lease, goes on after it.
        attempts: of a message before it fails; due work is repeated without end.
        retry: waits between attempts.
        trip_after: failures in a row that open a partner's circuit.
        circuit: how long a circuit stays open.
    """

    lease: timedelta = timedelta(seconds=60)
    work: timedelta = timedelta(minutes=10)
    attempts: int = 30
    retry: Backoff = field(default=Backoff(first=timedelta(seconds=2), cap=timedelta(hours=1)))
    trip_after: int = 5
    circuit: Backoff = field(default=Backoff(first=timedelta(seconds=10), cap=timedelta(minutes=10)))
