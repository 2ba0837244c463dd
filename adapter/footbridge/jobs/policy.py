"""How patient the worker is: lengths of leases, number of tries, waits between them."""

from dataclasses import dataclass, field
from datetime import timedelta

from footbridge.jobs.backoff import Backoff


@dataclass(frozen=True, slots=True)
class Policy:
    """The defaults try a message for about ten hours before a person is asked."""

    lease: timedelta = timedelta(seconds=60)  # a worker that died holds its messages no longer than this
    attempts: int = 30  # tries of a message before it is parked
    retry: Backoff = field(default=Backoff(first=timedelta(seconds=2), cap=timedelta(hours=1)))
    trip_after: int = 5  # failures in a row that open a partner's circuit
    circuit: Backoff = field(default=Backoff(first=timedelta(seconds=10), cap=timedelta(minutes=10)))
