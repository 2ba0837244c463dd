"""Services joined with what they belong to: the records of a source, as search, FHIR and the API have them.

What holds for a service stands nearest to it: at the service at a location and the service, else the location, else
the organization (HSDS allows phones, schedules and languages at any of them). What is hidden or closed at one level
is so below it, and a service whose every place is hidden is hidden too.

Nothing here knows a database, so that the processes of an import need none of its libraries.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

import orjson

from footbridge.directory.model import DirectoryLocation, DirectoryOrganization, ServiceDocument

Object = dict[str, Any]
HIDDEN = frozenset({"exclude-website", "exclude-directory", "deleted"})
CLOSED = frozenset({"inactive", "defunct"})
READ = ("id", "native_id", "organization", "service", "location", "data")
"""The columns of a record, or of what is staged of it, that are read."""
Row: TypeAlias = tuple[Any, ...]
"""What ``READ`` names."""
_ORGANIZATION = (
    "id",
    "native_id",
    "name",
    "alternate_name",
    "description",
    "translations",
    "status",
    "email",
    "website",
    "additional_websites",
    "phones",
    "contacts",
    "organization_identifiers",
    "parent_organization_id",
    "tax_status",
    "tax_id",
    "year_incorporated",
    "legal_status",
    "logo",
    "uri",
    "licenses",
    "accreditations",
    "funding",
    "programs",
    "attributes",
    "assured_date",
    "last_modified",
    "metadata",
)
_LOCATION = (
    "id",
    "native_id",
    "location_type",
    "name",
    "alternate_name",
    "description",
    "translations",
    "transportation",
    "cross_street",
    "email",
    "url",
    "additional_urls",
    "latitude",
    "longitude",
    "addresses",
    "phones",
    "contacts",
    "schedules",
    "languages",
    "accessibility",
    "attributes",
    "external_identifier",
    "external_identifier_type",
    "assured_date",
    "last_modified",
    "metadata",
    "address_withheld",
    "withheld_region",
)
_ITSELF = (
    "name",
    "alternate_name",
    "description",
    "translations",
    "status",
    "url",
    "additional_urls",
    "email",
    "alert",
    "wait_time",
    "program",
    "contacts",
    "interpretation_services",
    "eligibility_description",
    "minimum_age",
    "maximum_age",
    "application_process",
    "required_documents",
    "fees_description",
    "cost_options",
    "is_free",
    "capacities",
    "attributes",
    "accreditations",
    "licenses",
    "funding",
    "assured_date",
    "assurer_email",
    "last_modified",
    "metadata",
    "keywords",
    "categories",
    "target_populations",
)


_AT_PLACE = ("phones", "schedules", "email", "url")  # what a service at a location says itself, the location does not


class Parts(NamedTuple):
    """The rows of some services and of what belongs to them, as they are stored."""

    services: list[Row]
    links: list[Row]
    places: list[Row]
    owners: list[Row]


NOTHING = Parts([], [], [], [])


def assembled(source: str, found: Parts) -> dict[str, ServiceDocument]:
    """The services of some parts, by id; those that are hidden are not there."""
    at: dict[str, list[Object]] = {}
    for link in map(opened, found.links):
        at.setdefault(link["service_id"], []).append(link)
    places = {row[0]: opened(row) for row in found.places}
    owners = {row[0]: opened(row) for row in found.owners}
    made = {}
    for service in map(opened, found.services):
        links = sorted(at.get(service["id"], []), key=lambda link: str(link["native_id"]))
        joined = [(link, places[link["location_id"]]) for link in links if link["location_id"] in places]
        document = join(source, service, owners.get(service["organization_id"]), joined)
        if document is not None:
            made[service["id"]] = document
    return made


def opened(row: Row) -> Object:
    """A record of such a row."""
    one, native_id, organization, service, location, data = row
    opened: Object = orjson.loads(data)
    opened |= {
        "id": one,
        "native_id": native_id,
        "organization_id": organization,
        "service_id": service,
        "location_id": location,
    }
    return opened


def join(
    source: str, service: Object, organization: Object | None, places: Sequence[tuple[Object, Object]]
) -> ServiceDocument | None:
    """One service with its organization and its places (service at location, location); None when it is hidden."""
    own = _restrictions(service) | (_restrictions(organization) if organization else set())
    shown = shown_places(service, organization, places)
    if shown is None:
        return None
    at_each = [_restrictions(link) | _restrictions(place) for link, place in shown]
    if at_each and all("no-referral" in one for one in at_each):
        own |= {"no-referral"}
    offered = _is_open(organization) and (not shown or any(_is_open(place) for _, place in shown))
    document: Object = {"id": service["id"], "native_id": service["native_id"], "source": source}
    document |= _some(service, _ITSELF)
    document.setdefault("name", (organization or {}).get("name") or service["native_id"])
    if organization is not None:
        document["organization"] = organization_of(organization)
    if shown:
        document["locations"] = [location_of(link, place) for link, place in shown]
    _ways_in(document, service)
    for name, key in _LEVELS.items():
        held = _nearest(name, key, service, organization, shown)
        if held:
            document[name] = held
    document["can_refer"] = "no-referral" not in own and _is_open(service) and offered
    if own:
        document["restrictions"] = sorted(own)
    return cast("ServiceDocument", document)


def _ways_in(document: Object, service: Object) -> None:
    """How one gets in and there, where the service says it itself: of its one place, else of the service.

    Where a place is withheld, the way there is too.
    """
    places: list[Object] = document.get("locations") or []
    for name in ("accessibility", "transportation"):
        said = service.get(name)
        if not said or (name == "transportation" and any(place.get("address_withheld") for place in places)):
            continue
        if len(places) == 1 and places[0].get(name) in (None, said):
            places[0][name] = said
        else:
            document[name] = said


def shown_places(
    service: Object, organization: Object | None, places: Sequence[tuple[Object, Object]]
) -> list[tuple[Object, Object]] | None:
    """The places of a service that are shown; None where the service is hidden itself."""
    own = _restrictions(service) | (_restrictions(organization) if organization else set())
    shown = [(link, place) for link, place in places if not _is_hidden(link, place)]
    closed = service.get("status") in CLOSED or (organization or {}).get("status") in CLOSED
    return None if own & HIDDEN or closed or (places and not shown) else shown


def location_of(link: Object, place: Object) -> DirectoryLocation:
    """A place as services have it."""
    found = _some(place, _LOCATION)
    if place.get("address_withheld"):
        for name in ("translations", "attributes"):  # of what was dropped: a name in another language, a position
            found.pop(name, None)
    if len(found.get("addresses", ())) > 1:  # where people go first, where letters go last
        found["addresses"] = sorted(found["addresses"], key=lambda one: one.get("address_type") == "postal")
    found |= {name: link[name] for name in _AT_PLACE if link.get(name)}
    if contacts := [*(link.get("contacts") or []), *(place.get("contacts") or [])]:
        found["contacts"] = contacts
    said = [one for one in (place.get("description"), link.get("description")) if one]
    if said:  # HSDS: what users are to know about the service at this place
        found["description"] = "\n".join(dict.fromkeys(said))
    return cast("DirectoryLocation", found)


def organization_of(one: Object) -> DirectoryOrganization:
    """An organization as services have it."""
    return cast("DirectoryOrganization", _some(one, _ORGANIZATION))


def _nearest(
    name: str,
    key: Callable[[Object], object],
    service: Object,
    organization: Object | None,
    places: Sequence[tuple[Object, Object]],
) -> list[Object]:
    levels = (
        # Both are the service's own: what it says for one place does not unsay what it says for itself.
        [*(one for link, _ in places for one in link.get(name) or []), *(service.get(name) or [])],
        [one for _, place in places for one in place.get(name) or []],
        (organization or {}).get(name) or [],
    )
    nearest = next((level for level in levels if level), [])
    if len(nearest) == 1:
        return list(nearest)
    return list({json.dumps(key(one), sort_keys=True, default=str): one for one in reversed(nearest)}.values())[::-1]


_LEVELS: Mapping[str, Callable[[Object], object]] = {
    "phones": lambda phone: (phone.get("number"), phone.get("extension"), phone.get("type")),
    "schedules": lambda schedule: schedule,
    "languages": lambda language: (language.get("code"), language.get("name")),
    "service_areas": lambda area: area,
}


def _is_hidden(link: Object, place: Object) -> bool:
    return bool(HIDDEN & (_restrictions(link) | _restrictions(place))) or place.get("status") in CLOSED


def _is_open(one: Object | None) -> bool:
    return one is None or one.get("status", "active") == "active"


def _restrictions(one: Object) -> set[str]:
    return set(one.get("restrictions") or ())


def _some(one: Object, names: Iterable[str]) -> Object:
    return {name: one[name] for name in names if name in one and one[name] not in (None, "", [], {})}
