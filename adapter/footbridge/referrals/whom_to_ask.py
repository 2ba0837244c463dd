"""The service that a person names: to give it a referral that nobody has, or to pass on one that another service has.

What is passed on ends where it is with a reason that is true (``lifecycle`` event *forward*: Task.status *cancelled*,
https://hl7.org/fhir/R4/task.html#statemachine), and the service that was named gets a Task of its own, in the same
transaction: at no moment is nobody asked, or are two.
"""

from collections.abc import Sequence
from datetime import datetime

from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.i18n import _
from footbridge.mapping.terms import label
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import Act, Refused, allowed
from footbridge.model.lifecycle.permission import no_way
from footbridge.model.prescription.faults import nearest_member
from footbridge.model.principals import Principal
from footbridge.referrals.events import apply_event
from footbridge.referrals.forwarding import FORWARD
from footbridge.referrals.routing import consent_reaches
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.partners import Partner


def named_service(unit: PrescriptionUnit, principal: Principal, name: str | None) -> Partner:
    """The service of that name, which the client's consent allows to ask.

    Raises PrescriptionError for a name that no service has, LifecycleError where the consent does not reach it.
    """
    partner = unit.partners.get(name or "")
    if partner is None or partner.role != "recipient":
        raise PrescriptionError([unknown_service(unit, principal, name or "", "/partner")])
    if not consent_reaches(unit, partner):
        message = _("The client's consent is implied: it allows to ask a health information custodian only.")
        raise LifecycleError(message, reason="consent-implied")
    return partner


def unknown_service(unit: PrescriptionUnit, principal: Principal, name: str, pointer: str) -> Issue:
    """The fault of a service's name; who speaks for a partner is not told the names of others."""
    near = nearest_member(name, services(unit)) if principal.partner is None else None
    hint = _(" Did you mean {near}?", near=near) if near else ""
    message = _("Unknown recipient.{hint}", hint=hint)
    return Issue("command.unknown-partner", "error", "not-found", message, pointer=pointer)


def services(unit: PrescriptionUnit) -> Sequence[str]:
    """The names of those who can be asked."""
    return [partner.name for partner in unit.partners.values() if partner.role == "recipient"]


def can_pass_on(row: ReferralRow, principal: Principal) -> bool:
    """Whether this user may pass the referral on now to another service."""
    return FORWARD in allowed(row.state, principal)


def pass_on(
    unit: PrescriptionUnit, row: ReferralRow, principal: Principal, partner: Partner, at: datetime, reason: str | None
) -> None:
    """Ask another service in place of the one that has it. Raises LifecycleError where that is not possible now.

    The service that had it is told that it was passed on, with the reason, and not to whom.
    """
    if not can_pass_on(row, principal):
        names = allowed(row.state, principal)
        raise LifecycleError(no_way(row.status, principal.role, names, FORWARD), reason="not-allowed-from-here")
    if row.partner == partner.name:
        message = _("{service} has this referral already: name another service.", service=partner.title)
        raise LifecycleError(message, reason="has-owner")
    said = label("passed-on", unit.prescription.document.language)
    words = f"{said}. {reason.strip()}" if reason and reason.strip() else f"{said}."
    result = apply_event(unit, row.id, Act(FORWARD, at, words, owner=partner.name), principal)
    if isinstance(result, Refused):
        raise LifecycleError(result.message, reason=result.code)
