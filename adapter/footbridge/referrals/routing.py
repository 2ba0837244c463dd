"""Whom a new prescription goes to: the partner that it names, else the first of the routes, else a person decides."""

import difflib
from collections.abc import Iterable, Mapping, Sequence

from footbridge.directory.lookup import find_service, has_directory
from footbridge.directory.model import ServiceDocument
from footbridge.directory.partners import partners_of
from footbridge.directory.shown_once import for_information_in, shown_with
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.model.prescription import Prescription, Service
from footbridge.model.prescription.rules_of_consent import needs_custodian
from footbridge.referrals.chosen_service import contact_words
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.partners import Partner
from footbridge.store.routes import candidates


def first_partner(
    unit: PrescriptionUnit, prescription: Prescription, *, by_route: bool = True
) -> tuple[str | None, tuple[Issue, ...]]:
    """Who is asked first, and a warning when the one that the prescription names is not configured.

    A service of the directory goes to its organization's partner; the order is ``mappings/directory/routing.json``.
    ``by_route`` False: a person chose that service, or phoned it, so no other one is asked in its place.
    """
    service = prescription.service
    if prescription.kind == "signpost" or (prescription.kind == "navigator" and service is None):
        return None, ()  # the person goes alone; the navigator finds the services
    recipients = {name: partner for name, partner in unit.partners.items() if partner.role == "recipient"}
    if service is not None and service.partner is not None:
        if service.partner in recipients:
            return service.partner, ()
        return None, (
            _waits(
                "/service/partner",
                _("No partner has this name{nearest}", nearest=_nearest(service.partner, recipients)),
            ),
        )
    listed = _listed(unit, service)
    if not by_route and (gone := _gone(unit, service, listed)):
        return None, (_waits("/service/directoryId", gone),)
    if linked := _linked(unit, listed, recipients):
        return linked[0], ()
    if service is not None and service.organization is not None:
        wanted = service.organization.name.casefold()
        found = next((name for name, partner in recipients.items() if partner.title.casefold() == wanted), None)
        if found is None:
            return None, (_waits("/service/organization", _("No partner has this organisation's name")),)
        return found, ()
    if listed is not None and not by_route:
        what = _("No partner receives referrals for this service ({contact})", contact=contact_words(listed))
        return None, (_waits("/service/directoryId", what),)
    partner = next_partner(unit, None, [need.category for need in prescription.needs])
    if partner is None and listed is not None:
        what = _(
            "No partner receives referrals for this service, and no route matches ({contact})",
            contact=contact_words(listed),
        )
        return None, (_waits("/service/directoryId", what),)
    if partner is None:
        return None, (_waits("/service", _("No partner is named, and no route matches the categories of the needs")),)
    if listed is not None:
        return partner, (_by_route(partner),)
    return partner, ()


def instead_of(unit: PrescriptionUnit, prescription: Prescription, asked: str | None) -> Partner | None:
    """Whom the routes name where nobody receives referrals for the service of the directory that was chosen."""
    if asked is not None or prescription.kind == "signpost":
        return None
    service = prescription.service
    if service is None or service.partner is not None or _listed(unit, service) is None:
        return None
    linked = first_partner(unit, prescription, by_route=False)[0]
    partner = next_partner(unit, None, [need.category for need in prescription.needs])
    return unit.partners[partner] if linked is None and partner is not None else None


def _listed(unit: PrescriptionUnit, service: Service | None) -> ServiceDocument | None:
    if service is None or service.directory_id is None:
        return None
    return find_service(unit.scope.connection, unit.scope.tenant, service.directory_id)


def _linked(unit: PrescriptionUnit, listed: ServiceDocument | None, recipients: Mapping[str, Partner]) -> Sequence[str]:
    """The partners of a service of the directory."""
    return () if listed is None else partners_of(unit.scope.connection, unit.scope.tenant, listed, recipients)


def _gone(unit: PrescriptionUnit, service: Service | None, listed: ServiceDocument | None) -> str:
    """Why a service of the directory that was chosen earlier receives nothing by now; empty where it does."""
    connection, tenant = unit.scope.connection, unit.scope.tenant
    if service is None or service.directory_id is None:
        return ""
    if listed is None:
        return _("The directory has this service no more") if has_directory(connection, tenant) else ""
    if for_information_in(shown_with(connection, tenant, [listed])[listed["id"]]) is not None:
        return _("This service takes no referrals any more ({contact})", contact=contact_words(listed))
    return ""


def _by_route(partner: str) -> Issue:
    return Issue(
        rule="routing.by-route",
        severity="warning",
        code="informational",
        message=_(
            "No partner receives referrals for this service: it goes to {partner}, by the route of its category.",
            partner=partner,
        ),
        pointer="/service/directoryId",
    )


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
            known = unit.partners[partner]
            if partner not in asked and known.role == "recipient" and consent_reaches(unit, known):
                return partner
    return None


def consent_reaches(unit: PrescriptionUnit, partner: Partner) -> bool:
    """Whether the client's consent allows to ask this partner: an implied one may reach custodians only."""
    return partner.custodian or not needs_custodian(unit.prescription.document)


def _nearest(name: str, recipients: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, recipients, n=1)
    return _("; the nearest is {near!r}", near=near[0]) if near else ""


def _waits(pointer: str, what: str) -> Issue:
    return Issue(
        rule="routing.waits",
        severity="warning",
        code="not-found",
        message=_("{what}: the prescription waits until a person routes it.", what=what),
        pointer=pointer,
    )
