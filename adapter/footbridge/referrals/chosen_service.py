"""The service of the directory that a prescription names: looked up at intake, and whether it is still offered.

What is said of it in FHIR (name, telecom of the HealthcareService) is taken from the directory once, when the
prescription is stored; after that our own record says it, so that all copies say the same.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from footbridge.directory.corrections import answered_each
from footbridge.directory.lookup import find_service, has_directory
from footbridge.directory.model import ServiceDocument
from footbridge.directory.search.gaps import record
from footbridge.directory.shown_once import for_information_in, shown_with
from footbridge.errors import PrescriptionError
from footbridge.i18n import _
from footbridge.mapping.directory_service import DirectoryService
from footbridge.model.issues import Issue
from footbridge.model.prescription import ContactPoint, Prescription
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.settings import settings
from footbridge.store.resource_rows import currents
from footbridge.store.tables import prescription as table

POINTER = "/service/directoryId"


@dataclass(frozen=True, slots=True)
class ChosenService:
    """A service of the directory.

    ``is_stale``: nobody has verified it within the set time, or a user heard since that it is no longer offered.
    """

    document: ServiceDocument
    is_stale: bool


def chosen_service(
    connection: Connection, tenant: str, prescription: Prescription, now: datetime
) -> ChosenService | None:
    """The service that a prescription names; None when it names none, or the tenant has no directory.

    Raises PrescriptionError when the directory has no such service, or one that takes no referrals.
    """
    named = prescription.service.directory_id if prescription.service is not None else None
    if named is None:
        return None
    found = find_service(connection, tenant, named)
    if found is None:
        if not has_directory(connection, tenant):
            return None
        raise PrescriptionError(
            [_fault("unknown-service", "not-found", _("The directory has no such service: search it for the id."))]
        )
    if not found["can_refer"] and prescription.kind != "signpost":
        message = _("The service takes no referrals: choose another one, or make the prescription a signpost.")
        raise PrescriptionError([_fault("no-referrals", "business-rule", message)])
    records = shown_with(connection, tenant, [found])
    only = for_information_in(records[found["id"]])
    if only is not None and prescription.kind != "signpost":
        message = _(
            "The same service takes no referrals as {source} lists it, for information only: choose another one, or "
            "make the prescription a signpost.",
            source=only,
        )
        raise PrescriptionError([_fault("no-referrals", "business-rule", message)])
    days = settings().directory_verified_days
    known = answered_each(connection, tenant, records)[found["id"]]
    oldest = None if days is None else (now - timedelta(days=days)).date()
    is_old = oldest is not None and known.verified is not None and known.verified < oldest
    return ChosenService(found, is_old or known.is_refuted)


def directory_service(document: ServiceDocument) -> DirectoryService:
    """What a HealthcareService says of it."""
    points = [
        _phone(row) for row in document.get("phones", []) if row.get("number") and row.get("type", "voice") in _CALLED
    ]
    email = document.get("email")
    if email:
        points.append(ContactPoint(system="email", value=email))
    return DirectoryService(name=document["name"], contacts=tuple(points[:_MOST_CONTACTS]))


def stored_directory_service(unit: PrescriptionUnit, prescription: Prescription) -> DirectoryService | None:
    """The same as our own record says it, for a prescription that names a service of the directory."""
    service, before = prescription.service, unit.prescription.document.service
    if service is None or service.directory_id is None:
        return None
    if before is None or before.directory_id != service.directory_id:
        found = find_service(unit.scope.connection, unit.scope.tenant, service.directory_id)
        return None if found is None else directory_service(found)
    reference = unit.prescription.resources.get("service")
    for one in currents(unit.scope, [reference] if reference else []):
        return DirectoryService.of(one.resource)
    return None


def named_services(connection: Connection, tenant: str, prescriptions: Iterable[str]) -> dict[str, ServiceDocument]:
    """The service of the directory that each of these prescriptions names, by the prescription's id."""
    found: dict[str, ServiceDocument] = {}
    rows = connection.execute(
        select(table.c.id, table.c.document).where(table.c.tenant == tenant, table.c.id.in_(sorted(set(prescriptions))))
    )
    for row in rows:
        named = (json.loads(row.document).get("service") or {}).get("directoryId")
        service = find_service(connection, tenant, named) if named else None
        if service is not None:
            found[row.id] = service
    return found


def count_unmet_need(unit: PrescriptionUnit, needs: Collection[int] | None = None) -> None:
    """Count that nobody was found for a prescription: by category and town, without anything else of the client.

    ``needs``: the places of the needs that it is about; all where None.
    """
    document = unit.prescription.document
    home = document.client.address
    area = ("", "", "") if home is None else (home.country or "", home.state or "", home.city or "")
    record(
        unit.scope.connection,
        unit.scope.tenant,
        unit.scope.now,
        categories=[one.category for place, one in enumerate(document.needs) if needs is None or place in needs],
        area=area,
        language=None,
        how="prescription",
        reason="nothing-found",
    )


def not_verified() -> Issue:
    """The warning that a referral waits until somebody says that its service is still offered."""
    return Issue(
        rule="directory.not-verified",
        severity="warning",
        code="informational",
        message=_(
            "Nobody has verified this service for long, or it is said to have ended. The referral waits until somebody "
            "confirms that it is still offered."
        ),
        pointer=POINTER,
    )


def contact_words(document: ServiceDocument) -> str:
    """How a person reaches the service: for whoever decides about a referral that nobody receives."""
    said = directory_service(document)
    return "; ".join([said.name, *(point.value for point in said.contacts)])


_CALLED = frozenset({"voice", "cell", "other"})
_MOST_CONTACTS = 3


def _phone(row: Mapping[str, Any]) -> ContactPoint:
    extension = f";ext={row['extension']}" if row.get("extension") else ""
    return ContactPoint(system="phone", value=f"{row['number']}{extension}"[:255])


def _fault(rule: str, code: str, message: str) -> Issue:
    return Issue(rule=f"directory.{rule}", severity="error", code=code, message=message, pointer=POINTER)
