"""What iCarol's records say of each other: programs at sites, agencies by name, and where nothing else says it, places.

A ProgramAtSite links a program and a site; records also name each other under ``related``. A program at no site is at
its own address, or at its agency's. An agency with 211 codes and without programs is a resource of its own: iCarol
finds it by its codes, so a service is made of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from footbridge.directory.readers import whereabouts
from footbridge.directory.readers.icarol_parts import Row, is_marked, objects, table, text
from footbridge.directory.records import Finding, Kind, Record

_PLACE = ("addresses", "latitude", "longitude")
_SHARED = ("transportation", "accessibility", "withheld", "restrictions")
_ELSEWHERE = ("website", "organization_identifiers", "legal_status", "tax_status", "year_incorporated")
Kept = tuple[Row, str, int]


@dataclass(slots=True)
class Links:
    """Programs at sites: those given, and those that a program or a site names."""

    given: dict[tuple[str, str], tuple[str, str, int]] = field(default_factory=dict)
    named: dict[tuple[str, str], str] = field(default_factory=dict)
    seen: dict[tuple[Kind, str], str] = field(default_factory=dict)
    places: dict[str, Kept] = field(default_factory=dict)  # of programs
    homes: dict[str, Kept] = field(default_factory=dict)  # of agencies
    coded: dict[str, Kept] = field(default_factory=dict)  # agencies with codes
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)  # of programs: the agency, and their path
    sites: dict[str, list[str]] = field(default_factory=dict)  # of agencies
    busy: set[str] = field(default_factory=set)  # agencies with programs
    agencies: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    def relate(self, data: Row, kind: Kind, native: str, found: Row, path: str, line: int) -> None:
        """Note what a record says of others, and of its own address."""
        related = related_ids(found)
        agencies = related.get("Agency")
        if kind in {"location", "service"} and agencies:
            data["organization_id"] = agencies[0]
        if kind == "organization":
            self._agency(data, native, related, path, line)
        if kind == "location":
            self.named.update({(program, native): path for program in related.get("Program", ())})
            self.sites.setdefault(agencies[0] if agencies else "", []).append(native)
        if kind == "service":
            self.named.update({(native, site): path for site in related.get("Site", ())})
            self.busy.update(agencies or ())
            if agencies:
                self.owners[native] = (agencies[0], path)
            self._note_place(native, data, path, line)
            for row in objects(None if is_marked(found) else found.get("related")):
                if row.get("type") == "Agency" and (name := text(row.get("name"))) and (key := text(row.get("id"))):
                    self.agencies.setdefault(key, (name, path, line))

    def rest(self, *, complete: bool) -> Iterator[Record | Finding]:
        """What no record of its own gives: links, places, agencies that are only named, services of agencies."""
        for (service, location), path in self.named.items():
            if (service, location) not in self.given:
                data = {"service_id": service, "location_id": location}
                yield Record("service_at_location", f"{service}@{location}", data, path)
        placed = {service for service, _ in (*self.given, *self.named)}
        for service, (data, path, line) in self.places.items():
            if service in placed:
                yield Finding("icarol.program-place", path, line, "service", service, "contactDetails")
                continue
            own = f"program-{service}"
            yield Record("location", own, data, path, line)
            yield Record("service_at_location", f"{service}@{own}", {"service_id": service, "location_id": own}, path)
        yield from self._of_agencies(placed | self.places.keys())
        if complete:
            yield from self._orphans()
        for agency, (name, path, line) in self.agencies.items():
            if complete and ("organization", agency) not in self.seen:
                yield Finding("icarol.agency-by-name", path, line, "organization", agency, "name", found=name)
                yield Record("organization", agency, {"name": name}, path, line)

    def _agency(self, data: Row, native: str, related: dict[str, list[str]], path: str, line: int) -> None:
        place = _taken_place(data)
        if place:
            self.homes[native] = ({"organization_id": native, **place}, path, line)
        if related.get("Program"):
            self.busy.add(native)
        codes = [row for row in data.get("attributes", ()) if (row.get("taxonomy_term") or {}).get("code")]
        if codes and native not in self.busy:
            self.coded[native] = (dict(data), path, line)

    def _note_place(self, service: str, data: Row, path: str, line: int) -> None:
        """Keep the address of a program itself, which counts where it is at no site."""
        if place := _taken_place(data):
            self.places[service] = (place, path, line)

    def _of_agencies(self, placed: set[str]) -> Iterator[Record | Finding]:
        used: set[str] = set()
        for service, (agency, path) in self.owners.items():
            if service not in placed and agency in self.homes:
                used.add(agency)
                yield _link(service, f"agency-{agency}", path)
        for agency, (found, path, line) in self.coded.items():
            if agency in self.busy:
                continue
            own = f"agency-{agency}"
            data = {name: content for name, content in found.items() if name not in _ELSEWHERE}
            yield Finding("icarol.agency-service", path, line, "service", own, "taxonomy", done=data.get("name"))
            yield Record("service", own, {**data, "organization_id": agency}, path, line)
            for site in self.sites.get(agency, ()):
                yield _link(own, site, path)
            if agency in self.homes and not self.sites.get(agency):
                used.add(agency)
                yield _link(own, own, path)
        for agency, (data, path, line) in self.homes.items():
            yield Record("location", f"agency-{agency}", data, path, line)
            if agency not in used:
                yield Finding("icarol.agency-place", path, line, "organization", agency, "contactDetails")

    def _orphans(self) -> Iterator[Finding]:
        """Links to a program or site that the source does not have."""
        for (service, location), (native, path, line) in self.given.items():
            for kind, target in (("service", service), ("location", location)):
                if (kind, target) not in self.seen:
                    member = f"{kind}_id"
                    yield Finding("icarol.orphan", path, line, "service_at_location", native, member, found=target)
        for (service, location), path in self.named.items():
            if (service, location) in self.given:
                continue
            for kind, target in (("service", service), ("location", location)):
                if (kind, target) not in self.seen:
                    native = f"{service}@{location}"
                    yield Finding("icarol.orphan", path, None, "service_at_location", native, f"{kind}_id", target)


def related_ids(found: Row) -> dict[str, list[str]]:
    """The ids of the records that a record names, by type."""
    related: dict[str, list[str]] = {}
    for row in objects(found.get("related")):
        kind, native = text(row.get("type")), text(row.get("id"))
        if kind and native:
            related.setdefault(kind, []).append(native)
    return related


def set_location_type(data: Row) -> None:
    """Physical where it has such an address, else postal. The way to a withheld address is withheld too."""
    addresses = data.get("addresses", [])
    types = {row["address_type"] for row in addresses}
    whereabouts.hide(data)
    if types:
        data["location_type"] = "physical" if types & {"physical", "other"} else "postal"


def of_link(data: Row) -> list[str]:
    """Take what a link says only of itself as a record (its dates); where it is closed, so is the program there.

    Returns:
        The members that were left out.
    """
    status = str(data.pop("status", "")).casefold()
    if status in table()["closed"]:
        data["restrictions"] = [*data.get("restrictions", ()), "exclude-directory"]
    gone = [name for name in ("assured_date", "attributes", "location_type") if data.pop(name, None)]
    return [name for name in gone if name != "location_type"]


def _taken_place(data: Row) -> Row:
    """The address of a record that is no place, taken out of it; empty where there is none.

    How one gets in, and what the source says of the record's use, hold for its address too. The way to a place that
    is withheld goes with it.
    """
    if "addresses" not in data:
        return {}
    place = {member: data.pop(member) for member in _PLACE if member in data}
    place |= {member: data[member] for member in _SHARED if member in data}
    hidden = any("withheld" in row for row in place["addresses"])
    if hidden:
        data.pop("transportation", None)
    set_location_type(place)
    return place


def _link(service: str, location: str, path: str) -> Record:
    data = {"service_id": service, "location_id": location}
    return Record("service_at_location", f"{service}@{location}", data, path)
