"""Work that falls due by the clock: the next poll of a partner, a follow-up's day, a service's response deadline."""

import functools
from datetime import timedelta

from sqlalchemy import Connection

from footbridge.errors import PartnerUnavailable
from footbridge.jobs.job import Job, Result
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.model.lifecycle import Act
from footbridge.model.principals import TIMER
from footbridge.partners.networks import Networks
from footbridge.partners.ports import Inbound, Network
from footbridge.referrals.door import Door
from footbridge.referrals.erasure import forget_ended
from footbridge.referrals.events import apply_event
from footbridge.referrals.unit import newest_tries, open_unit
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, get_partner
from footbridge.store.referrals import get_referral
from footbridge.store.resource_rows import Scope
from footbridge.store.worklist import mark_overdue

ASKED = "requested"
"""Task.status of a referral that its service has not answered."""

_log = get_logger(__name__)


class ScheduledJobs:
    """The handlers of work that falls due."""

    def __init__(self, database: Database, clock: Clock, networks: Networks, door: Door) -> None:
        self._database = database
        self._clock = clock
        self._networks = networks
        self._door = door

    def poll(self, job: Job) -> Result:
        """Process what is new at a partner since the last poll.

        Each value is processed in a transaction of its own, and the inbox takes it once: when the process dies
        half-way, the next poll starts from the same place and repeats nothing.
        """
        with self._database.read() as connection:
            partner = get_partner(connection, job.tenant, job.subject or "")
        network = self._networks.of(job.tenant, partner)
        polled = network.poll(job.cursor)
        failed = [one for one in polled.inbound if not self._processed(job.tenant, partner, network, one)]
        cursor = (failed[0].cursor or job.cursor) if failed else polled.cursor
        return Result(due=self._clock.now() + timedelta(seconds=partner.poll_seconds), cursor=cursor)

    def _processed(self, tenant: str, partner: Partner, network: Network, inbound: Inbound) -> bool:
        """Process one value; one that fails holds up no other, and is tried again at the next poll."""
        try:
            outcome = self._door.receive(tenant, partner, network, inbound)
        except PartnerUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a partner wrote, its other values count
            _log.error(
                "inbound.failed", partner=partner.name, exception=type(error).__name__, formerly="task.not-heard"
            )
            return False
        _log.info("inbound.processed", partner=partner.name, outcome=outcome.code, formerly="task.heard")
        return True

    def follow_up(self, job: Job) -> Result:
        """Mark that the follow-up's day has come, for whoever looks after it."""

        def record(connection: Connection) -> None:
            scope = Scope(connection, job.tenant, self._clock.now())
            with open_unit(scope, job.subject or "") as unit:
                for row in newest_tries(unit.rows, None):
                    apply_event(unit, row.id, Act("due", scope.now, which="follow-up"), TIMER)

        return Result(record)

    def response_deadline(self, job: Job) -> Result:
        """Mark, once, that a service has let the time for its answer pass; nothing is sent to it again.

        A referral that was accepted, declined or called off meanwhile needs no mark.
        """

        def record(connection: Connection) -> None:
            scope = Scope(connection, job.tenant, self._clock.now())
            referral = get_referral(connection, job.tenant, job.subject or "")
            with open_unit(scope, referral.prescription) as unit:
                row = unit.row(referral.id)
                if row.status == ASKED and mark_overdue(connection, job.tenant, row.id, scope.now):
                    asked = unit.partners.get(row.partner or "")
                    detail = {} if asked is None else {"partner": asked.name, "partnerTitle": asked.title}
                    unit.note(TIMER, "overdue", row.id, after=ASKED, detail=detail)

        return Result(record)

    def end_of_disclosure(self, job: Job) -> Result:
        """A referral ended so long ago that its service may no longer know more than that."""
        return Result(functools.partial(self._end_of_disclosure, job))

    def _end_of_disclosure(self, job: Job, connection: Connection) -> None:
        scope = Scope(connection, job.tenant, self._clock.now())
        referral = get_referral(connection, job.tenant, job.subject or "")
        with open_unit(scope, referral.prescription) as unit:
            forget_ended(unit, unit.row(referral.id))
