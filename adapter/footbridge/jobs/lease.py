"""Keeps claims alive while slow work goes on: a heartbeat extends the leases until the work is over."""

import threading
import time
from collections.abc import Collection
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from sqlalchemy.exc import SQLAlchemyError

from footbridge.jobs.job import Job
from footbridge.jobs.queue import JobQueue
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.store.engine import Database
from footbridge.store.error_codes import code_of

_log = get_logger(__name__)


class Lease:
    """The claimed jobs that one thread works through; use as a context manager around the work.

    A heartbeat comes every third of ``length``, by the machine's time; the lease itself ends by the injected clock.
    After ``longest`` there is none: work that hangs is given to another worker.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        jobs: Collection[Job],
        *,
        since: datetime,
        length: timedelta,
        longest: timedelta | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._length = length
        self._longest = longest
        self._held = list(jobs)
        self._until = since + length
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="footbridge-lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _value: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def holds(self, job: Job) -> bool:
        """Whether the claim is ours, as far as can be known without asking the database."""
        with self._lock:
            return job in self._held and self._clock.now() < self._until

    def drop(self, job: Job) -> None:
        """The work on this job is over: its lease is extended no more."""
        with self._lock:
            if job in self._held:
                self._held.remove(job)

    def _beat(self) -> None:
        end = None if self._longest is None else time.monotonic() + self._longest.total_seconds()
        while not self._over.wait(self._length.total_seconds() / 3):
            if end is not None and time.monotonic() > end:
                _log.warning("lease.not-extended", jobs=len(self._held))
                return
            with self._lock:
                jobs = list(self._held)
            if not jobs:
                continue
            until = self._clock.now() + self._length
            try:
                with self._database.write() as connection:
                    renewed = JobQueue(connection).renew(jobs, until=until)
            except SQLAlchemyError as error:  # the next beat may succeed; if none does, the token protects the row
                _log.warning(
                    "lease.heartbeat-failed",
                    formerly="lease.beat-failed",
                    exception=type(error).__name__,
                    code=code_of(error),
                )
                continue
            with self._lock:
                self._until = until
                self._held = [job for job in self._held if job in renewed or job not in jobs]
