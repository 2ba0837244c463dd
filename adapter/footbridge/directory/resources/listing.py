"""What one import of a source shows: the ids of its services, organizations and places, and what searches ask of them.

Read once for an import, and kept: about one kilobyte for each service. What is hidden is left out by the rule of
``importing.assembly``; an organization or a place is shown where a service of it is.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from footbridge.directory.fhir.roles import named
from footbridge.directory.importing.assembly import every_row
from footbridge.directory.importing.joining import shown_places
from footbridge.model.earth import Point
from footbridge.store.indexing import plain

ORGANIZATION, LOCATION, SERVICE, ROLE = "Organization", "Location", "HealthcareService", "PractitionerRole"
TYPES = (ORGANIZATION, LOCATION, SERVICE, ROLE)
Sets = defaultdict[str, list[str]]


def _sets() -> Sets:
    return defaultdict(list)


@dataclass(slots=True)
class Listing:
    """Ids are those of records, without a prefix; those of roles are ``SERVICE-DIGEST``.

    Attributes:
        moment: the end of the import.
        names: by type and id, as a search compares them.
        keys: ids by type and identifier: our own, the source's, others.
        points: of places whose position may be shown.
        owner: of a service or a place, where there is one.
        places: the shown places of a service.
        at: the services at a place.
        of: the services of an organization.
        sites: the places of an organization.
        category, term: services by category of the guide, and by code of their source's taxonomy.
    """

    source: str
    number: int
    moment: datetime
    names: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=lambda: {one: {} for one in TYPES})
    keys: dict[str, Sets] = field(default_factory=lambda: {one: _sets() for one in TYPES})
    points: dict[str, Point] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    at: Sets = field(default_factory=_sets)
    of: Sets = field(default_factory=_sets)
    sites: Sets = field(default_factory=_sets)
    category: Sets = field(default_factory=_sets)
    term: Sets = field(default_factory=_sets)

    def has(self, type_name: str, identity: str) -> bool:
        """Whether it is shown."""
        return identity in self.names[type_name]

    def ids(self, type_name: str) -> set[str]:
        """Everything of a type."""
        return set(self.names[type_name])

    def add(self, type_name: str, record: dict[str, Any], *names: str | None) -> None:
        """Show a record under its names."""
        identity = record["id"]
        self.names[type_name][identity] = tuple(plain(name) for name in names if name)
        others = [str(row.get("identifier") or "") for row in record.get("organization_identifiers") or ()]
        for key in {identity, record["native_id"], *others} - {""}:
            self.keys[type_name][key].append(identity)


def read_listing(connection: Connection, tenant: str, source: str, number: int, moment: datetime) -> Listing:
    """Read what an import shows."""

    def every(kind: Any) -> dict[str, dict[str, Any]]:  # noqa: ANN401 - a Kind
        return {row["id"]: _lean(row) for row in every_row(connection, tenant, source, number, kind)}

    owners, places = every("organization"), every("location")
    links: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for link in every("service_at_location").values():
        if link["location_id"] in places:
            links[link["service_id"]].append(link)
    found = Listing(source, number, moment)
    for row in every_row(connection, tenant, source, number, "service"):
        owner = owners.get(row["organization_id"])
        joined = [(link, places[link["location_id"]]) for link in links[row["id"]]]
        shown = shown_places(row, owner, joined)
        if shown is not None:
            _add_service(found, row, owner, shown)
    _add_owners_of_places(found, owners, places)
    return found


def _lean(row: dict[str, Any]) -> dict[str, Any]:
    """The members that are looked at, of all that a record has."""
    return {name: row[name] for name in _LOOKED_AT if name in row}


_LOOKED_AT = (
    "id", "native_id", "organization_id", "service_id", "location_id", "name", "alternate_name", "status",
    "restrictions", "latitude", "longitude", "address_withheld",
    "organization_identifiers", "contacts",
)  # fmt: skip


def _add_service(
    found: Listing, row: dict[str, Any], owner: dict[str, Any] | None, shown: Sequence[tuple[Any, Any]]
) -> None:
    identity = row["id"]
    places = [place for _link, place in shown]
    found.add(SERVICE, row, row.get("name") or (owner or {}).get("name") or row["native_id"])
    found.places[identity] = list(dict.fromkeys(place["id"] for place in places))
    if owner is not None:
        found.owner[identity] = owner["id"]
        found.of[owner["id"]].append(identity)
        if not found.has(ORGANIZATION, owner["id"]):
            found.add(ORGANIZATION, owner, owner.get("name"), owner.get("alternate_name"))
    for place in places:
        found.at[place["id"]].append(identity)
    for match in row.get("categories") or ():
        found.category[match["code"]].append(identity)
    terms = (attribute.get("taxonomy_term") or {} for attribute in row.get("attributes") or ())
    for code in {str(term["code"]) for term in terms if term.get("code")}:
        found.term[code].append(identity)
    at_places = [
        (place["id"], [*(link.get("contacts") or ()), *(place.get("contacts") or ())]) for link, place in shown
    ]
    groups = [("service", row.get("contacts")), ("organization", (owner or {}).get("contacts")), *at_places]
    found.names[ROLE].update(dict.fromkeys(named(identity, groups), ()))


def _add_owners_of_places(found: Listing, owners: dict[str, dict[str, Any]], places: dict[str, dict[str, Any]]) -> None:
    """Show the places; each belongs to its own organization where that is shown, else to that of its first service."""
    for identity, services in found.at.items():
        place = places[identity]
        own = place.get("organization_id")
        owner = own if own and found.has(ORGANIZATION, own) else found.owner.get(min(services))
        if owner is not None:
            found.owner[identity] = owner
            found.sites[owner].append(identity)
        name = place.get("name") or (owners.get(owner or "") or {}).get("name")
        found.add(LOCATION, place, name or place["native_id"], place.get("alternate_name"))
        is_open = not place.get("address_withheld")
        if is_open and place.get("latitude") is not None and place.get("longitude") is not None:
            found.points[identity] = Point(place["latitude"], place["longitude"])
