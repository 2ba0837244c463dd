"""What people decide about a prescription: whether contact is safe, that consent is withdrawn, what a service says.

Whether contact is safe holds for the person, at every service of every requester in the tenant. What a requester says
is its own word, which a later prescription of the same requester may lift; what a navigator or an administrator says is
the tenant's, which only a person lifts (``store.clients``). Withdrawn consent ends one prescription (``consent``).
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from footbridge.errors import LifecycleError
from footbridge.i18n import _
from footbridge.model.holds import hold_kinds
from footbridge.model.principals import Principal
from footbridge.referrals.client_updates import update_services
from footbridge.referrals.consent import is_over, withdraw
from footbridge.referrals.decided import RECORDS
from footbridge.referrals.follow_ups import NOT_REACHED, UNMET, is_open, not_reached, record_unmet_need
from footbridge.referrals.hold_decisions import MAKERS as HOLD_MAKERS
from footbridge.referrals.hold_decisions import Answer
from footbridge.referrals.holds import open_holds
from footbridge.referrals.replacement import REPLACE, replace_prescription
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.security.access import may, roles_that_may
from footbridge.store.clients import (
    KnownClient,
    find_clients,
    is_contact_prohibited,
    lift,
    prohibited_since,
    pseudonym,
    put_client,
)

ALLOW, PROHIBIT, WITHDRAW = "allow-contact", "prohibit-contact", "withdraw-consent"
REPLACEABLE: Final = frozenset({"active", "waiting", "completed"})
"""Statuses of a prescription that another one may replace."""

OF_HOLDS: Final = tuple(event for kind in hold_kinds().values() for event in kind.events)
"""Those that decide what is open about a prescription on hold (``hold_decisions``)."""

ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {NOT_REACHED: "follow-up.not-reached", UNMET: "need.record-unmet", REPLACE: "prescription.replace"}
    | {ALLOW: "contact.allow", PROHIBIT: "contact.prohibit", WITHDRAW: "consent.withdraw"}
    | {event: kind.action for kind in hold_kinds().values() for event in kind.events}
)
"""Each decision, and the action of ``mappings/access.json`` that says who may make it."""


def decisions_now(unit: PrescriptionUnit, principal: Principal) -> list[str]:
    """The decisions that this user may make now."""
    names = [name for name, action in ACTIONS.items() if may(principal, action)]
    refused = set()
    prohibited = _is_prohibited(unit)
    if not prohibited:
        refused.add(ALLOW)
    if prohibited or not is_open(unit):  # nobody tries to reach a person whom contact endangers
        refused.add(NOT_REACHED)
    if prohibited and _said_so(unit, principal):
        refused.add(PROHIBIT)
    if WITHDRAW in names and is_over(unit):
        refused.add(WITHDRAW)
    if unit.status not in REPLACEABLE or is_over(unit):
        refused.add(REPLACE)
    open_now = {hold.reason for hold in open_holds(unit)}
    if RECORDS in open_now:  # nobody can be prescribed anything of whom it is not known who they are
        refused.add(REPLACE)
    for reason, kind in hold_kinds().items():
        if reason not in open_now:
            refused |= set(kind.events)
    return [name for name in names if name not in refused]


def decide(unit: PrescriptionUnit, principal: Principal, decision: str, answer: Answer) -> None:
    """Carry a decision out, with all that follows for services at work.

    Args:
        unit: of the prescription that the decision was made with.
        principal: who decided.
        decision: a key of ``ACTIONS``.
        answer: when, and why, in the person's words: for those who ordered, never for a service; of a hold also what
            was decided.

    Raises LifecycleError when it may not be made now, or not by this user.
    """
    if not may(principal, ACTIONS[decision]):
        roles = " or ".join(roles_that_may(ACTIONS[decision]))
        raise LifecycleError(
            _("This is for the role {roles}; yours is {role}.", roles=roles, role=principal.role),
            reason="not-this-actor",
        )
    if decision in HOLD_MAKERS:
        HOLD_MAKERS[decision](unit, principal, answer)
    elif decision == REPLACE:
        if decision not in decisions_now(unit, principal):
            raise LifecycleError(_("This is not possible now."), reason="not-allowed-from-here")
        replace_prescription(unit, principal, answer)
    else:
        if decision == NOT_REACHED and _is_prohibited(unit):
            raise LifecycleError(_("Nobody contacts this client: it is not safe."), reason="not-allowed-from-here")
        _MAKERS[decision](unit, principal, answer.at, answer.reason)


def _allow(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    if not reason:
        raise LifecycleError(_("A reason is required to allow contact again."), reason="reason-required")
    if not _is_prohibited(unit):
        raise LifecycleError(_("Contact with this client is not prohibited."), reason="not-allowed-from-here")
    scope = unit.scope
    lift(scope.connection, scope.tenant, unit.prescription.person, scope.now)
    unit.note(principal, "contact-allowed", at=at, reason=reason)
    update_services(unit, of_requester=None)


def _prohibit(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    scope, person = unit.scope, unit.prescription.person
    was_prohibited = _is_prohibited(unit)
    by = _speaks_for(unit, principal)
    clients = find_clients(scope.connection, scope.tenant, person)
    known = clients.get(by) or KnownClient(pseudonym(person, by))
    newest = max(filter(None, (scope.now, known.said, prohibited_since(clients))))
    put_client(scope.connection, scope.tenant, person, by, KnownClient(known.patient, "prohibited", newest))
    unit.note(principal, "contact-prohibited", at=at, reason=reason)
    if not was_prohibited:
        update_services(unit, of_requester=None)


_MAKERS = {
    ALLOW: _allow,
    PROHIBIT: _prohibit,
    WITHDRAW: withdraw,
    NOT_REACHED: not_reached,
    UNMET: record_unmet_need,
}


def _speaks_for(unit: PrescriptionUnit, principal: Principal) -> str:
    """Whose word it is: the requester's own, or the tenant's."""
    return unit.prescription.requester if principal.role == "requester" else principal.partner or ""


def _said_so(unit: PrescriptionUnit, principal: Principal) -> bool:
    """Whether this side has said already that contact is not safe."""
    known = find_clients(unit.scope.connection, unit.scope.tenant, unit.prescription.person)
    mine = known.get(_speaks_for(unit, principal))
    return mine is not None and mine.contact == "prohibited"


def _is_prohibited(unit: PrescriptionUnit) -> bool:
    return is_contact_prohibited(unit.scope.connection, unit.scope.tenant, unit.prescription.person)
