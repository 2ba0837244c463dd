"""What people decide about the client of a prescription: whether contact is safe, and that consent is withdrawn.

Whether contact is safe holds for the person, at every service of every requester in the tenant. What a requester says
is its own word, which a later prescription of the same requester may lift; what a navigator or an administrator says is
the tenant's, which only a person lifts (``store.clients``). Withdrawn consent ends one prescription.
"""

import functools
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from footbridge.errors import LifecycleError
from footbridge.mapping.references import Resource
from footbridge.mapping.terms import label
from footbridge.model.lifecycle import Act, Applied, allowed
from footbridge.model.principals import Principal
from footbridge.referrals.client_updates import update_services
from footbridge.referrals.erasure import forget_all
from footbridge.referrals.events import apply_event
from footbridge.referrals.new_prescription import map_again
from footbridge.referrals.unit import PrescriptionUnit, newest_tries
from footbridge.security.access import may, roles_that_may
from footbridge.store.clients import (
    KnownClient,
    find_client,
    is_contact_prohibited,
    lift,
    prohibited_since,
    pseudonym,
    put_client,
)
from footbridge.store.events import has_happened

ALLOW, PROHIBIT, WITHDRAW = "allow-contact", "prohibit-contact", "withdraw-consent"
ACTIONS: Final[Mapping[str, str]] = MappingProxyType(
    {ALLOW: "contact.allow", PROHIBIT: "contact.prohibit", WITHDRAW: "consent.withdraw"}
)
"""Each decision, and the action of ``mappings/access.json`` that says who may make it."""

_ENDED_BY = ("cancel", "withdraw")
"""Events of the lifecycle that end an order: one that is open, and one that rests after its service gave up."""


def decisions_now(unit: PrescriptionUnit, principal: Principal) -> list[str]:
    """The decisions that this user may make now."""
    names = [name for name, action in ACTIONS.items() if may(principal, action)]
    refused = set()
    if ALLOW in names and not _is_prohibited(unit):
        refused.add(ALLOW)
    if WITHDRAW in names and is_consent_withdrawn(unit):
        refused.add(WITHDRAW)
    return [name for name in names if name not in refused]


def decide(unit: PrescriptionUnit, principal: Principal, decision: str, at: datetime, reason: str | None) -> None:
    """Carry a decision out, with all that follows for services at work.

    Args:
        unit: of the prescription that the decision was made with.
        principal: who decided.
        decision: a key of ``ACTIONS``.
        at: when.
        reason: why, in the person's words: for those who ordered, never for a service.

    Raises LifecycleError when it may not be made now, or not by this user.
    """
    if not may(principal, ACTIONS[decision]):
        roles = " or ".join(roles_that_may(ACTIONS[decision]))
        raise LifecycleError(f"This is for the role {roles}; yours is {principal.role}.", reason="not-this-actor")
    {ALLOW: _allow, PROHIBIT: _prohibit, WITHDRAW: _withdraw}[decision](unit, principal, at, reason)


def is_consent_withdrawn(unit: PrescriptionUnit) -> bool:
    """Whether the client withdrew consent to the prescription."""
    scope = unit.scope
    return has_happened(scope.connection, scope.tenant, unit.prescription.id, "consent-withdrawn")


def must_have_consent(unit: PrescriptionUnit, event: str) -> None:
    """Raises LifecycleError for an event that would bring the prescription to a service after consent was withdrawn."""
    if event in {"reopen", "route", "split", "submit"} and is_consent_withdrawn(unit):
        message = "The client withdrew consent: write a new prescription when there is a new consent."
        raise LifecycleError(message, reason="consent-withdrawn")


def _allow(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    if not reason:
        raise LifecycleError("A reason is required to allow contact again.", reason="reason-required")
    if not _is_prohibited(unit):
        raise LifecycleError("Contact with this client is not prohibited.", reason="not-allowed-from-here")
    scope = unit.scope
    lift(scope.connection, scope.tenant, unit.prescription.person, scope.now)
    unit.note(principal, "contact-allowed", at=at, reason=reason)
    update_services(unit, of_requester=None)


def _prohibit(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    scope, person = unit.scope, unit.prescription.person
    was_prohibited = _is_prohibited(unit)
    by = unit.prescription.requester if principal.role == "requester" else principal.partner or ""
    known = find_client(scope.connection, scope.tenant, person, by) or KnownClient(pseudonym(person, by))
    newest = max(filter(None, (scope.now, known.said, prohibited_since(scope.connection, scope.tenant, person))))
    put_client(scope.connection, scope.tenant, person, by, KnownClient(known.patient, "prohibited", newest))
    unit.note(principal, "contact-prohibited", at=at, reason=reason)
    if not was_prohibited:
        update_services(unit, of_requester=None)


def _withdraw(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    if is_consent_withdrawn(unit):
        raise LifecycleError("The client withdrew consent before.", reason="not-allowed-from-here")
    unit.note(principal, "consent-withdrawn", at=at, reason=reason)
    _end_order(unit, principal)
    document = unit.prescription.document
    if document.consent is not None:
        consent = document.consent.model_copy(update={"status": "withdrawn"})
        mapped = map_again(unit, document.model_copy(update={"consent": consent}))
        key = mapped.keys["consent"]
        newer = next(one for one in mapped.resources if (one["resourceType"], one["id"]) == key)
        unit.edit(key, functools.partial(_in_place_of, newer))
    forget_all(unit)


def _end_order(unit: PrescriptionUnit, principal: Principal) -> None:
    """Cancel what is open. The reason says that consent ended, and no more: the service reads it."""
    whole = newest_tries(unit.rows, None)[0]
    names = allowed(whole.state, principal)
    event = next((name for name in _ENDED_BY if name in names), None)
    why = label("consent-ended", unit.prescription.document.language)
    if event is not None:
        result = apply_event(unit, whole.id, Act(event, unit.scope.now, why), principal)
        if isinstance(result, Applied):
            return
    if not unit.row(whole.id).is_ended:
        raise LifecycleError("This token may not cancel the prescription.", reason="not-this-actor")


def _is_prohibited(unit: PrescriptionUnit) -> bool:
    return is_contact_prohibited(unit.scope.connection, unit.scope.tenant, unit.prescription.person)


def _in_place_of(newer: Resource, older: Resource) -> Resource:
    return newer | {"meta": older.get("meta", {}) | newer.get("meta", {})}
