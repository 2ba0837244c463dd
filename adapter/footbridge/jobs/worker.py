"""Runs the jobs that are due: sends messages to partners, and does the work that falls due.

Any number of workers, in one process or on many hosts, share one database; each claims what it works on. ``step`` does
all that is due at this moment and returns, for tests and for a clock that is moved by hand; ``run`` goes on until it is
stopped.
"""

import os
import random
import socket
import threading
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError

from footbridge.jobs.job import Handler, Job
from footbridge.jobs.lease import Lease
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.retry import Policy
from footbridge.jobs.runner import JobRunner, OnFailure
from footbridge.jobs.slots import Batch, Endpoint, Pool
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.store.engine import Database
from footbridge.store.error_codes import code_of

MIN_IDLE = 0.02  # seconds; doubles while nothing is due
MAX_IDLE = 1.0

_log = get_logger(__name__)


def _default_name() -> str:
    return f"{socket.gethostname()[:48]}-{os.getpid()}"


class WakeSignal:
    """Wakes idle threads; a signal between a look for work and the wait for it is not lost.

    It counts: a thread that has seen fewer signals than there were does not wait.
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    @property
    def count(self) -> int:
        """How many signals there were."""
        with self._condition:
            return self._count

    def set(self) -> None:
        """Wake all who wait."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> bool:
        """Wait for a signal after the first ``seen``, at most so long; False when there was none."""
        with self._condition:
            return self._condition.wait_for(lambda: self._count > seen, timeout=seconds)


class Worker:
    """Works through the queue.

    ``handlers`` says which kinds of jobs this worker does; others it leaves. ``batch`` jobs are claimed at a time;
    ``threads`` loops run side by side in ``run``, and one more in reserve: one partner holds ``threads`` of them at
    most, so that a slow one never keeps the others waiting.
    ``upkeep`` is called before every look for jobs; each of these knows itself when it is due.
    """

    def __init__(  # noqa: PLR0913 - collaborators first, then options by name
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        *,
        name: str | None = None,
        batch: int = 5,
        threads: int = 1,
        policy: Policy | None = None,
        upkeep: Sequence[Callable[[], object]] = (),
        chance: random.Random | None = None,
        endpoint: Endpoint | None = None,
        on_failure: OnFailure | None = None,
    ) -> None:
        """``endpoint`` says which jobs wait for the same server; by default those of one partner.

        ``on_failure`` is called in the transaction in which a message fails for good.
        """
        self.name = name or _default_name()
        self._database = database
        self._clock = clock
        self._kinds = frozenset(handlers)
        self._batch = batch
        self._threads = threads
        self._policy = policy or Policy()
        chance = chance or random.Random()  # noqa: S311 - spreads retries, keeps no secret
        self._runner = JobRunner(database, clock, handlers, self._policy, chance, on_failure)
        self._upkeep = tuple(upkeep)
        self._signal = WakeSignal()
        self._pool = Pool(most=threads, endpoint=endpoint)

    def step(self) -> int:
        """Do all that is due now, in this thread; returns how many jobs were attempted.

        Work that becomes due through it, without the clock moving, is done too. A database that fails raises
        SQLAlchemyError.
        """
        done = 0
        while count := self._round():
            done += count
        return done

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set, then finish what is under way and release the rest.

        When idle it looks every second at most; ``wake`` makes it look at once. It outlives a database that fails.
        """
        others = [
            threading.Thread(target=self._loop, args=(stop,), name=f"{self.name}/{number}")
            for number in range(2, self._threads + 2)
        ]
        for thread in others:
            thread.start()
        self._loop(stop)
        for thread in others:
            thread.join()

    def wake(self) -> None:
        """Look for work at once: a job was queued in this process, or ``stop`` was set."""
        self._signal.set()

    def _loop(self, stop: threading.Event) -> None:
        idle = MIN_IDLE
        while not stop.is_set():
            seen = self._signal.count
            try:
                count = self._round(stop)
            except SQLAlchemyError as error:
                _log.error(
                    "worker.database-failed", worker=self.name, exception=type(error).__name__, code=code_of(error)
                )
                count, idle = 0, MAX_IDLE
            busy = count or self._signal.wait(seen, idle)
            idle = MIN_IDLE if busy else min(2 * idle, MAX_IDLE)

    def _round(self, stop: threading.Event | None = None) -> int:
        """Claim one batch and run it; returns how many jobs were attempted."""
        for task in self._upkeep:
            task()
        attempted = self._work_off(stop)
        now = self._clock.now()
        with self._database.read() as connection:
            if not JobQueue(connection).has_due(self._kinds, now):
                return attempted
        lease = self._policy.lease
        with self._database.write() as connection:
            jobs = JobQueue(connection).claim(
                owner=self.name, kinds=self._kinds, now=now, lease=lease, limit=self._batch, busy=self._pool.busy()
            )
        if not jobs:
            return attempted
        longest = max(self._policy.work, lease)
        held = Lease(self._database, self._clock, jobs, since=now, length=lease, longest=longest)
        self._pool.add(jobs, Batch(jobs, held))
        if len(jobs) > 1:
            self._signal.set()  # other threads may take some of them
        return attempted + self._work_off(stop)

    def _work_off(self, stop: threading.Event | None) -> int:
        """Do what was claimed, by this thread or another one; returns how many jobs were attempted."""
        attempted = 0
        while (entry := self._pool.take()) is not None:
            job, batch, endpoint = entry
            try:
                attempted += self._do(job, batch, stop)
            finally:
                self._pool.free(endpoint)
                batch.close(job)
        return attempted

    def _do(self, job: Job, batch: Batch, stop: threading.Event | None) -> bool:
        """Attempt a job; False where it is left to another time or another worker."""
        if not batch.holds(job):
            return False
        if (job.tenant, job.partner) in batch.down or (stop is not None and stop.is_set()):
            self._release(job)
            return False
        if self._runner.run(job):
            batch.down.add((job.tenant, job.partner))
        return True

    def _release(self, job: Job) -> None:
        with self._database.write() as connection:
            JobQueue(connection).release(job)
