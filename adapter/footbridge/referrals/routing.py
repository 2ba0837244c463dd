"""Whom a new prescription goes to: the partner that it names, else the first of the routes, else a person decides."""

import difflib
from collections.abc import Iterable

from footbridge.model.issues import Issue
from footbridge.model.prescription import Prescription
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.routes import candidates


def first_partner(unit: PrescriptionUnit, prescription: Prescription) -> tuple[str | None, tuple[Issue, ...]]:
    """Who is asked first, and a warning when the one that the prescription names is not configured."""
    service = prescription.service
    if prescription.kind == "signpost" or (prescription.kind == "navigator" and service is None):
        return None, ()  # the person goes alone; the navigator finds the services
    recipients = {name: partner for name, partner in unit.partners.items() if partner.role == "recipient"}
    if service is not None and service.partner is not None:
        if service.partner in recipients:
            return service.partner, ()
        return None, (_waits("/service/partner", f"No partner has this name{_nearest(service.partner, recipients)}"),)
    if service is not None and service.organization is not None:
        wanted = service.organization.name.casefold()
        found = next((name for name, partner in recipients.items() if partner.title.casefold() == wanted), None)
        if found is None:
            return None, (_waits("/service/organization", "No partner has this organisation's name"),)
        return found, ()
    partner = next_partner(unit, None, [need.category for need in prescription.needs])
    if partner is None:
        return None, (_waits("/service", "No partner is named, and no route matches the categories of the needs"),)
    return partner, ()


def categories_of(unit: PrescriptionUnit, row: ReferralRow) -> list[str]:
    """The SDOH categories that a referral is about, the first need's first."""
    if row.category:
        return [row.category]
    return [need.category for need in unit.prescription.document.needs]


def next_partner(unit: PrescriptionUnit, row: ReferralRow | None, categories: list[str]) -> str | None:
    """The first partner, in the order of the tenant's routes, who was not asked for this order before."""
    order = row.service_request if row else None
    asked = {other.partner for other in unit.rows if other.service_request == order}
    for category in categories:
        for partner in candidates(unit.scope.connection, unit.scope.tenant, category):
            if partner not in asked and unit.partners[partner].role == "recipient":
                return partner
    return None


def _nearest(name: str, recipients: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, recipients, n=1)
    return f"; the nearest is {near[0]!r}" if near else ""


def _waits(pointer: str, what: str) -> Issue:
    return Issue(
        rule="routing.waits",
        severity="warning",
        code="not-found",
        message=f"{what}: the prescription waits until a person routes it.",
        pointer=pointer,
    )
