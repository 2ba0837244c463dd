"""Whom to ask next: the partners for a category, another try after a decline."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from footbridge.data import own_uri
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.parts import retry_task
from footbridge.model.lifecycle import TellPartner, next_try
from footbridge.store.routes import candidates
from footbridge.sync.case import Case
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
            if partner not in asked:
                return partner
    return None


def try_another(case: Case, row: Referral) -> bool:
    """Ask the next partner with a new Task for the same order; False when nobody is left to ask."""
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
        case.owe_delivery(case.record.name, row, extras)


def owner_reference(case: Case, partner: str) -> str:
    """The Organization of ours that stands for a partner; it is made, and owed to the record, when it is new."""
    named = case.prescription.document.service
    known = case.role("partner") if named is not None and named.partner == partner else None
    if known is not None:
        return "/".join(known)
    organization = _organization(case, partner)
    key = ("Organization", organization["id"])
    case.create([organization])
    if case.record is not None:
        case.owe_delivery(case.record.name, case.rows[0], [key])
    return "/".join(key)


def _organization(case: Case, partner: str) -> Resource:
    identity = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{own_uri('partner')}/{case.scope.tenant}/{partner}"))
    return {
        "resourceType": "Organization",
        "id": identity,
        "identifier": [{"system": own_identifier_system(), "value": identity}],
        "active": True,
        "name": case.partners[partner].title,
    }
