"""What a requester changed at its own place, taken in as one: the document, words, a call-off, a re-open.

All of it counts in one transaction, and once. A newer document that cannot be taken leaves the older one, and a person
is told: what else the requester said counts nevertheless.
"""

from footbridge.errors import ConflictError, NotFoundError, PrescriptionError
from footbridge.model.lifecycle import Act, Applied, Refused, allowed
from footbridge.model.principals import TIMER, Principal
from footbridge.partners.ports import Amendment, Change, Outcome
from footbridge.referrals.amendment import ENDED, amend
from footbridge.referrals.consent import is_over
from footbridge.referrals.events import apply_event
from footbridge.referrals.intake import Intake
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit
from footbridge.store import inbox
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import find_prescription
from footbridge.store.resource_rows import Scope

CHANGED = "requester-changed"
NOT_AMENDED = "not-amended"
NOT_REOPENED = "not-reopened"
MAYBE_REOPENED = "maybe-reopened"


def take_change(scope: Scope, intake: Intake, partner: Partner, principal: Principal, said: Change) -> Outcome:
    """Process a change, in the scope's transaction; ``Outcome.code`` says what became of it."""
    found = None
    if said.identifier is not None:
        found = find_prescription(scope.connection, scope.tenant, partner.name, said.identifier)
    if found is None:
        return Outcome("not-ours", "This is not about a prescription of this partner.")
    place = (scope.connection, scope.tenant, partner.name, said.message_id)
    if not inbox.receive(*place, scope.now, prescription=found.id) and inbox.outcome_of(*place) != inbox.RECEIVED:
        return Outcome("known")
    refused = False
    if said.document is not None and found.status not in ENDED:
        refused = not _amended(scope, intake, principal, said, said.document)
    with open_unit(scope, found.id) as unit:
        row = newest_tries(unit.rows, None)[0]
        if said.changes:
            unit.note(principal, CHANGED, row.id, at=said.at or scope.now, detail={"changes": list(said.changes)})
        if refused:
            unit.needs_person(TIMER, unit.row(row.id), NOT_AMENDED)
        if said.cancelled is not None:
            call_off(unit, row, principal, said.cancelled)
        elif said.reopened:
            _reopen(unit, row, principal)
        elif said.maybe_reopened and row.is_ended:
            unit.needs_person(TIMER, row, MAYBE_REOPENED)
        status = unit.status
    inbox.record(scope.connection, scope.tenant, partner.name, said.message_id, "applied")
    return Outcome("applied", status=status)


def call_off(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, reason: str) -> Applied | Refused | None:
    """The requester calls it off: what is open is cancelled, an order that rests is withdrawn.

    Returns None where nothing is left to call off.
    """
    names = allowed(row.state, principal)
    event = next((name for name in ("cancel", "withdraw") if name in names), None)
    if event is None:
        return None
    result = apply_event(unit, row.id, Act(event, unit.scope.now, reason), principal)
    return result if isinstance(result, Applied | Refused) else None


def _amended(scope: Scope, intake: Intake, principal: Principal, said: Change, document: bytes) -> bool:
    newer = Amendment(
        message_id=said.message_id, at=said.at, by=said.by, document=document, may_hold=said.may_hold, holds=said.holds
    )
    try:
        with scope.connection.begin_nested():
            amend(scope, intake, principal, newer)
    except (PrescriptionError, ConflictError, NotFoundError):
        return False
    return True


def _reopen(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> None:
    """Another try, a new Task: at the service that had it, since it is to this one that the requester sent it."""
    event = Act("reopen", unit.scope.now, "The requester re-opened it.", owner=row.partner)
    if "reopen" in allowed(row.state, principal) and not is_over(unit):
        result = apply_event(unit, row.id, event, principal)
        if isinstance(result, Applied):
            return
    if row.is_ended:
        unit.needs_person(TIMER, row, NOT_REOPENED)
