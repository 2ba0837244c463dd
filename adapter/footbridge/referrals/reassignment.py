"""Whom to ask next: the partners for a category, another try after a decline."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from footbridge.mapping import MappingContext
from footbridge.mapping.draft import Draft
from footbridge.mapping.organizations import write_organization
from footbridge.mapping.references import Resource
from footbridge.mapping.split import retry_task
from footbridge.model.lifecycle import TellPartner, next_try
from footbridge.model.prescription import OrganizationReference
from footbridge.model.principals import TIMER, Principal
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import Key, PrescriptionUnit
from footbridge.store.routes import candidates


def categories_of(unit: PrescriptionUnit, row: ReferralRow) -> list[str]:
    """The SDOH categories that a referral is about, the first need's first."""
    if row.category:
        return [row.category]
    return [need.category for need in unit.prescription.document.needs]


def next_partner(unit: PrescriptionUnit, row: ReferralRow | None, categories: list[str]) -> str | None:
    """The first partner, in the order of the tenant's routes, who was not asked for this order before."""
    if unit.preferred is not None:
        return unit.preferred
    order = row.service_request if row else None
    asked = {other.partner for other in unit.rows if other.service_request == order}
    for category in categories:
        for partner in candidates(unit.scope.connection, unit.scope.tenant, category):
            if partner not in asked and unit.partners[partner].role == "recipient":
                return partner
    return None


def reassign(unit: PrescriptionUnit, row: ReferralRow, principal: Principal) -> bool:
    """Ask the next partner with a new Task for the same order; False when nobody is left to ask.

    The timeline gets an entry of the new referral. Its principal is the user of ours who asked for another try; where a
    partner declined, our routing.
    """
    partner = next_partner(unit, row, categories_of(unit, row))
    if partner is None or row.service_request is None:
        return False
    tried = next_try(row.state, partner)
    task = retry_task(
        unit.resource(("ServiceRequest", row.service_request)),
        unit.resource(("Task", row.task)),
        owner={"reference": owner_reference(unit, partner)},
        seed=f"{row.attempt + 1}",
        authored=unit.scope.now,
    )
    unit.create([task])
    unit.keep(row, tried.previous)
    newer = ReferralRow(
        id=str(uuid.uuid4()),
        prescription=row.prescription,
        parent=row.parent,
        partner=partner,
        attempt=row.attempt + 1,
        state=tried.current,
        task=task["id"],
        service_request=row.service_request,
        category=row.category,
        due=row.due,
    )
    unit.add(newer)
    chose = principal if principal.partner is None else TIMER
    detail = {"partner": partner, "partnerTitle": unit.partners[partner].title}
    unit.note(chose, "another-try", newer.id, after=newer.status, detail=detail)
    share(unit, newer, partner)
    for effect in tried.effects:
        if isinstance(effect, TellPartner) and effect.partner != partner:
            unit.tell(effect.partner)
    return True


@contextmanager
def preferring(unit: PrescriptionUnit, partner: str) -> Iterator[None]:
    """Within the block, another try goes to this partner, whom a person chose, even if it was asked before."""
    unit.preferred = partner
    try:
        yield
    finally:
        unit.preferred = None


def share(unit: PrescriptionUnit, row: ReferralRow, partner: str | None) -> None:
    """Owe a new referral to the partner who is asked, and to the record."""
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
    context = MappingContext(jurisdiction=unit.jurisdiction, scope=unit.namespace)
    draft = Draft(unit.prescription.document, context)
    known = OrganizationReference(name=unit.partners[partner].title)
    write_organization(draft, "partner", known, "/service/partner", partner=partner)
    (entry,) = draft.finish().bundle["entry"]
    return {**entry["resource"], "id": entry["fullUrl"].removeprefix("urn:uuid:")}
