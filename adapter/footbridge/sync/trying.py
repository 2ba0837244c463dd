"""Whom to ask next: the partners for a category, another try after a decline."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from footbridge.mapping import MappingContext
from footbridge.mapping.draft import Draft
from footbridge.mapping.organizations import write_organization
from footbridge.mapping.parts import retry_task
from footbridge.model.lifecycle import TellPartner, next_try
from footbridge.model.prescription import OrganizationReference
from footbridge.store.routes import candidates
from footbridge.sync.case import TIMER, Author, Case, Key
from footbridge.sync.entries import Referral
from footbridge.sync.references import Resource


def categories_of(case: Case, row: Referral) -> list[str]:
    """The SDOH categories that a referral is about, the first need's first."""
    if row.category:
        return [row.category]
    return [need.category for need in case.prescription.document.needs]


def next_partner(case: Case, row: Referral | None, categories: list[str]) -> str | None:
    """The first partner, in the order of the tenant's routes, who was not asked for this order before."""
    if case.preferred is not None:
        return case.preferred
    order = row.service_request if row else None
    asked = {other.partner for other in case.rows if other.service_request == order}
    for category in categories:
        for partner in candidates(case.scope.connection, case.scope.tenant, category):
            if partner not in asked and case.partners[partner].role == "recipient":
                return partner
    return None


def try_another(case: Case, row: Referral, author: Author) -> bool:
    """Ask the next partner with a new Task for the same order; False when nobody is left to ask.

    The timeline gets an entry of the new referral. Its author is the user of ours who asked for another try; where a
    partner declined, our routing.
    """
    partner = next_partner(case, row, categories_of(case, row))
    if partner is None or row.service_request is None:
        return False
    tried = next_try(row.state, partner)
    task = retry_task(
        case.resource(("ServiceRequest", row.service_request)),
        case.resource(("Task", row.task)),
        owner={"reference": owner_reference(case, partner)},
        seed=f"{row.attempt + 1}",
        authored=case.scope.now,
    )
    case.create([task])
    case.keep(row, tried.previous)
    newer = Referral(
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
    case.add(newer)
    chose = author if author.partner is None else TIMER
    case.note(chose, "another-try", newer.id, after=newer.status, reason=case.partners[partner].title)
    share(case, newer, partner)
    for effect in tried.effects:
        if isinstance(effect, TellPartner) and effect.partner != partner:
            case.tell(effect.partner)
    return True


@contextmanager
def preferring(case: Case, partner: str) -> Iterator[None]:
    """Within the block, another try goes to this partner, whom a person chose, even if it was asked before."""
    case.preferred = partner
    try:
        yield
    finally:
        case.preferred = None


def share(case: Case, row: Referral, partner: str | None) -> None:
    """Owe a new referral to the partner who is asked, and to the record."""
    extras = [("Task", row.task)]
    if row.parent is not None and row.service_request is not None:
        extras.insert(0, ("ServiceRequest", row.service_request))
    if partner is not None:
        case.owe_delivery(partner, row, extras)
    if case.record is not None:
        owner = [] if partner is None else [organization_key(case, partner)]
        case.owe_delivery(case.record.name, row, [*owner, *extras])


def owner_reference(case: Case, partner: str) -> str:
    """A reference to the Organization of ours that stands for a partner; it is made when it is new."""
    made = organization(case, partner)
    case.create([made])
    return f"Organization/{made['id']}"


def organization_key(case: Case, partner: str) -> Key:
    """Type and id of the Organization that stands for a partner, whether it was made or not."""
    return "Organization", organization(case, partner)["id"]


def organization(case: Case, partner: str) -> Resource:
    """The Organization that stands for a partner of the tenant: the same that a prescription which names it makes."""
    context = MappingContext(jurisdiction=case.jurisdiction, scope=case.scope.tenant)
    draft = Draft(case.prescription.document, context)
    known = OrganizationReference(name=case.partners[partner].title)
    write_organization(draft, "partner", known, "/service/partner", partner=partner)
    (entry,) = draft.finish().bundle["entry"]
    return {**entry["resource"], "id": entry["fullUrl"].removeprefix("urn:uuid:")}
