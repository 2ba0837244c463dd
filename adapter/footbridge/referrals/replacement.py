"""It did not fit: another prescription that replaces the first, and both lead to each other (ServiceRequest.replaces).

https://hl7.org/fhir/R4/servicerequest-definitions.html#ServiceRequest.replaces. The newer one has the needs, the words
and the consent of the first, belongs to its requester and to the same journey, and goes to the service that was chosen,
else by the routes.
"""

from datetime import timedelta
from typing import Final

from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import Identifier, Prescription, Service
from footbridge.model.principals import Principal
from footbridge.referrals.follow_ups import wait_no_more
from footbridge.referrals.following import link_orders, submit_following
from footbridge.referrals.hold_decisions import Answer
from footbridge.referrals.unit import PrescriptionUnit, newest_tries

REPLACE: Final = "replace"
_AT_LEAST = timedelta(days=14)  # until the follow-up of the newer one


def replace_prescription(unit: PrescriptionUnit, principal: Principal, answer: Answer) -> None:
    """Prescribe something else in the same transaction. Raises PrescriptionError, LifecycleError."""
    if answer.intake is None:
        raise LifecycleError(_("This is not possible now."), reason="not-allowed-from-here")
    if not answer.reason or not answer.reason.strip():
        raise LifecycleError(_("A reason is required: what did not fit?"), reason="reason-required")
    asked = unit.partners.get(answer.partner or "")
    if answer.partner is not None and (asked is None or asked.role != "recipient"):
        message = _("Unknown recipient.")
        raise PrescriptionError([Issue("command.unknown-partner", "error", "not-found", message, pointer="/partner")])
    before = unit.prescription.document
    newer = _newer(unit, before, answer)
    its = submit_following(unit, principal, newer, answer.intake)
    first = newest_tries(unit.rows, None)[0]
    unit.note(principal, "replaced", first.id, at=answer.at, reason=answer.reason, detail={"by": its})
    link_orders(unit, its, "replaces", "replaces", principal, answer.at)
    wait_no_more(unit, principal, answer.at, answer.reason)


def _newer(unit: PrescriptionUnit, before: Prescription, answer: Answer) -> Prescription:
    now = max(unit.scope.now, before.authored)  # what it says of the past stays so where a clock is ahead
    number = sum(row.parent is None for row in unit.rows)
    stem = before.identifier.value[:200]
    wait = _AT_LEAST
    if before.follow_up is not None:
        wait = max(_AT_LEAST, timedelta(days=(before.follow_up.due - before.authored.date()).days))
    follow_up = before.follow_up and before.follow_up.model_copy(update={"due": (now + wait).date()})
    service = Service(partner=answer.partner, description=answer.description)
    goals = tuple(one.model_copy(update={"due": None}) for one in before.goals)
    return before.model_copy(
        update={
            "identifier": Identifier(system=before.identifier.system, value=f"{stem}-R{number}-{now:%y%m%d%H%M%S}"),
            "authored": now,
            "journey": before.journey or before.identifier,
            "service": service if answer.partner or answer.description else None,
            "instructions": None,
            "follow_up": follow_up,
            "goals": goals,
            "kind": "navigator" if before.kind == "signpost" and answer.partner else before.kind,
        }
    )
