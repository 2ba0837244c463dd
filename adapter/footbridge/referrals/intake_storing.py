"""Taking in, the last step: everything is stored and queued in one write transaction, or nothing."""

from dataclasses import dataclass, replace

from sqlalchemy.exc import IntegrityError

from footbridge.errors import ConflictError
from footbridge.jobs.queue import JobQueue
from footbridge.model.issues import Issue
from footbridge.model.prescription.rules_of_consent import end_of_consent
from footbridge.model.principals import Principal
from footbridge.referrals import reassignment
from footbridge.referrals.chosen_service import count_unmet_need
from footbridge.referrals.client_updates import propagate_client
from footbridge.referrals.deadlines import set_end_of_consent
from footbridge.referrals.holds import put
from footbridge.referrals.intake_ready import Ready
from footbridge.referrals.recognition import identifiers_of
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store import resource_rows
from footbridge.store.patient_ids import person_of
from footbridge.store.prescriptions import add_prescription
from footbridge.store.resource_rows import Scope


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission.

    Attributes:
        id: of the prescription.
        status: as in ``mappings/prescription-status.json``.
        warnings: what a person should look at, with JSON Pointers.
        created: False when the very same prescription was there before.
    """

    id: str
    status: str
    warnings: tuple[Issue, ...]
    created: bool


class StoredMeanwhile(Exception):  # noqa: N818 - never leaves the intake
    """What we read before is out of date: take the prescription in once more."""


def store(scope: Scope, ready: Ready, principal: Principal, marks: resource_rows.Marks | None = None) -> Receipt:
    """Store what was made ready, in the scope's write transaction.

    ``marks`` are those of this transaction's lock. Raises StoredMeanwhile where what was read before does not hold.
    """
    marks = marks or resource_rows.lock(scope)
    unit, row = ready.unit.within(scope), ready.row
    order = unit.prescription
    pairs = identifiers_of(order.document.client)
    if person_of(scope.connection, scope.tenant, pairs, order.person, ready.others) != order.person:
        raise StoredMeanwhile
    if resource_rows.present(scope, ready.present) != ready.present:  # erased meanwhile, with the last that used it
        raise StoredMeanwhile
    try:
        record = replace(ready.record, created=scope.now, updated=scope.now)
        add_prescription(scope.connection, scope.tenant, record)
        resource_rows.put_prepared(scope, ready.prepared, marks)
    except (ConflictError, IntegrityError) as error:  # somebody else was faster: with this identifier, a resource
        raise StoredMeanwhile from error
    propagate_client(unit, ready.patient, ready.said, is_new=ready.is_new)
    unit.add(row)
    unit.note(principal, "submitted", row.id, after=row.status)
    if ready.holds:
        put(unit, ready.holds)
    elif ready.partner is None and row.status == "draft":
        count_unmet_need(unit)
    _owe(unit, row, ready.partner)
    unit.close()
    return Receipt(order.id, order.status, ready.warnings, created=True)


def _owe(unit: PrescriptionUnit, row: ReferralRow, partner: str | None) -> None:
    if unit.requester is not None:
        owner = [] if partner is None else [reassignment.organization_key(unit, partner)]
        unit.enqueue_delivery(unit.requester.name, row, owner)
    if partner is not None:
        unit.enqueue_delivery(partner, row)
    if end_of_consent(unit.prescription.document) is not None:
        set_end_of_consent(unit)
    follow_up = unit.prescription.document.follow_up
    if follow_up is not None and row.due is not None:
        JobQueue(unit.scope.connection).plan(
            tenant=unit.scope.tenant, kind="follow-up", subject=row.prescription, due=row.due
        )
