"""The end of a consent: withdrawn by a person, or after its last day (``consent.until`` of the prescription).

What rested on it ends: the prescription is cancelled where it is open, services get the status and the reason, and
nothing more of the client; what a service on our own server knows is erased. A new consent needs a new prescription.
"""

import functools
from collections.abc import Collection
from datetime import datetime

from footbridge.errors import ConflictError, LifecycleError
from footbridge.i18n import _
from footbridge.mapping.references import Resource
from footbridge.mapping.terms import label
from footbridge.model.events import names_ending_consent
from footbridge.model.lifecycle import Act, Applied, allowed
from footbridge.model.prescription import Prescription
from footbridge.model.prescription.rules_of_consent import discloses, end_of_consent
from footbridge.model.principals import TIMER, Principal
from footbridge.referrals.erasure import forget_all
from footbridge.referrals.events import apply_event
from footbridge.referrals.new_prescription import map_again
from footbridge.referrals.unit import PrescriptionUnit, newest_tries
from footbridge.store.events import has_happened

_ENDED_BY = ("cancel", "withdraw")
"""Events of the lifecycle that end an order: one that is open, and one that rests after its service gave up."""

_DISCLOSES = frozenset({"forward", "reopen", "route", "split", "submit"})
"""What would bring the prescription to a service."""


def is_over(unit: PrescriptionUnit) -> bool:
    """Whether the consent to the prescription was withdrawn, or its last day has passed."""
    end = end_of_consent(unit.prescription.document)
    return _has_happened(unit, names_ending_consent()) or (end is not None and end <= unit.scope.now)


def must_have_consent(unit: PrescriptionUnit, event: str) -> None:
    """Raises LifecycleError for an event that would bring the prescription to a service after consent ended."""
    if event not in _DISCLOSES or not is_over(unit):
        return
    withdrawn = _has_happened(unit, {"consent-withdrawn"})
    raise LifecycleError(_why_over(withdrawn=withdrawn), reason=f"consent-{'withdrawn' if withdrawn else 'expired'}")


def require_consent(unit: PrescriptionUnit) -> None:
    """Raises ConflictError where consent ended: nothing of the prescription may change or be tried again."""
    if is_over(unit):
        raise ConflictError(_why_over(withdrawn=_has_happened(unit, {"consent-withdrawn"})))


def ends_consent(newer: Prescription) -> bool:
    """Whether an amended document says that the client does not, or no longer, consent to the disclosure."""
    return discloses(newer.kind) and newer.consent is not None and newer.consent.status != "given"


def _why_over(*, withdrawn: bool) -> str:
    if withdrawn:
        return _("The client withdrew consent: write a new prescription when there is a new consent.")
    return _("The client's consent has ended: write a new prescription when there is a new consent.")


def withdraw(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    """The client withdrew consent. Raises LifecycleError where it ended before, or by one who may not cancel."""
    if is_over(unit):
        raise LifecycleError(_("The consent has ended already."), reason="not-allowed-from-here")
    unit.note(principal, "consent-withdrawn", at=at, reason=reason)
    _end_order(unit, principal, "consent-ended")
    document = unit.prescription.document
    if document.consent is not None:
        consent = document.consent.model_copy(update={"status": "withdrawn"})
        mapped = map_again(unit, document.model_copy(update={"consent": consent}))
        key = mapped.keys["consent"]
        newer = next(one for one in mapped.resources if (one["resourceType"], one["id"]) == key)
        unit.edit(key, functools.partial(_in_place_of, newer))
    _forget(unit)


def refuse(unit: PrescriptionUnit, principal: Principal, at: datetime, reason: str | None) -> None:
    """The client does not consent to a disclosure that was on hold: the prescription is cancelled; nothing has left."""
    unit.note(principal, "consent-refused", at=at, reason=reason)
    _end_order(unit, principal, "consent-not-given")
    _forget(unit)


def expire(unit: PrescriptionUnit) -> None:
    """Let the consent end after its last day; nothing where it ended before, or lasts longer by now."""
    end = end_of_consent(unit.prescription.document)
    if end is None or end > unit.scope.now or _has_happened(unit, names_ending_consent()):
        return
    unit.note(TIMER, "consent-expired", at=end)
    _end_order(unit, TIMER, "consent-expired")
    unit.edit(unit.role("consent"), lambda consent: consent | {"status": "inactive"})
    _forget(unit)


def _has_happened(unit: PrescriptionUnit, names: Collection[str]) -> bool:
    return has_happened(unit.scope.connection, unit.scope.tenant, unit.prescription.id, names)


def _forget(unit: PrescriptionUnit) -> None:
    forget_all(unit)
    if unit.requester is not None:
        unit.queue_update(unit.requester.name)


def _end_order(unit: PrescriptionUnit, principal: Principal, why: str) -> None:
    """Cancel what is open. The reason, a label, says that consent ended, and no more: the service reads it."""
    whole = newest_tries(unit.rows, None)[0]
    names = allowed(whole.state, principal)
    event = next((name for name in _ENDED_BY if name in names), None)
    words = label(why, unit.prescription.document.language)
    if event is not None:
        result = apply_event(unit, whole.id, Act(event, unit.scope.now, words), principal)
        if isinstance(result, Applied):
            return
    if not unit.row(whole.id).is_ended:
        raise LifecycleError(_("This token may not cancel the prescription."), reason="not-this-actor")


def _in_place_of(newer: Resource, older: Resource) -> Resource:
    return newer | {"meta": older.get("meta", {}) | newer.get("meta", {})}
