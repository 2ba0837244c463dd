"""The jobs that the threads of one worker work through together, and how many of them one partner may hold.

What a thread claims goes into one pool, from which every thread takes. So a job does not wait behind one of another
partner that is slow, and no partner holds every thread.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import ExitStack

from footbridge.jobs.job import Job
from footbridge.jobs.lease import Lease

Endpoint = Callable[[Job], Hashable]
"""Names what a job waits for, such as the server of a partner; None: for nobody."""


def partner_of(job: Job) -> Hashable:
    """The partner that a job waits for, as (tenant, name); None for other work."""
    return None if job.talks_to is None else (job.tenant, job.talks_to)


class Batch:
    """Jobs that were claimed together, under one lease, which ends with the last of them."""

    def __init__(self, jobs: Sequence[Job], lease: Lease) -> None:
        """Starts the lease's heartbeat."""
        self._open = set(jobs)
        self._lease = lease
        self._lock = threading.Lock()
        self._stack = ExitStack()
        self._stack.enter_context(lease)
        self.down: set[tuple[str, str | None]] = set()

    def holds(self, job: Job) -> bool:
        """Whether the claim is ours, as far as can be known without asking the database."""
        return self._lease.holds(job)

    def close(self, job: Job) -> None:
        """The work on this job is over."""
        self._lease.drop(job)
        with self._lock:
            self._open.discard(job)
            is_over = not self._open
        if is_over:
            self._stack.close()


class Pool:
    """Claimed jobs that no thread has begun; safe to share between threads."""

    def __init__(self, *, most: int, endpoint: Endpoint | None = None) -> None:
        """``most``: how many jobs may wait for one endpoint at a time."""
        self._most = most
        self._endpoint = endpoint or partner_of
        self._waiting: deque[tuple[Job, Batch, Hashable]] = deque()
        self._held: Counter[Hashable] = Counter()
        self._partners: dict[Hashable, set[tuple[str, str]]] = {}
        self._lock = threading.Lock()

    def add(self, jobs: Sequence[Job], batch: Batch) -> None:
        """Put in what was claimed."""
        entries = [(job, batch, self._endpoint(job)) for job in jobs]
        with self._lock:
            self._waiting.extend(entries)
            for job, _, endpoint in entries:
                if endpoint is not None and job.talks_to is not None:
                    self._partners.setdefault(endpoint, set()).add((job.tenant, job.talks_to))

    def take(self) -> tuple[Job, Batch, Hashable] | None:
        """The oldest job whose endpoint is not busy, which then holds one place of it; None when there is none."""
        with self._lock:
            for entry in self._waiting:
                endpoint = entry[2]
                if endpoint is None or self._held[endpoint] < self._most:
                    self._waiting.remove(entry)
                    self._held[endpoint] += 1
                    return entry
        return None

    def free(self, endpoint: Hashable) -> None:
        """The work on a job that was taken is over."""
        with self._lock:
            self._held[endpoint] -= 1
            if self._held[endpoint] <= 0:
                del self._held[endpoint]

    def busy(self) -> list[tuple[str, str]]:
        """The partners (tenant, name) of which no more may be claimed now."""
        with self._lock:
            waiting = Counter(endpoint for _, _, endpoint in self._waiting)
            full = [one for one in self._held if one is not None and self._held[one] + waiting[one] >= self._most]
            return sorted(partner for one in full for partner in self._partners.get(one, ()))
