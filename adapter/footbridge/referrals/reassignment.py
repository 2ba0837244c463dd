"""Another try after a decline, or when a person asks for one: a new Task for the same order, at another partner."""

import uuid

from footbridge.mapping import MappingContext
from footbridge.mapping.draft import Draft
from footbridge.mapping.organizations import write_organization
from footbridge.mapping.references import Resource
from footbridge.mapping.split import another_try, identity_of_try
from footbridge.model.clock import utc_instant
from footbridge.model.lifecycle import TellPartner, next_try
from footbridge.model.prescription import OrganizationReference
from footbridge.model.principals import TIMER, Principal
from footbridge.referrals.new_prescription import map_again
from footbridge.referrals.routing import categories_of, next_partner
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit


def reassign(unit: PrescriptionUnit, row: ReferralRow, principal: Principal, preferred: str | None = None) -> bool:
    """Ask the next partner with a new Task for the same order; False when nobody is left to ask.

    ``preferred`` is the partner whom a person chose; else the routes say. The timeline gets an entry of the new
    referral. Its author is the user of ours who asked for another try; where a partner declined, our routing.
    """
    partner = preferred or next_partner(unit, row, categories_of(unit, row))
    if partner is None or row.service_request is None:
        return False
    tried = next_try(row.state, partner)
    identity = identity_of_try(unit.resource(("Task", row.task)), row.attempt + 1)
    unit.create([_task(unit, row, partner, identity)])
    unit.save_state(row, tried.previous)
    newer = ReferralRow(
        id=str(uuid.uuid4()),
        prescription=row.prescription,
        parent=row.parent,
        partner=partner,
        attempt=row.attempt + 1,
        state=tried.current,
        task=identity,
        service_request=row.service_request,
        category=row.category,
        due=row.due,
    )
    unit.add(newer)
    chose = principal if principal.partner is None else TIMER
    asked = unit.partners[partner]
    detail = {"partner": asked.name, "partnerTitle": asked.title}
    unit.note(chose, "another-try", newer.id, after=newer.status, detail=detail)
    share(unit, newer, partner)
    for effect in tried.effects:
        if isinstance(effect, TellPartner) and effect.partner != partner:
            unit.queue_update(effect.partner)
    return True


def _task(unit: PrescriptionUnit, row: ReferralRow, partner: str, identity: str) -> Resource:
    """Our record's Task of another try: as the prescription is mapped now; a part's as the part was asked for."""
    owner = {"reference": owner_reference(unit, partner)}
    authored = utc_instant(unit.scope.now)
    if row.parent is not None:
        old = unit.resource(("Task", row.task))
        kept = {name: value for name, value in old.items() if name not in _OF_ONE_TRY}
        return another_try(
            {**kept, "status": "requested", "id": identity}, identity=identity, authored=authored, owner=owner
        )
    stored = map_again(unit, unit.prescription.document)
    task = next(one for one in stored.resources if (one["resourceType"], one["id"]) == stored.keys["task"])
    return another_try(
        {**task, "status": "requested", "id": identity}, identity=identity, authored=authored, owner=owner
    )


_OF_ONE_TRY = frozenset({"statusReason", "businessStatus", "lastModified", "executionPeriod", "output", "note"})
"""Members of a part's Task that say what happened in one try."""


def share(unit: PrescriptionUnit, row: ReferralRow, partner: str | None) -> None:
    """Queue a new referral for the partner who is asked, and for the requester."""
    extras = [("Task", row.task)]
    if row.parent is not None and row.service_request is not None:
        extras.insert(0, ("ServiceRequest", row.service_request))
    if partner is not None:
        unit.enqueue_delivery(partner, row, extras)
    if unit.requester is not None:
        owner = [] if partner is None else [organization_key(unit, partner)]
        unit.enqueue_delivery(unit.requester.name, row, [*owner, *extras])


def owner_reference(unit: PrescriptionUnit, partner: str) -> str:
    """A reference to the Organization of ours that stands for a partner; it is made when it is new."""
    made = organization(unit, partner)
    unit.create([made])
    return f"Organization/{made['id']}"


def organization_key(unit: PrescriptionUnit, partner: str) -> Key:
    """Type and id of the Organization that stands for a partner, whether it was made or not."""
    return "Organization", organization(unit, partner)["id"]


def organization(unit: PrescriptionUnit, partner: str) -> Resource:
    """The Organization that stands for a partner of the tenant: the same that a prescription which names it makes."""
    context = MappingContext(jurisdiction=unit.jurisdiction, scope=unit.namespace, narrative=unit.narrative)
    draft = Draft(unit.prescription.document, context)
    known = OrganizationReference(name=unit.partners[partner].title)
    write_organization(draft, "partner", known, "/service/partner", partner=partner)
    (entry,) = draft.finish().bundle["entry"]
    return {**entry["resource"], "id": entry["fullUrl"].removeprefix("urn:uuid:")}
