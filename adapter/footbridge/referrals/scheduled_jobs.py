"""Work that falls due by the clock: the next poll of a partner, the day of a follow-up, a service's answer."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from footbridge.errors import PartnerUnavailable
from footbridge.jobs.handlers import Next
from footbridge.jobs.schedule import ScheduledJob
from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.model.lifecycle import Act
from footbridge.model.principals import TIMER
from footbridge.partners.networks import Networks
from footbridge.partners.ports import Network, TaskReport
from footbridge.referrals.events import apply_event
from footbridge.referrals.inbound import InboundReport, is_new, process_report, referenced
from footbridge.referrals.unit import newest_tries, open_unit
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, get_partner
from footbridge.store.referrals import get_referral
from footbridge.store.resource_rows import Scope
from footbridge.store.worklist import OVERDUE, is_flagged
from footbridge.validation import Validator

ASKED = "requested"
"""Task.status of a referral that its service has not answered."""

_log = get_logger(__name__)


class ScheduledJobs:
    """The handlers of the schedule."""

    def __init__(self, database: Database, clock: Clock, networks: Networks, validator: Validator) -> None:
        self._database = database
        self._clock = clock
        self._networks = networks
        self._validator = validator

    def poll(self, appointment: ScheduledJob) -> Next:
        """Hear of a partner's Tasks that changed since the last poll.

        Each report is written in a transaction of its own, and the inbox takes it once: when the process dies
        half-way, the next poll starts from the same place and repeats nothing. A place ahead of our own clock is moved
        back to it: a partner whose clock was ahead and was set right would hide its changes until it came there again.
        """
        with self._database.read() as connection:
            partner = get_partner(connection, appointment.tenant, appointment.subject)
        network = self._networks.of(appointment.tenant, partner)
        since = datetime.fromisoformat(appointment.cursor) if appointment.cursor else None
        started = self._clock.now()
        polled = network.poll(since)
        with self._database.read() as connection:
            scope = Scope(connection, appointment.tenant, self._clock.now())
            news = [report for report in polled.reports if is_new(scope, partner, report)]
        unheard = [report for report in news if not self._heard(appointment.tenant, partner, network, report)]
        due = self._clock.now() + timedelta(seconds=partner.poll_seconds)
        newest = min([moment for report in unheard if (moment := report.last_updated)], default=polled.cursor or since)
        return Next(due, cursor=None if newest is None else min(newest, started).isoformat())

    def _heard(self, tenant: str, partner: Partner, network: Network, report: TaskReport) -> bool:
        """Hear one report; one that cannot be heard holds up no other, and is tried again at the next poll."""
        try:
            self._hear(tenant, partner, network, InboundReport(report))
        except PartnerUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a partner wrote, its other reports count
            _log.error("task.not-heard", partner=partner.name, exception=type(error).__name__)
            return False
        return True

    def _hear(self, tenant: str, partner: Partner, network: Network, said: InboundReport) -> None:
        """Let one report count; fetch what it refers to first, and ask once more on a tie."""
        if said.report.outputs and not said.outputs:
            said = InboundReport(said.report, referenced(network, said.report), said.confirmed)
        with self._database.write() as connection:
            outcome = process_report(Scope(connection, tenant, self._clock.now()), partner, said, self._validator)
        _log.info("task.heard", partner=partner.name, outcome=outcome)
        if outcome == "read-again" and not said.confirmed:
            for report in network.reports([said.report.remote_id]):
                self._hear(tenant, partner, network, InboundReport(report, confirmed=True))

    def follow_up(self, appointment: ScheduledJob) -> Next:
        """Mark that the follow-up's day has come, for whoever looks after it."""

        def record(connection: Connection) -> None:
            scope = Scope(connection, appointment.tenant, self._clock.now())
            with open_unit(scope, appointment.subject) as unit:
                for row in newest_tries(unit.rows, None):
                    apply_event(unit, row.id, Act("due", scope.now, which="follow-up"), TIMER)

        return Next(None, record=record)

    def answer(self, appointment: ScheduledJob) -> Next:
        """Mark, once, that a service has let the time for its answer pass; nothing is sent to it again.

        A referral that was accepted, declined or called off meanwhile needs no mark.
        """

        def record(connection: Connection) -> None:
            scope = Scope(connection, appointment.tenant, self._clock.now())
            referral = get_referral(connection, appointment.tenant, appointment.subject)
            with open_unit(scope, referral.prescription) as unit:
                row = unit.row(referral.id)
                if row.status == ASKED and not is_flagged(connection, appointment.tenant, row.id):
                    asked = unit.partners.get(row.partner or "")
                    unit.note(TIMER, OVERDUE, row.id, after=ASKED, reason=asked.title if asked else None)

        return Next(None, record=record)
