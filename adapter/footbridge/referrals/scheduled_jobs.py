"""Work that falls due by the clock: the next poll of a partner, a follow-up's day, a service's response deadline."""

import functools
from datetime import timedelta

from sqlalchemy import Connection

from footbridge import traces
from footbridge.errors import PartnerUnavailable
from footbridge.jobs.job import Job, Result
from footbridge.jobs.queue import JobQueue
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.model.lifecycle import Act
from footbridge.model.principals import TIMER
from footbridge.partners.inbound import More
from footbridge.partners.networks import Networks
from footbridge.partners.ports import Inbound, Network, Unreadable
from footbridge.referrals.consent import expire
from footbridge.referrals.door import Door, NotAcknowledged
from footbridge.referrals.erasure import forget_ended
from footbridge.referrals.events import apply_event
from footbridge.referrals.unit import newest_tries, open_unit
from footbridge.store.deliveries import has_first_delivery
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, get_partner
from footbridge.store.referrals import get_referral
from footbridge.store.resource_rows import Scope
from footbridge.store.worklist import mark_overdue

ATTEMPTS = 5
"""How often a value from a partner is tried, one poll after the other, before it is set aside for a person."""

ASKED = "requested"
"""Task.status of a referral that its service has not answered."""

IN_PARTS = "parts"
"""Standing of a referral that was split: its parts are asked, each with a time of its own."""

_log = get_logger(__name__)


class _NotReadError(Exception):
    """The network could not read a value."""


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
        traces.note(network=partner.network)
        network = self._networks.of(job.tenant, partner)
        with traces.exchange(network=partner.network):
            polled = network.poll(job.cursor)
        failed = [one for one in polled.inbound if not self._processed(job.tenant, partner, network, one)]
        cursor = (failed[0].cursor or job.cursor) if failed else polled.cursor
        due = self._clock.now() + timedelta(seconds=partner.poll_seconds)
        more = polled.more
        return Result(None if more is None else functools.partial(self._go_on, job, more), due=due, cursor=cursor)

    def _go_on(self, job: Job, more: More, connection: Connection) -> None:
        """Let the next poll be due earlier where there is more already."""
        if (due := more(connection)) is not None:
            JobQueue(connection).hasten(tenant=job.tenant, kind=job.kind, subject=job.subject or "", due=due)

    def _processed(self, tenant: str, partner: Partner, network: Network, inbound: Inbound) -> bool:
        """Process one value; False where it is tried again at the next poll. One that fails holds up no other."""
        if self._door.is_set_aside(tenant, partner, inbound):
            return True
        try:
            if isinstance(inbound, Unreadable):
                raise _NotReadError  # noqa: TRY301 - the network has logged why
            with traces.span("inbound"):
                outcome = self._door.receive(tenant, partner, network, inbound)
                traces.note(outcome=outcome.code)
        except PartnerUnavailable:
            raise
        except NotAcknowledged as error:
            cause = type(error.__cause__).__name__
            _log.error("inbound.not-acknowledged", partner=partner.name, exception=cause)
            return False
        except Exception as error:  # noqa: BLE001 - whatever a partner wrote, its other values count
            is_over = self._door.set_aside(tenant, partner, inbound, after=ATTEMPTS)
            event = "inbound.set-aside" if is_over else "inbound.failed"
            _log.error(event, partner=partner.name, exception=type(error).__name__, formerly="task.not-heard")
            return is_over
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

        A referral that was accepted, declined or called off meanwhile needs no mark; nor does one that its service
        never got: its time starts when it is delivered.
        """

        def record(connection: Connection) -> None:
            scope = Scope(connection, job.tenant, self._clock.now())
            referral = get_referral(connection, job.tenant, job.subject or "")
            with open_unit(scope, referral.prescription) as unit:
                row = unit.row(referral.id)
                undelivered = has_first_delivery(connection, job.tenant, row.prescription, row.id)
                waits = row.status == ASKED and row.state.standing != IN_PARTS and not undelivered
                if waits and mark_overdue(connection, job.tenant, row.id, scope.now):
                    asked = unit.partners.get(row.partner or "")
                    detail = {} if asked is None else {"partner": asked.name, "partnerTitle": asked.title}
                    unit.note(TIMER, "overdue", row.id, after=ASKED, detail=detail)

        return Result(record)

    def end_of_disclosure(self, job: Job) -> Result:
        """A referral ended so long ago that its service may no longer know more than that."""
        return Result(functools.partial(self._end_of_disclosure, job))

    def end_of_consent(self, job: Job) -> Result:
        """The last day of a consent has passed: what rested on it ends."""

        def record(connection: Connection) -> None:
            with open_unit(Scope(connection, job.tenant, self._clock.now()), job.subject or "") as unit:
                expire(unit)

        return Result(record)

    def _end_of_disclosure(self, job: Job, connection: Connection) -> None:
        scope = Scope(connection, job.tenant, self._clock.now())
        referral = get_referral(connection, job.tenant, job.subject or "")
        with open_unit(scope, referral.prescription) as unit:
            forget_ended(unit, unit.row(referral.id))
