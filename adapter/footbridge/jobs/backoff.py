"""How long to wait before another try: exponential, capped, with full jitter; a partner's ``Retry-After`` counts.

Full jitter draws the wait evenly between nothing and the bound, so that messages which failed together do not
come back together.
"""

import random
from dataclasses import dataclass
from datetime import timedelta

SHORTEST = timedelta(milliseconds=1)  # never nothing, so that a clock that stands still ends a round
RETRY_AFTER_LIMIT = timedelta(days=1)  # a partner that asks for more is asked again after a day


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
        """The wait before the next try; never shorter than ``retry_after`` (seconds), up to a day of it."""
        drawn = self.bound(failures) * chance.random()
        return max(SHORTEST, drawn, asked_for(retry_after))


def asked_for(retry_after: float | None) -> timedelta:
    """The wait that a partner asked for, in seconds; what makes no sense counts as nothing."""
    if retry_after is None or not retry_after > 0:
        return timedelta(0)
    return timedelta(seconds=min(retry_after, RETRY_AFTER_LIMIT.total_seconds()))
