"""Whom a new prescription goes to: the partner that it names, else the first of the routes, else a person decides."""

import difflib
from collections.abc import Iterable

from footbridge.model.issues import Issue
from footbridge.model.prescription import Prescription
from footbridge.referrals import reassignment
from footbridge.referrals.unit import PrescriptionUnit


def first_partner(unit: PrescriptionUnit, prescription: Prescription) -> tuple[str | None, tuple[Issue, ...]]:
    """Who is asked first, and a warning when the one that the prescription names is not configured."""
    service = prescription.service
    if prescription.kind == "signpost" or (prescription.kind == "navigator" and service is None):
        return None, ()  # the person goes alone; the navigator finds the services
    recipients = {name: partner for name, partner in unit.partners.items() if partner.role == "recipient"}
    if service is not None and service.partner is not None:
        if service.partner in recipients:
            return service.partner, ()
        return None, (_waits("/service/partner", f"No partner is named so{_nearest(service.partner, recipients)}"),)
    if service is not None and service.organization is not None:
        wanted = service.organization.name.casefold()
        found = next((name for name, partner in recipients.items() if partner.title.casefold() == wanted), None)
        if found is None:
            return None, (_waits("/service/organization", "No partner has this organisation's name"),)
        return found, ()
    partner = reassignment.next_partner(unit, None, [need.category for need in prescription.needs])
    if partner is None:
        return None, (_waits("/service", "No partner is named, and no route leads from the needs' categories"),)
    return partner, ()


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
