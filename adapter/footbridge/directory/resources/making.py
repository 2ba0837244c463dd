"""Some entries of a listing as FHIR resources, made from the directory's own tables as they are asked for.

A place and an organization say what is theirs, whichever service one comes from; hours and phones of a service there
stand on the HealthcareService.
"""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from footbridge.directory.fhir.location import location
from footbridge.directory.fhir.organization import organization
from footbridge.directory.fhir.resources import claim, told
from footbridge.directory.fhir.roles import roles_of
from footbridge.directory.fhir.service import healthcare_service, populations
from footbridge.directory.importing.assembly import documents, owners_alone, places_alone
from footbridge.directory.model import ServiceDocument
from footbridge.directory.resources.listing import TYPES, Listing
from footbridge.store.exact_json import dumps
from footbridge.store.fhir_dates import stamp
from footbridge.store.stored import Stored
from footbridge.validation import Validator

Json = dict[str, Any]
PREFIX = "directory-"
_ID = re.compile(rf"{PREFIX}([0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}(?:-[0-9a-f]{{16}})?)")
_VERSIONS = 999_999_999
"""Version numbers are as long as those of other resources may be."""
CHUNK = 200  # records that one statement reads


def record_of(type_name: str, identity: str) -> str | None:
    """The id of a record in the id of a resource; None for another form, or a type that the directory has not."""
    found = _ID.fullmatch(identity) if type_name in TYPES else None
    return None if found is None else found[1]


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes resources for one tenant, in one transaction.

    Attributes:
        validator: decides which profiles are claimed.
        jurisdiction: ``us`` or ``ca``.
        language: of labels that we write ourselves.
    """

    connection: Connection
    tenant: str
    validator: Validator
    jurisdiction: str
    language: str

    def make(self, listing: Listing, type_name: str, ids: Sequence[str]) -> dict[str, Stored]:
        """The resources of these ids, by id; each is in the listing."""
        found: dict[str, Stored] = {}
        for start in range(0, len(ids), CHUNK):
            some = ids[start : start + CHUNK]
            for identity, (resource, moment) in self._made(listing, type_name, some):
                found[identity] = self._stored(resource, max(moment or listing.moment, listing.moment))
        return found

    def _made(
        self, listing: Listing, type_name: str, ids: Sequence[str]
    ) -> Iterable[tuple[str, tuple[Json, datetime | None]]]:
        match type_name:
            case "Organization":
                return ((one, (resource, None)) for one, resource in self._organizations(listing, ids))
            case "Location":
                return ((one, (resource, None)) for one, resource in self._places(listing, ids))
            case "HealthcareService":
                return self._services(listing, ids)
            case _:
                return ((one, (resource, None)) for one, resource in self._roles(listing, ids))

    def _organizations(self, listing: Listing, ids: Sequence[str]) -> Iterable[tuple[str, Json]]:
        found = owners_alone(self.connection, self.tenant, listing.source, listing.number, ids)
        for identity, one in found.items():
            yield identity, self._told(organization(listing.source, one), one.get("description"))

    def _places(self, listing: Listing, ids: Sequence[str]) -> Iterable[tuple[str, Json]]:
        where = (self.connection, self.tenant, listing.source, listing.number)
        owners = owners_alone(*where, list({listing.owner[one] for one in ids if one in listing.owner}))
        for identity, one in places_alone(*where, ids).items():
            owner = owners.get(listing.owner.get(identity, ""), {})
            made, _lost = location(
                listing.source, one, owner.get("id"), owner.get("name") or one["native_id"], self.language
            )
            yield identity, self._told(made, made.get("description"))

    def _services(self, listing: Listing, ids: Sequence[str]) -> Iterable[tuple[str, tuple[Json, datetime | None]]]:
        found = self._documents(listing, ids)
        sites = {site["id"] for one in found.values() for site in one.get("locations", [])}
        places = dict(self._places(listing, sorted(sites)))  # what they claim decides what a service may claim
        for identity, one in found.items():
            made, _assumed = healthcare_service(one, self.language)
            coded = {concept["text"]: concept for concept in populations(one)}  # to search by
            if "characteristic" in made:
                made["characteristic"] = [coded.get(concept["text"], concept) for concept in made["characteristic"]]
            said = [row["updated"] for row in one.get("capacities", []) if row.get("stated_by")]
            moment = max(map(datetime.fromisoformat, said), default=None)
            there = [places[site["id"]] for site in one.get("locations", []) if site["id"] in places]
            yield identity, (self._told(made, one.get("description"), there), moment)

    def _roles(self, listing: Listing, ids: Sequence[str]) -> Iterable[tuple[str, Json]]:
        services = self._documents(listing, list({one.rpartition("-")[0] for one in ids}))
        made = {identity: role for one in services.values() for identity, role in roles_of(one).items()}
        for identity in ids:
            if identity in made:
                yield identity, self._told(made[identity], None)

    def _documents(self, listing: Listing, ids: Sequence[str]) -> dict[str, ServiceDocument]:
        return documents(self.connection, self.tenant, listing.source, listing.number, ids)

    def _told(self, resource: Json, text: str | None, beside: Sequence[Json] = ()) -> Json:
        """With its narrative, our ids, and the profiles that it meets, ``beside`` what it refers to."""
        made = told(resource, text, self.language)
        made["id"] = PREFIX + made["id"]
        for name in ("providedBy", "managingOrganization", "organization"):
            if name in made:
                made[name] = _renamed(made[name])
        for name in ("location", "healthcareService"):
            if name in made:
                made[name] = [_renamed(one) for one in made[name]]
        claim(made, self.validator, self.jurisdiction, [], beside)
        return made

    def _stored(self, resource: Json, moment: datetime) -> Stored:
        digest = hashlib.blake2b(dumps(resource).encode(), digest_size=8).digest()
        version = int.from_bytes(digest, "big") % _VERSIONS + 1
        meta = {"versionId": str(version), "lastUpdated": stamp(moment), **resource.pop("meta", {})}
        head = {"resourceType": resource["resourceType"], "id": resource["id"], "meta": meta}
        body = dumps({**head, **resource})
        return Stored(resource["resourceType"], resource["id"], version, moment, deleted=False, body=body)


def _renamed(reference: Json) -> Json:
    type_name, _slash, identity = reference["reference"].partition("/")
    return {**reference, "reference": f"{type_name}/{PREFIX}{identity}"}
