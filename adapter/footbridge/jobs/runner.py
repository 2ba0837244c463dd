"""One attempt of one claimed job: call its handler, then settle the claim by what happened.

===========================  ===========================================  ====================================
the handler                  a message                                    due work
===========================  ===========================================  ====================================
returns                      done; its record is stored in the same       done, or due again as the result says;
                             transaction                                  its record is stored likewise
raises PartnerUnavailable    repeated later; failed after the last        repeated later, without end
                             attempt
raises PartnerRefused,       failed at once: a person is needed           repeated later, without end
ConfigurationError
raises anything else         repeated later; failed after the last        repeated later, without end
                             attempt
the worker dies              claimed by another worker when the lease     likewise
                             ends
===========================  ===========================================  ====================================

Only messages have a partner, and so only they open and close its circuit.
"""

import random
from collections.abc import Mapping
from datetime import timedelta

from footbridge.errors import ConfigurationError, PartnerError, PartnerRefused
from footbridge.jobs.job import Failure, Handler, Job, Result
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.retry import Policy
from footbridge.logs import bound, get_logger
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

MIN_PERIOD = timedelta(seconds=1)  # between two runs, so that a round comes to an end

LEASE_LOST = "job.lease-lost"  # another worker has the job, or a person abandoned or moved it
RETRIED = "job.retried"
FAILED = "job.failed"

_FORMERLY = {
    (LEASE_LOST, True): "outbox.fenced",
    (LEASE_LOST, False): "schedule.fenced",
    (RETRIED, True): "outbox.put-off",
    (RETRIED, False): "schedule.put-off",
    (FAILED, True): "outbox.parked",
}
"""What each event was called before, by whether it is about a message; logged too, for alerts that look for it."""

_log = get_logger(__name__)


class JobRunner:
    """Runs claimed jobs; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, Handler],
        policy: Policy,
        chance: random.Random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._policy = policy
        self._chance = chance

    def run(self, job: Job) -> bool:
        """Attempt a job once; returns whether its partner's circuit is open now, so that its other messages wait."""
        with bound(tenant=job.tenant, message_id=str(job.id) if job.is_message else None):
            try:
                self._attempt(job)
            except Exception as error:  # noqa: BLE001 - whatever a handler does, the other jobs go on
                return self._settle_failure(job, error)
            return False

    def _attempt(self, job: Job) -> None:
        result = self._handlers[job.kind](job) or Result()
        with self._database.write() as connection:
            queue = JobQueue(connection)
            stands = self._settle(queue, job, result)
            if stands and result.record is not None:
                result.record(connection)
            if job.partner is not None:
                queue.record_answer(job.tenant, job.partner)
        if not stands:
            _warn(LEASE_LOST, job)

    def _settle(self, queue: JobQueue, job: Job, result: Result) -> bool:
        now = self._clock.now()
        if result.due is None:
            return queue.finish(job, now=now)
        return queue.reschedule(job, due=max(result.due, now + MIN_PERIOD), cursor=result.cursor)

    def _settle_failure(self, job: Job, error: Exception) -> bool:
        with self._database.write() as connection:
            queue = JobQueue(connection)
            if self._is_last(job, error):
                event = FAILED
                stands = queue.fail(job, now=self._clock.now(), failure=Failure.of(error))
            else:
                event = RETRIED
                stands = queue.retry(job, due=self._clock.now() + self._wait(job, error), failure=Failure.of(error))
            is_open = self._tell_breaker(queue, job, error)
        _warn(event if stands else LEASE_LOST, job, error)
        return is_open

    def _is_last(self, job: Job, error: Exception) -> bool:
        if not job.is_message:
            return False
        return isinstance(error, PartnerRefused | ConfigurationError) or job.attempt >= self._policy.attempts

    def _wait(self, job: Job, error: Exception) -> timedelta:
        retry_after = error.retry_after if isinstance(error, PartnerError) else None
        return self._policy.retry.wait(job.attempt, retry_after=retry_after, chance=self._chance)

    def _tell_breaker(self, queue: JobQueue, job: Job, error: Exception) -> bool:
        """A refusal is an answer; an error that is not the partner's says nothing of its health."""
        if job.partner is None or not isinstance(error, PartnerError):
            return False
        if isinstance(error, PartnerRefused):
            queue.record_answer(job.tenant, job.partner)
            return False
        until = queue.record_no_answer(
            job.tenant,
            job.partner,
            now=self._clock.now(),
            policy=self._policy,
            probe=job.probe,
            retry_after=error.retry_after,
        )
        return until is not None


def _warn(event: str, job: Job, error: Exception | None = None) -> None:
    _log.warning(
        event,
        formerly=_FORMERLY[event, job.is_message],
        job_id=job.id,
        kind=job.kind,
        partner=job.partner,
        attempt=job.attempt,
        exception=None if error is None else type(error).__name__,
    )
