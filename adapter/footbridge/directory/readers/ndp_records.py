"""An organization of the 211 National Data Platform, with its services and locations, as records.

Its JSON is not HSDS. Every object may say who it is for (``access``): what is not for the public is withheld, and a
record that is not gets restrictions. Where members go is ``mappings/directory/ndp.json``.
"""

import functools
from collections.abc import Iterator
from typing import Any

import orjson

from footbridge.data import read_json
from footbridge.directory.readers import codes_211, whereabouts
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.icarol_parts import objects, text, texts
from footbridge.directory.readers.marks import marks
from footbridge.directory.records import Finding, Kind, Record

Row = dict[str, Any]


@functools.cache
def table() -> Row:
    """``mappings/directory/ndp.json``."""
    read: Row = read_json("mappings", "directory", "ndp.json")
    return read


def records(organization: Row, path: str, tally: Tally) -> Iterator[Record | Finding]:
    """The records of one organization as the export gives it; ``path`` says where it came from."""
    native = text(organization.get("id"))
    if native is None:
        tally.report("ndp.no-id", None, found="organization")
        yield from tally.taken()
        return
    shown = [row for row in objects(organization.get("programs")) if not _mark(row)]
    programs = {key: _program(row) for row in shown if (key := text(row.get("id")))}
    data = _data("organization", organization, tally)
    if programs:
        data["programs"] = list(programs.values())
    yield Record("organization", native, data, f"{path}/{native}")
    for row in objects(organization.get("locations")):
        yield from _child("location", row, native, path, tally)
    for row in objects(organization.get("services")):
        yield from _child("service", row, native, path, tally, programs)
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
        "contacts": [part for one in objects(row.get("contacts")) if (part := _contact(one))],
        "phones": [part for one in objects(row.get("phones")) if (part := _phone(one))],
        "schedules": [part for one in objects(row.get("schedules")) for part in _schedules(one)],
        "addresses": [part for one in objects(row.get("addresses")) if (part := _address(one))],
        "service_areas": [part for one in objects(row.get("serviceAreas")) if (part := _area(one))],
        "languages": _languages(row.get("languages")),
        "attributes": [{**part, **_mark(one)} for one in objects(row.get("taxonomy")) for part in _taxonomy(one)],
        "funding": [{"source": source} for source in texts(row.get("funding"))],
        "accessibility": _accessibility(row.get("accessibility")),
        "required_documents": _documents(row.get("documents")),
    }
    data.update({member: listed for member, listed in lists.items() if listed})
    data.update(withheld)
    for member in ("accreditations", "licenses"):
        if words := texts(row.get(member)):
            data[member] = "; ".join(words)
    if number := text(row.get("taxId")):
        scheme = {"identifier_type": "FEIN", "identifier_scheme": "US-EIN"}
        data["organization_identifiers"] = [{**scheme, "identifier": number}]
    _money(data, row)
    _eligibility(data, row)
    _meta(data, row)
    for attribute in data.get("attributes", ()):
        if "code" not in attribute.get("taxonomy_term", {"code": ""}) and "value" in attribute:
            tally.report("ndp.words-as-code", None, (kind, text(row.get("id")) or ""), found=attribute["value"])
    for name in row.keys() - members.keys() - set(table()["read"]):
        if row[name] not in (None, "", [], {}):
            tally.count("ndp.unknown-member", f"{name} in {kind}", None)
    return data


def _parted(row: Row) -> tuple[Row, dict[str, Row]]:
    """An object without the single objects in it that are not for the public; and these, marked."""
    hidden = {name: _mark(part) for name, part in row.items() if isinstance(part, dict) and name != "meta"}
    gone = {name: {"text": " ".join(texts(list(row[name].values()))), **mark} for name, mark in hidden.items() if mark}
    return {name: part for name, part in row.items() if name not in gone}, gone


def _mark(row: Row) -> Row:
    """Withheld unless it is for the public, a website or a directory; an ``access`` that is unknown counts as not."""
    access = _access(row)
    hidden = bool(access) and not set(table()["partsShown"]).intersection(access)
    return {"withheld": "confidential"} if hidden or "withheld" in marks(row) else {}


def _access(row: Row) -> list[str]:
    """Who an object is for: one word or a list of them; what is neither counts as private."""
    said = row.get("access")
    return texts(said) or ([] if said in (None, "", []) else ["private"])


def _phone(row: Row) -> Row:
    words = [word for name in ("name", "description") if (word := text(row.get(name)))]
    found = {
        "number": text(row.get("number")),
        "extension": text(row.get("extension")),
        "type": text(row.get("type")),
        "description": " - ".join(dict.fromkeys(words)),
    }
    found = {name: content for name, content in found.items() if content}
    return {**found, **_mark(row)} if "number" in found else {}


def _contact(row: Row) -> Row:
    found: Row = {name: content for name in ("name", "title", "email") if (content := text(row.get(name)))}
    if phones := [phone for one in objects(row.get("phones")) if (phone := _phone(one))]:
        found["phones"] = phones
    return {**found, **_mark(row)} if found else {}


def _address(row: Row) -> Row:
    found = {member: content for name, member in table()["address"].items() if (content := text(row.get(name)))}
    kind = table()["addressTypes"].get(text(row.get("type")) or "physical", "other")
    return {"address_type": kind, **found, **_mark(row)} if found or _mark(row) else {}


def _schedules(row: Row) -> list[Row]:
    around = {
        "valid_from": text(row.get("validFrom")),
        "valid_to": text(row.get("validTo")),
        "description": text(row.get("description")),
    }
    around = {name: content for name, content in around.items() if content}
    rows: list[Row] = []
    for day in objects(row.get("open")):
        known = table()["days"].get((text(day.get("day")) or "").casefold()[:3])
        found = {"byday": known, "opens_at": text(day.get("opensAt")), "closes_at": text(day.get("closesAt"))}
        found = {name: content for name, content in found.items() if content}
        if found:
            rows.append({"freq": "WEEKLY", **found, **around, **_mark(row)})
    return rows or ([{**around, **_mark(row)}] if around else [])


def _area(row: Row) -> Row:
    kind = text(row.get("type"))
    found: Row = {"name": text(row.get("value")), "area_type": table()["areas"].get(kind or "")}
    for part in objects(row.get("geoComponents")):
        for name, member in (
            ("postalCode", "postal_code"),
            ("locality", "city"),
            ("county", "county"),
            ("state", "state_province"),
            ("country", "country"),
        ):
            if content := text(part.get(name)):
                found.setdefault(member, content)
    if isinstance(row.get("geoJson"), dict):
        found.update(extent=orjson.dumps(row["geoJson"]).decode(), extent_type="geojson")
    found = {name: content for name, content in found.items() if content}
    return {**found, **_mark(row)} if found else {}


def _languages(said: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    if not isinstance(said, dict):
        return [{"name": found} for found in texts(said)]
    rows: list[Row] = [{"code": code} for code in texts(said.get("codes"))]
    note = text(said.get("description"))
    return [*rows, {"note": note}] if note else rows


def _taxonomy(row: Row) -> list[Row]:
    codes = texts(row.get("taxonomyCode")) + [
        code for target in objects(row.get("targets")) for code in texts(target.get("code"))
    ]
    return codes_211.attributes(codes, text(row.get("taxonomyTerm")))[0]


def _accessibility(said: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    if not isinstance(said, dict):
        return [{"description": found} for found in texts(said)]
    words = [*texts(said.get("description")), *(kind.replace("_", " ") for kind in texts(said.get("types")))]
    return [{"description": "; ".join(words)}] if words else []


def _documents(said: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    if not isinstance(said, dict):
        return [{"document": found} for found in texts(said)]
    kinds = [kind.replace("_", " ") for kind in texts(said.get("types"))]
    return [{"document": found} for found in [*kinds, *texts(said.get("description"))]]


def _money(data: Row, row: Row) -> None:
    fees = row.get("fees")
    if isinstance(fees, dict):
        if found := text(fees.get("description")):
            data["fees_description"] = found
        if kind := text(fees.get("type")):
            data["cost_options"] = [{"option": kind}]
    elif found := text(fees):
        data["fees_description"] = found


def _eligibility(data: Row, row: Row) -> None:
    said = row.get("eligibility")
    if not isinstance(said, dict):
        said = {"description": said}
    if found := text(said.get("description")):
        data["eligibility_description"] = found
    for kind in texts(said.get("types")):
        data.setdefault("attributes", []).append({"label": "eligibility", "value": kind})


def _meta(data: Row, row: Row) -> None:
    meta = row.get("meta")
    meta = meta if isinstance(meta, dict) else {}
    for name, member in (("lastVerified", "assured_date"), ("lastUpdated", "last_modified"), ("status", "status")):
        if found := text(meta.get(name)):
            data[member] = found
    message = meta.get("temporaryMessage")
    if found := text(message.get("message") if isinstance(message, dict) else message):
        data["alert"] = found
    for label, name in (("tag", "tags"), ("reason-inactive", "reasonInactive")):
        for found in texts(meta.get(name)):
            data.setdefault("attributes", []).append({"label": label, "value": found})
    if found := text(meta.get("created")):
        data["metadata"] = [{"last_action_date": found, "last_action_type": "create"}]
    said = marks(row)
    restrictions: list[str] = said.get("restrictions", [])
    for access in (_access(row), _access(meta)):
        rows = [table()["access"].get(one, table()["access"]["private"]) for one in access]
        restrictions += [one for one in rows[0] if all(one in row for row in rows)] if rows else []
    if hidden := table()["hiddenStatus"].get((text(meta.get("status")) or "").casefold()):
        restrictions.append(hidden)
    if restrictions:
        data["restrictions"] = list(dict.fromkeys(restrictions))
    if "withheld" in said or any(set(access) == {"private"} for access in (_access(row), _access(meta))):
        data["withheld"] = "confidential"
