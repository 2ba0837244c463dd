"""A prescription on hold: nothing of it leaves for a service until somebody has decided what is open about it.

``put`` raises the questions, at intake or with an amendment; ``release`` ends one of them, and lets the prescription go
where it would have gone when none is left. What is decided, and how, is in ``hold_decisions`` and ``service_check``.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.holds import Hold, HoldKind, hold_kinds
from footbridge.model.lifecycle import Act
from footbridge.model.prescription import Prescription
from footbridge.model.prescription.rules_of_consent import needs_custodian
from footbridge.model.principals import TIMER, Principal
from footbridge.referrals.events import apply_event
from footbridge.referrals.routing import first_partner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries
from footbridge.store.holds import HoldRow, end_hold, holds_of, put_hold
from footbridge.store.partners import Partner
from footbridge.store.worklist import mark_needs

SERVICE: Final = "service"
"""The question whether a service is still offered, a code of ``mappings/holds.json``."""
NOT_OFFERED: Final = {"offered": False}
"""The decision that leaves a prescription without the service that it names."""


def open_holds(unit: PrescriptionUnit) -> Sequence[HoldRow]:
    """What has to be decided about a prescription, in the order of the table; nothing once it has ended."""
    if whole(unit).is_ended:
        return []
    found = {row.reason: row for row in holds_of(unit.scope.connection, unit.scope.tenant, unit.prescription.id)}
    return [found[reason] for reason in hold_kinds() if reason in found and found[reason].ended is None]


def whole(unit: PrescriptionUnit) -> ReferralRow:
    """The newest try of the whole prescription."""
    return newest_tries(unit.rows, None)[0]


def put(unit: PrescriptionUnit, holds: Mapping[str, Hold]) -> None:
    """Put the prescription on hold (reason -> question); the timeline says why, once, and it waits for a person."""
    row, scope = whole(unit), unit.scope
    asked = {hold.reason for hold in open_holds(unit)}
    for reason, hold in holds.items():
        put_hold(scope.connection, scope.tenant, unit.prescription.id, reason, scope.now, hold.detail)
        if reason not in asked:
            why = hold_kinds()[reason].why
            unit.note(TIMER, "needs-person", row.id, after=row.status, detail={"why": why})
    if holds:
        _mark(unit)


def must_not_be_held(unit: PrescriptionUnit, event: str) -> None:
    """Raises LifecycleError for an event that would bring a prescription on hold to a service."""
    kinds = hold_kinds()
    for hold in open_holds(unit):
        kind = kinds[hold.reason]
        if event in kind.blocks:
            message = _("The prescription is on hold: send {events} first.", events=" / ".join(kind.events))
            raise LifecycleError(message, reason="on-hold")


def end_by(unit: PrescriptionUnit, event: str) -> None:
    """An event happened that answers some questions in another way."""
    for hold in open_holds(unit):
        if event in hold_kinds()[hold.reason].ended_by:
            end_hold(unit.scope.connection, unit.scope.tenant, unit.prescription.id, hold.reason, unit.scope.now)
            _mark(unit)


def must_wait_for(unit: PrescriptionUnit, kind: HoldKind) -> HoldRow:
    """The open question of that kind. Raises LifecycleError where there is none."""
    found = next((hold for hold in open_holds(unit) if hold.reason == kind.reason), None)
    if found is None:
        raise LifecycleError(_("The prescription is not on hold for this."), reason="not-allowed-from-here")
    return found


def release(
    unit: PrescriptionUnit,
    principal: Principal,
    reason: str,
    at: datetime,
    *,
    decision: Mapping[str, Any] | None = None,
) -> None:
    """End one question. When none is left, the prescription goes to its service, or waits until a person routes it."""
    scope = unit.scope
    end_hold(scope.connection, scope.tenant, unit.prescription.id, reason, scope.now, decision)
    _mark(unit)
    row = whole(unit)
    if open_holds(unit) or row.is_ended or row.partner is not None or _is_without_service(unit):
        return
    partner = asked_next(unit)
    if partner is not None:
        apply_event(unit, row.id, Act("assign", at, None, owner=partner), principal)
    elif unit.prescription.document.kind == "warm-connection":
        return
    if unit.row(row.id).status == "draft":
        apply_event(unit, row.id, Act("submit", at), TIMER)
    if partner is not None:
        unit.enqueue_delivery(partner, unit.row(row.id), [])


def _is_without_service(unit: PrescriptionUnit) -> bool:
    """Whether somebody learned that the service which it names is no longer offered."""
    found = holds_of(unit.scope.connection, unit.scope.tenant, unit.prescription.id)
    return any(hold.decision == NOT_OFFERED for hold in found)


def asked_next(unit: PrescriptionUnit) -> str | None:
    """Who is asked once nothing is left to decide; None where a person chooses.

    Where the service itself was asked whether it is still offered, no other one is asked in its place.
    """
    found = holds_of(unit.scope.connection, unit.scope.tenant, unit.prescription.id)
    was_phoned = any(hold.reason == SERVICE for hold in found)
    return first_partner(unit, unit.prescription.document, by_route=not was_phoned)[0]


def held_by_consent(prescription: Prescription, rules: Iterable[str], partner: Partner | None) -> bool:
    """Whether errors of these rules keep a prescription from a partner: an implied consent does towards a custodian."""
    found = set(rules)
    implied_only = found <= {"prescription.consent-implied"} and needs_custodian(prescription)
    return bool(found) and not (implied_only and partner is not None and partner.custodian)


def _mark(unit: PrescriptionUnit) -> None:
    """The referral waits under the first open question; under none when all are decided."""
    scope, row = unit.scope, whole(unit)
    found = open_holds(unit)
    if found:
        mark_needs(scope.connection, scope.tenant, row.id, hold_kinds()[found[0].reason].why, scope.now)
    else:
        unit.heard(row.id)
