"""An organization of the 211 National Data Platform, with its services and locations, as records.

Its JSON is not HSDS. Every object may say who it is for (``access``): what is not for the public is withheld, and a
record that is not gets restrictions. Where members go is ``mappings/directory/ndp.json``.
"""

from collections.abc import Iterator

from footbridge.directory.readers import whereabouts
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.icarol_parts import objects, text, texts
from footbridge.directory.readers.ndp_parts import (
    Row,
    accessibility_of,
    add_eligibility,
    add_meta,
    add_money,
    address_of,
    area_of,
    contact_of,
    documents_of,
    languages_of,
    mark,
    phone_of,
    schedules_of,
    table,
    terms_of,
)
from footbridge.directory.records import Finding, Kind, Record


def records(organization: Row, path: str, tally: Tally) -> Iterator[Record | Finding]:
    """The records of one organization as the export gives it; ``path`` says where it came from."""
    native = text(organization.get("id"))
    if native is None:
        tally.report("ndp.no-id", None, found="organization")
        yield from tally.taken()
        return
    shown = [row for row in objects(organization.get("programs")) if not mark(row)]
    programs = {key: _program(row) for row in shown if (key := text(row.get("id")))}
    data = _data("organization", organization, tally)
    alerts = _alerts(organization, data, tally)
    if programs:
        data["programs"] = list(programs.values())
    yield Record("organization", native, data, f"{path}/{native}")
    for row in objects(organization.get("locations")):
        yield from _child("location", row, native, path, tally)
    for row in objects(organization.get("services")):
        yield from _child("service", _with_alerts(row, alerts), native, path, tally, programs)
    yield from _links(organization, path, tally)
    yield from tally.taken()


def _child(
    kind: Kind, row: Row, organization: str, path: str, tally: Tally, programs: dict[str, Row] | None = None
) -> Iterator[Record | Finding]:
    native = text(row.get("id"))
    if native is None:
        tally.report("ndp.no-id", None, found=kind)
        return
    data = _data(kind, row, tally)
    data.setdefault("organization_id", organization)
    if kind == "location":
        data.pop("alert", None)  # it is with its services
    if programs and data.get("program_id") in programs:
        data["program"] = programs[data["program_id"]]
    if kind == "location":
        addresses = data.get("addresses", [])
        if addresses:
            shapes = {address["address_type"] for address in addresses}
            data["location_type"] = "physical" if shapes & {"physical", "other"} else "postal"
        whereabouts.hide(data)
    yield Record(kind, native, data, f"{path}/{organization}/{kind}/{native}")


def _links(organization: Row, path: str, tally: Tally) -> Iterator[Record]:
    """Services at locations: those that are given, and those that a service or a location names."""
    given: set[tuple[str, str]] = set()
    for row in objects(organization.get("servicesAtLocations")):
        service, location = text(row.get("idService")), text(row.get("idLocation"))
        if not service or not location:
            tally.report("ndp.loose-link", None, found=text(row.get("id")))
        elif (service, location) not in given:
            given.add((service, location))
            data = {**_data("service_at_location", row, tally), "service_id": service, "location_id": location}
            data.pop("alert", None)
            yield Record("service_at_location", text(row.get("id")) or f"{service}@{location}", data, path)
    for pair in _named(organization):
        if pair not in given:
            given.add(pair)
            data = {"service_id": pair[0], "location_id": pair[1]}
            yield Record("service_at_location", f"{pair[0]}@{pair[1]}", data, path)


def _named(organization: Row) -> Iterator[tuple[str, str]]:
    """Service and location, where one names the other."""
    for row in objects(organization.get("services")):
        if native := text(row.get("id")):
            yield from ((native, one) for one in texts(row.get("locationIds")))
    for row in objects(organization.get("locations")):
        if native := text(row.get("id")):
            yield from ((one, native) for one in texts(row.get("serviceIds")))


def _alerts(organization: Row, data: Row, tally: Tally) -> dict[str, list[str]]:
    """By service, the temporary messages of its organization, its places and of it there: HSDS has one for services.

    One of an organization or place that is not for everybody, or whose address is not, goes nowhere.
    """
    places = {text(row.get("id")): row for row in objects(organization.get("locations"))}
    joined = [(text(row.get("idService")), row) for row in objects(organization.get("servicesAtLocations"))]
    pairs = {*_named(organization), *((service, text(row.get("idLocation"))) for service, row in joined)}
    rows = [(service, places[place]) for service, place in sorted(pairs, key=str) if place in places] + joined
    own = data.pop("alert", None)
    found: dict[str, list[str]] = {}
    if own and _is_for_all(organization):
        tally.count("ndp.alert-of-another", "organization", None)
        found = {native: [own] for row in objects(organization.get("services")) if (native := text(row.get("id")))}
    for service, row in rows:
        message: Row = {}
        add_meta(message, row)
        if service and "alert" in message and _is_for_all(row):
            tally.count("ndp.alert-of-another", "location", None)
            found.setdefault(service, []).append(message["alert"])
    return found


def _with_alerts(row: Row, alerts: dict[str, list[str]]) -> Row:
    """A service with the messages of others after its own."""
    others = alerts.get(text(row.get("id")) or "")
    if not others:
        return row
    own: Row = {}
    add_meta(own, row)
    messages = dict.fromkeys([*([own["alert"]] if "alert" in own else []), *others])
    meta = row.get("meta") if isinstance(row.get("meta"), dict) else {}
    return {**row, "meta": {**(meta or {}), "temporaryMessage": "\n".join(messages)}}


def _is_for_all(row: Row) -> bool:
    meta: Row = {}
    add_meta(meta, row)
    parts = [row, *objects(row.get("addresses"))]
    return not ({"withheld", "restrictions"} & meta.keys()) and not any(mark(part) for part in parts)


def _program(row: Row) -> Row:
    found: Row = {name: content for name in ("id", "name", "description") if (content := text(row.get(name)))}
    if names := texts(row.get("alternateNames")):
        found["alternate_name"] = "; ".join(names)
    return found


def _data(kind: Kind, whole: Row, tally: Tally) -> Row:
    row, withheld = _parted(whole)
    members: dict[str, str] = table()["texts"][kind]
    data: Row = {member: found for name, member in members.items() if (found := text(row.get(name)))}
    if names := texts(row.get("alternateNames")):
        data["alternate_name"] = "; ".join(names)
    lists: dict[str, list[Row]] = {
        "contacts": [part for one in objects(row.get("contacts")) if (part := contact_of(one))],
        "phones": [part for one in objects(row.get("phones")) if (part := phone_of(one))],
        "schedules": [part for one in objects(row.get("schedules")) for part in schedules_of(one)],
        "addresses": [part for one in objects(row.get("addresses")) if (part := address_of(one))],
        "service_areas": [part for one in objects(row.get("serviceAreas")) if (part := area_of(one))],
        "languages": languages_of(row.get("languages")),
        "attributes": [{**part, **mark(one)} for one in objects(row.get("taxonomy")) for part in terms_of(one)],
        "funding": [{"source": source} for source in texts(row.get("funding"))],
        "accessibility": accessibility_of(row.get("accessibility")),
        "required_documents": documents_of(row.get("documents")),
    }
    data.update({member: listed for member, listed in lists.items() if listed})
    data.update(withheld)
    for member in ("accreditations", "licenses"):
        if words := texts(row.get(member)):
            data[member] = "; ".join(words)
    if number := text(row.get("taxId")):
        scheme = {"identifier_type": "FEIN", "identifier_scheme": "US-EIN"}
        data["organization_identifiers"] = [{**scheme, "identifier": number}]
    add_money(data, row)
    add_eligibility(data, row)
    add_meta(data, row)
    for attribute in data.get("attributes", ()):
        if "code" not in attribute.get("taxonomy_term", {"code": ""}) and "value" in attribute:
            tally.report("ndp.words-as-code", None, (kind, text(row.get("id")) or ""), found=attribute["value"])
    for name in row.keys() - members.keys() - set(table()["read"]):
        if row[name] not in (None, "", [], {}):
            tally.count("ndp.unknown-member", f"{name} in {kind}", None)
    for name in _left_out(row):
        tally.count("ndp.member-left-out", f"{name} in {kind}", None)
    return data


def _parted(row: Row) -> tuple[Row, dict[str, Row]]:
    """An object without the single objects in it that are not for the public; and these, marked."""
    hidden = {name: mark(part) for name, part in row.items() if isinstance(part, dict) and name != "meta"}
    gone = {name: {"text": " ".join(texts(list(row[name].values()))), **said} for name, said in hidden.items() if said}
    return {name: part for name, part in row.items() if name not in gone}, gone


def _left_out(row: Row) -> Iterator[str]:
    """Names of members that are known and are not carried: who owns the record, and licensed names of terms."""
    yield from (name for name in table()["leftOut"] if row.get(name) not in (None, "", [], {}))
    for term in objects(row.get("taxonomy")):
        yield from (name for name in term if name not in table()["ofTerm"] and term[name] not in (None, "", [], {}))
        if any(text(target.get("term")) for target in objects(term.get("targets"))):
            yield "targets.term"
