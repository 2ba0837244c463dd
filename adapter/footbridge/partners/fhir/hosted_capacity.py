"""A service states its free places on a HealthcareService of its own: the directory's entry says so from then on.

It is stated by the extension of SDOHCC's draft profile HealthcareServiceForReferralManagement:
http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceCapacityStatus. Which
entry is meant is said by an identifier of it, else by its name, else it is the only one of the organizations that the
partner is linked to. Where no one entry is meant, the resource is stored all the same, and the answer says so.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from footbridge.directory.capacity import Stated, state, take_back
from footbridge.directory.fhir.values import table
from footbridge.directory.model import ServiceDocument
from footbridge.directory.partners import services_of
from footbridge.i18n import _
from footbridge.model.issues import Issue
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.store.indexing import plain
from footbridge.store.interactions.write_policy import Write
from footbridge.store.partners import Partner
from footbridge.terminology import sdohcc_system
from footbridge.uris import own_uri


def take_capacity(
    connection: Connection, tenant: str, partner: Partner, write: Write, now: datetime
) -> Iterator[Issue]:
    """Take over what a HealthcareService that is written says of free places; warnings where it says it of nothing."""
    before = {} if write.previous is None or write.previous.deleted else write.previous.resource
    status, notes = _said(write.resource)
    if status is None and not _stated(before) and not _stated(write.resource):
        return
    known = services_of(connection, tenant, partner.name)
    meant = _meant(known, write.resource) if status is not None else []
    for one in _meant(known, before) if _stated(before) else ():
        if one not in meant:
            take_back(connection, tenant, partner.name, one["source"], one["id"])
    if status is None:
        if _stated(write.resource):
            message = _("Its capacity status has no code of the guide that is known here, so that it is not shown.")
            yield _warning(message)
        return
    if len(meant) == 1:
        (one,) = meant
        state(connection, tenant, Stated(one["source"], one["id"], partner.name, now, status, notes))
    elif not known:
        yield _warning(
            _("This partner is linked to no organization of the directory, so that nobody sees its capacity.")
        )
    else:
        message = _("It is not clear which service of the directory is meant: give it the identifier of that service.")
        yield _warning(message)


def _stated(resource: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The parts of the extension."""
    url = table()["capacity"]["url"]
    return [
        part
        for one in objects_in(resource.get("extension"))
        if one.get("url") == url
        for part in objects_in(one.get("extension"))
    ]


def _said(resource: Mapping[str, Any]) -> tuple[str | None, str]:
    """The code of a status, None where there is none that is known, and the notes."""
    status, notes = None, ""
    for part in _stated(resource):
        if part.get("url") == "capacityNotes":
            notes = text_in(part.get("valueString")) or ""
        for coding in objects_in(object_in(part.get("valueCodeableConcept")).get("coding")):
            if coding.get("system") == sdohcc_system() and coding.get("code") in table()["capacity"]["codes"]:
                status = coding["code"]
    return status, notes


def _meant(known: list[ServiceDocument], resource: Mapping[str, Any]) -> list[ServiceDocument]:
    """The services that a resource may stand for: the best of identifier, name, and being the only one."""
    named = {(one.get("system"), one.get("value")) for one in objects_in(resource.get("identifier"))}
    found = [one for one in known if named & _identifiers(one)]
    if found:
        return found
    name = plain(text_in(resource.get("name")) or "")
    same = [one for one in known if plain(one["name"]) == name]
    return same or (known if len(known) == 1 else [])


def _identifiers(one: ServiceDocument) -> set[tuple[str, str]]:
    return {
        (own_uri("NamingSystem/directory-service"), one["id"]),
        (own_uri(f"NamingSystem/directory/{one['source']}/service"), one["native_id"]),
    }


def _warning(message: str) -> Issue:
    place = "HealthcareService.extension"
    return Issue("capacity.not-shown", "warning", "business-rule", message, expression=place)
