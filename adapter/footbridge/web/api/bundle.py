"""A prescription's resources as one Bundle of type collection (https://hl7.org/fhir/R4/bundle.html).

It starts from the resources that the mapping made and the Tasks that came later, and takes in whatever of ours these
refer to, so that every reference to a resource of ours resolves inside.
"""

import uuid
from typing import Any

from footbridge.mapping.references import Resource, local, references, rewrite
from footbridge.model.clock import utc_instant
from footbridge.partners.outgoing import REMOVED
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.store.resource_rows import currents
from footbridge.store.stored import Stored


def bundle_of(unit: PrescriptionUnit) -> Resource:
    """The newest version of every resource of the prescription; fullUrls and references are ``urn:uuid:``."""
    found = _closure(unit)
    urls = {reference: _url(stored) for reference, stored in found.items()}

    def target(reference: str) -> str | None:
        return urls.get(reference) if local(reference) else reference

    return {
        "resourceType": "Bundle",
        "id": unit.prescription.id,
        "meta": {"lastUpdated": utc_instant(max(stored.last_updated for stored in found.values()))},
        "type": "collection",
        "timestamp": utc_instant(unit.scope.now),
        "entry": [
            {"fullUrl": urls[reference], "resource": _carried(stored.resource, target)}
            for reference, stored in found.items()
        ],
    }


def _closure(unit: PrescriptionUnit) -> dict[str, Stored]:
    said = unit.prescription.resources.items()
    wanted = [*(one for role, one in said if not role.startswith(REMOVED)), *_later(unit)]
    found: dict[str, Stored] = {}
    while wanted:
        fresh = {stored.reference: stored for stored in currents(unit.scope, wanted)}
        found |= dict(sorted(fresh.items()))
        named = {reference for stored in fresh.values() for reference in references(stored.resource)}
        wanted = sorted(reference for reference in named - found.keys() if local(reference))
    return found


def _later(unit: PrescriptionUnit) -> list[str]:
    names = [f"Task/{row.task}" for row in unit.rows]
    return names + [f"ServiceRequest/{row.service_request}" for row in unit.rows if row.service_request]


def _carried(resource: Resource, target: Any) -> Resource:  # noqa: ANN401 - a Target
    carried: Resource = rewrite(resource, target)
    return carried


def _url(stored: Stored) -> str:
    try:
        return uuid.UUID(stored.id).urn
    except ValueError:  # an id of another form, from a resource that was not made here
        return uuid.uuid5(uuid.NAMESPACE_URL, stored.reference).urn
