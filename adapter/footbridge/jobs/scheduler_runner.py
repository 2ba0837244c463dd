"""One run of one appointment: call its handler, then plan the next run by what happened.

A run that fails is put off, ever longer, and tried again from the same place, for ever: a poll has no last try.
"""

import random
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from footbridge.errors import PartnerError
from footbridge.jobs import schedule
from footbridge.jobs.handlers import Next, ScheduledHandler
from footbridge.jobs.lease import Lease
from footbridge.jobs.policy import Policy
from footbridge.jobs.schedule import ScheduledJob
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.store.engine import Database

SHORTEST_PERIOD = timedelta(seconds=1)  # between two runs, so that a round comes to an end

FENCED = "schedule.fenced"  # it was withdrawn, or another worker has it

_log = get_logger(__name__)


class ScheduledJobRunner:
    """Keeps appointments; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        handlers: Mapping[str, ScheduledHandler],
        policy: Policy,
        chance: random.Random,
    ) -> None:
        self._database = database
        self._clock = clock
        self._handlers = handlers
        self._policy = policy
        self._chance = chance

    def run_next(self) -> int:
        """Keep the appointment that is longest due; returns 1, or 0 when none was due."""
        if not self._handlers:
            return 0
        now = self._clock.now()
        appointment = self._claim(now)
        if appointment is None:
            return 0
        with Lease(self._database, self._clock, [appointment], _renew, since=now, length=self._policy.lease):
            self._keep(appointment)
        return 1

    def _claim(self, now: datetime) -> ScheduledJob | None:
        with self._database.read() as connection:
            if not schedule.waiting(connection, kinds=self._handlers.keys(), now=now):
                return None
        with self._database.write() as connection:
            claimed = schedule.claim(connection, kinds=self._handlers.keys(), now=now, lease=self._policy.lease)
        return claimed[0] if claimed else None

    def _keep(self, appointment: ScheduledJob) -> None:
        try:
            then = self._handlers[appointment.kind](appointment)
            with self._database.write() as connection:
                kept = self._settle(connection, appointment, then)
                if kept and then.record is not None:
                    then.record(connection)
        except Exception as error:  # noqa: BLE001 - whatever a handler does, the other appointments go on
            self._put_off(appointment, error)
            return
        if not kept:
            _warn(FENCED, appointment)

    def _settle(self, connection: Connection, appointment: ScheduledJob, then: Next) -> bool:
        if then.due is None:
            return schedule.finish(connection, appointment)
        due = max(then.due, self._clock.now() + SHORTEST_PERIOD)
        return schedule.reschedule(connection, appointment, due=due, cursor=then.cursor)

    def _put_off(self, appointment: ScheduledJob, error: Exception) -> None:
        retry_after = error.retry_after if isinstance(error, PartnerError) else None
        wait = self._policy.retry.wait(appointment.failures + 1, retry_after=retry_after, chance=self._chance)
        with self._database.write() as connection:
            kept = schedule.postpone(connection, appointment, due=self._clock.now() + wait)
        _warn("schedule.put-off" if kept else FENCED, appointment, error)


def _warn(event: str, appointment: ScheduledJob, error: Exception | None = None) -> None:
    _log.warning(
        event,
        kind=appointment.kind,
        failures=appointment.failures,
        exception=None if error is None else type(error).__name__,
    )


def _renew(connection: Connection, appointments: list[ScheduledJob], until: datetime) -> list[ScheduledJob]:
    return [one for one in appointments if schedule.renew(connection, one, until=until)]
