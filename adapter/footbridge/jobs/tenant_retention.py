"""Erases prescriptions that ended long ago, of the tenants that say after how many days.

``footbridge tenant set NAME --retention-days N``; by default nothing is erased. A prescription is erased whole, as
``store.person_erasure`` says, N days after it ended. It stays as long as one of these holds:

* a follow-up is still to come, or one of its referrals is open;
* a partner has not got a message about it: it is to be sent, or it failed and waits for a person.

What another prescription of the same person needs stays until that one is erased: the identifiers, the client, a word
that the person must not be contacted.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, exists, select

from footbridge.logs import get_logger
from footbridge.model.clock import Clock
from footbridge.model.lifecycle.tables import machines
from footbridge.model.pace import Pace
from footbridge.store.engine import Database
from footbridge.store.person_data import held_for
from footbridge.store.person_erasure import Erased, Order, erase_held
from footbridge.store.resource_rows import Scope, lock
from footbridge.store.tables import job, partner, prescription, referral
from footbridge.store.tenants import list_tenants

INTERVAL = timedelta(hours=1)  # between two looks
BATCH = 50  # prescriptions in one transaction
ACTOR = "retention"
ENDED = ("completed", "failed", "cancelled", "entered-in-error")

_log = get_logger(__name__)


class TenantRetention:
    """Erases a batch when it is due; safe to share between threads and between workers."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._pace = Pace(INTERVAL)

    def erase_if_due(self) -> None:
        """Erase one batch of each tenant, at most once an hour; while there is more, at every call."""
        now = self._clock.now()
        if not self._pace.is_due(now):
            return
        with self._database.read() as connection:
            tenants = [one for one in list_tenants(connection) if one.retention_days]
        full = [self._erase(one.name, timedelta(days=one.retention_days or 0), now) for one in tenants]
        if any(full):
            self._pace.again(now)

    def _erase(self, tenant: str, period: timedelta, now: datetime) -> bool:
        """Erase a batch of one tenant; whether there may be more."""
        with self._database.read() as connection:
            if not old_prescriptions(connection, tenant, now - period, 1):
                return False
        with self._database.write() as connection:
            scope = Scope(connection, tenant, now)
            lock(scope)
            due = old_prescriptions(connection, tenant, now - period, BATCH)
            erased = (
                erase_held(scope, held_for(connection, tenant, due), Order("retention", ACTOR)) if due else Erased()
            )
        if erased.prescriptions:
            _log.info(
                "retention.erased",
                tenant=tenant,
                prescriptions=erased.prescriptions,
                referrals=erased.referrals,
                resources=erased.resources,
                messages=erased.messages,
            )
        return erased.prescriptions == BATCH


def old_prescriptions(connection: Connection, tenant: str, before: datetime, limit: int) -> Sequence[str]:
    """Ids of prescriptions that ended before that moment and wait for nothing, those that ended first to begin with."""
    terminal = sorted({status for machine in machines().values() for status in machine.terminal})
    mine = (referral.c.tenant == prescription.c.tenant, referral.c.prescription == prescription.c.id)
    is_open = exists().where(*mine, referral.c.status.not_in(terminal))
    is_planned = exists().where(
        job.c.tenant == prescription.c.tenant, job.c.kind == "follow-up", job.c.subject == prescription.c.id
    )
    key = partner.c.name.concat("/").concat(prescription.c.id)
    unsent = exists().where(
        partner.c.tenant == prescription.c.tenant,
        and_(job.c.tenant == partner.c.tenant, job.c.key == key),
        job.c.state.in_(("ready", "failed")),
    )
    query = select(prescription.c.id).where(
        prescription.c.tenant == tenant,
        prescription.c.status.in_(ENDED),
        prescription.c.updated <= before,
        ~is_open,
        ~is_planned,
        ~unsent,
    )
    return connection.scalars(query.order_by(prescription.c.updated, prescription.c.id).limit(limit)).all()
