"""A note about a referral: in its history, and in Task.note (https://hl7.org/fhir/R4/task-definitions.html#Task.note).

A note of the service is for all who look after the referral, and reaches the requester's system with its copy of the
Task. A note of the requester's side stays there: the service does not see it.
"""

from footbridge.model.clock import utc_instant
from footbridge.model.principals import Principal
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit


def write_note(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, text: str) -> None:
    """Store it, and bring the requester's copy up to date."""
    name = "note" if principal.role == "recipient" else "own-note"
    unit.note(principal, name, row.id, reason=text)
    author = principal.name or principal.role
    made = {"authorString": author, "time": utc_instant(unit.scope.now), "text": text}
    unit.edit(("Task", row.task), lambda task: task | {"note": [*task.get("note", []), made]})
    if unit.requester is not None and unit.requester.name != principal.origin:
        unit.queue_update(unit.requester.name)
