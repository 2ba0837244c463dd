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

When a message fails, whoever made the runner is told in the transaction that says so (``OnFailure``).

A handler may also give a message up (``Result.given_up``): it is abandoned, and later messages of its key go on. Only
messages have a partner, and so only they open and close its circuit. An attempt may take as long as ``Policy.work``.
"""

import random
from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from footbridge import traces
from footbridge.errors import ConfigurationError, FootbridgeError, PartnerError, PartnerRefused
from footbridge.jobs.deadline import limited
from footbridge.jobs.job import TRACE, Failure, Handler, Job, Result
from footbridge.jobs.queue import JobQueue
from footbridge.jobs.retry import Policy
from footbridge.logs import bound, get_logger
from footbridge.metrics import outcome_of
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

MIN_PERIOD = timedelta(seconds=1)  # between two runs, so that a round comes to an end

LEASE_LOST = "job.lease-lost"  # another worker has the job, or a person abandoned or moved it
RETRIED = "job.retried"
FAILED = "job.failed"
GIVEN_UP = "job.given-up"

OnFailure = Callable[[Connection, Job, Failure], None]
"""Called when a message failed and waits for a person; writes what follows from it."""

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
        on_failure: OnFailure | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._policy = policy
        self._chance = chance
        self._on_failure = on_failure

    def run(self, job: Job) -> bool:
        """Attempt a job once; returns whether its partner's circuit is open now, so that its other messages wait."""
        about = {"tenant": job.tenant, "partner": job.talks_to, "attempt": job.attempt}
        with traces.attempt(job.kind, job.payload.get(TRACE), job=job.id if job.is_message else None, **about):
            message = str(job.id) if job.is_message else None
            with bound(tenant=job.tenant, message_id=message, trace=traces.current_trace()):
                try:
                    self._attempt(job)
                except Exception as error:  # noqa: BLE001 - whatever a handler does, the other jobs go on
                    traces.note(outcome=outcome_of(error), error=type(error).__name__)
                    return self._settle_failure(job, error)
                return False

    def _attempt(self, job: Job) -> None:
        with limited(self._policy.work):
            result = self._handlers[job.kind](job) or Result()
        with self._database.write() as connection:
            queue = JobQueue(connection)
            stands = self._settle(queue, job, result)
            if stands and result.record is not None:
                result.record(connection)
            if job.partner is not None:
                queue.record_answer(job.tenant, job.partner)
        traces.note(outcome=outcome_of(None, given_up=result.given_up is not None) if stands else "lease-lost")
        if not stands:
            _warn(LEASE_LOST, job)
        elif result.given_up is not None:
            _warn(GIVEN_UP, job, cause=result.given_up.text)

    def _settle(self, queue: JobQueue, job: Job, result: Result) -> bool:
        now = self._clock.now()
        if result.given_up is not None:
            return queue.give_up(job, now=now, failure=result.given_up)
        if result.due is None:
            return queue.finish(job, now=now)
        return queue.reschedule(job, due=max(result.due, now + MIN_PERIOD), cursor=result.cursor)

    def _settle_failure(self, job: Job, error: Exception) -> bool:
        with self._database.write() as connection:
            queue = JobQueue(connection)
            if self._is_last(job, error):
                event = FAILED
                failure = Failure.of(error)
                stands = queue.fail(job, now=self._clock.now(), failure=failure)
                if stands and self._on_failure is not None:
                    self._say(self._on_failure, connection, job, failure)
            else:
                event = RETRIED
                stands = queue.retry(job, due=self._clock.now() + self._wait(job, error), failure=Failure.of(error))
            is_open = self._tell_breaker(queue, job, error)
        _warn(event if stands else LEASE_LOST, job, error)
        return is_open

    def _say(self, on_failure: OnFailure, connection: Connection, job: Job, failure: Failure) -> None:
        """The message is settled, whatever is wrong with the prescription that it is about."""
        try:
            on_failure(connection, job, failure)
        except SQLAlchemyError:
            raise  # nothing of this transaction is stored: the lease ends, and the job comes again
        except Exception as error:  # noqa: BLE001 - as a handler's
            _log.error("job.failure-not-noted", job_id=job.id, kind=job.kind, exception=type(error).__name__)

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


def _warn(event: str, job: Job, error: Exception | None = None, *, cause: str | None = None) -> None:
    """Log what became of an attempt; the cause in our words, which an error that is not ours does not have."""
    known: dict[str, str | None] = {}
    if former := _FORMERLY.get((event, job.is_message)):
        known["formerly"] = former
    if isinstance(error, FootbridgeError):
        cause = Failure.of(error).text
    if cause is not None:
        known["cause"] = cause
    _log.warning(
        event,
        job_id=job.id,
        kind=job.kind,
        partner=job.talks_to,
        attempt=job.attempt,
        exception=None if error is None else type(error).__name__,
        **known,
    )
