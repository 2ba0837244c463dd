"""Splits a referral: each part is a referral of its own, with a service, and the whole is answered by its parts."""

import uuid
from collections.abc import Sequence

from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.i18n import _
from footbridge.mapping.split import Part, split_request
from footbridge.model.issues import Issue
from footbridge.model.lifecycle import split
from footbridge.model.principals import Principal
from footbridge.referrals import reassignment
from footbridge.referrals.command import NewPart
from footbridge.referrals.events_offered import may
from footbridge.referrals.routing import next_partner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.referrals.whom_to_ask import services, unknown_service
from footbridge.terminology import category, nearest_category


def split_into_parts(
    unit: PrescriptionUnit, row: ReferralRow, principal: Principal, parts: Sequence[NewPart], reason: str | None
) -> None:
    """Make several referrals out of one; each part goes to its partner, or by the routes of its category.

    Raises LifecycleError where it cannot be split now, PrescriptionError at JSON Pointers into the parts.
    """
    if "split" not in may(row, principal) or row.service_request is None:
        raise LifecycleError(
            _("Only an open referral can be split, by its navigator or requester."), reason="cannot-split"
        )
    if not parts:
        message = _("Name at least one part: what is asked for, and its category.")
        raise PrescriptionError([Issue("command.no-part", "error", "required", message, pointer="/parts")])
    _must_be_parts(unit, principal, parts)
    owners = [_owner(unit, part) for part in parts]
    made = split(row.state, owners)
    request = unit.resource(("ServiceRequest", row.service_request))
    task = unit.resource(("Task", row.task))
    wanted = [
        Part(
            description=part.description,
            category=part.category,
            owner=None if owner is None else {"reference": reassignment.owner_reference(unit, owner)},
        )
        for part, owner in zip(parts, owners, strict=True)
    ]
    first = sum(one.parent == row.id for one in unit.rows)
    pairs = split_request(request, task, wanted, authored=unit.scope.now, first=first)
    unit.create([resource for pair in pairs for resource in pair])
    unit.save_state(row, made.parent)
    unit.note(principal, "split", row.id, before=row.status, after=row.status, reason=reason)
    for part, owner, state, (part_request, part_task) in zip(parts, owners, made.parts, pairs, strict=True):
        newer = ReferralRow(
            id=str(uuid.uuid4()),
            prescription=row.prescription,
            parent=row.id,
            partner=owner,
            attempt=1,
            state=state,
            task=part_task["id"],
            service_request=part_request["id"],
            category=part.category,
            due=None,
        )
        unit.add(newer)
        unit.note(principal, "part", newer.id, after=newer.status, detail={"description": part.description})
        reassignment.share(unit, newer, owner)


def _must_be_parts(unit: PrescriptionUnit, principal: Principal, parts: Sequence[NewPart]) -> None:
    faults = []
    for number, part in enumerate(parts):
        if category(part.category) is None:
            near = nearest_category(part.category)
            hint = _(" Did you mean {near}?", near=near) if near else ""
            message = _("Not an SDOH category of the guide.{hint}", hint=hint)
            if not part.category:
                message = _("Select what this part is about.")
            faults.append(
                Issue("command.unknown-category", "error", "code-invalid", message, pointer=f"/parts/{number}/category")
            )
        if not part.description.strip():
            message = _("Write what this part asks for.")
            faults.append(
                Issue("command.no-description", "error", "required", message, pointer=f"/parts/{number}/description")
            )
        if part.partner is not None and part.partner not in services(unit):
            faults.append(unknown_service(unit, principal, part.partner, f"/parts/{number}/partner"))
    if faults:
        raise PrescriptionError(faults)


def _owner(unit: PrescriptionUnit, part: NewPart) -> str | None:
    return next_partner(unit, None, [part.category]) if part.partner is None else part.partner
