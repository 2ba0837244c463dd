"""A flat record of 211 Canada's API v2 as a service, its location and its organization.

Each record is a service at one place. Ids are those of the API with ``MapIDs=on``: without it they change. Where
members go is ``mappings/directory/canada.json``.
"""

import functools
from collections.abc import Iterator, Sequence
from typing import Any

from footbridge.data import read_json
from footbridge.directory.readers import codes_211, whereabouts
from footbridge.directory.readers.airs_elements import is_true
from footbridge.directory.readers.airs_elements import table as airs_table
from footbridge.directory.readers.airs_tally import Tally
from footbridge.directory.readers.icarol_parts import languages, objects, text, texts
from footbridge.directory.readers.marks import marks
from footbridge.directory.records import Finding, Record

Row = dict[str, Any]


@functools.cache
def table() -> Row:
    """``mappings/directory/canada.json``."""
    read: Row = read_json("mappings", "directory", "canada.json")
    return read


def records(row: Row, path: str, tally: Tally, organizations: set[str]) -> Iterator[Record | Finding]:
    """The records of one row; ``organizations`` holds the ids of those that were given already."""
    native = _first(row, table()["id"])
    if native is None:
        tally.report("canada.no-id", None, found=_first(row, table()["service"]["name"]))
        yield from tally.taken()
        return
    owner = _first(row, table()["organization"]["id"])
    name = _first(row, table()["organization"]["name"])
    if owner and owner not in organizations and (name or owner == native):
        organizations.add(owner)
        yield Record("organization", owner, {"name": name or _first(row, table()["service"]["name"])}, path)
    belongs = {"organization_id": owner} if owner else {}
    service = _service(row, native, tally)
    use: Row = {name: service[name] for name in ("restrictions", "withheld") if name in service}  # of all of the row
    yield Record("location", native, {**_location(row), **belongs, **use}, path)
    yield Record("service", native, {**service, **belongs}, path)
    data = {"service_id": native, "location_id": native, **use}
    yield Record("service_at_location", f"{native}@{native}", data, path)
    _unknown(row, tally)
    yield from tally.taken()


def _first(row: Row, names: Sequence[str]) -> str | None:
    return next((found for name in names if (found := text(row.get(name)))), None)


def _members(row: Row, members: dict[str, list[str]]) -> Row:
    return {member: found for member, names in members.items() if (found := _first(row, names))}


def _location(row: Row) -> Row:
    data = _members(row, table()["location"])
    addresses: list[Row] = []
    for kind in table()["addresses"]:
        found = _members(row, kind["members"])
        private = any(_is_marked(row, name) for name in kind["private"])
        if found or private:
            mark = {"withheld": "confidential"} if private else {}
            addresses.append({"address_type": kind["address_type"], **found, **mark})
    if addresses:
        data["addresses"] = addresses
        types = {address["address_type"] for address in addresses}
        data["location_type"] = "physical" if types & {"physical", "other"} else "postal"
    if found_access := _first(row, table()["accessibility"]):
        data["accessibility"] = [{"description": found_access}]
    whereabouts.hide(data)
    return data


def _service(row: Row, native: str, tally: Tally) -> Row:
    data = _members(row, table()["service"])
    if paid := [found for name in table()["payments"] for found in texts(row.get(name))]:
        data["fees_description"] = "; ".join(filter(None, [data.get("fees_description"), *paid]))
    hours = [found for name in table()["hours"] for found in texts(row.get(name))]
    areas = next((found for name in table()["areas"] if (found := texts(row.get(name)))), [])
    spoken = next((found for name in table()["languages"] if (found := texts(row.get(name)))), [])
    codes = next((found for name in table()["codes"] if (found := texts(row.get(name)))), [])
    terms = next((found for name in table()["terms"] if (found := texts(row.get(name)))), [])
    rows, words = _taxonomy(codes, terms)
    for word in words:
        tally.report("canada.words-as-code", None, ("service", native), member="attributes", found=word)
    lists: dict[str, list[Row]] = {
        "phones": _phones(row),
        "contacts": _contacts(row),
        "schedules": [{"description": found} for found in dict.fromkeys(hours)],
        "languages": [language for found in spoken for language in languages(found)],
        "service_areas": [{"name": found} for found in areas],
        "required_documents": [{"document": found} for name in table()["documents"] for found in texts(row.get(name))],
        "attributes": rows + [{"label": "search-hint", "value": found} for found in _texts(row, table()["hints"])],
        "notes": [
            {"text": found, "withheld": "internal"} for name in table()["notes"] for found in texts(row.get(name))
        ],
    }
    data.update({member: listed for member, listed in lists.items() if listed})
    _restrict(data, row, native, tally)
    return data


def _texts(row: Row, names: list[str]) -> list[str]:
    return [found for name in names for found in texts(row.get(name))]


def _taxonomy(codes: list[str], terms: list[str]) -> tuple[list[Row], list[str]]:
    entries = [part.strip() for code in codes for part in code.split(";") if part.strip()]
    rows: list[Row] = []
    words: list[str] = []
    for entry in entries:
        found, wrong = codes_211.attributes([entry])
        rows += found
        words += wrong
    if not entries:  # names only
        parts = [part.strip() for term in terms for part in term.split(";") if part.strip()]
        rows = [row for part in parts for row in codes_211.attributes([], part)[0]]
    return rows, words


def _phones(row: Row) -> list[Row]:
    rows: list[Row] = []
    for phone in objects(row.get("PhoneNumbers")):
        words = [word for name in ("Name", "Description") if (word := text(phone.get(name)))]
        phone_row = {
            "number": text(phone.get("Phone")),
            "type": text(phone.get("Type")),
            "description": " - ".join(dict.fromkeys(words)),
        }
        rows.append(_with_mark(phone_row, "withheld" in marks(phone)))
    for name, stem in table()["phones"].items():
        words = [word for part in ("Name", "name", "Description") if (word := text(row.get(f"{stem}{part}")))]
        phone_row = {
            "number": text(row.get(name)),
            "type": text(row.get(f"{stem}Type")) or table()["phoneTypes"].get(stem),
            "description": " - ".join(dict.fromkeys(words)),
        }
        rows.append(_with_mark(phone_row, _is_marked(row, f"{stem}IsPrivate")))
    return [one for one in rows if "number" in one]


def _contacts(row: Row) -> list[Row]:
    rows: list[Row] = []
    for stem, rule in table()["contacts"].items():
        found: Row = {
            "name": text(row.get(f"{stem}Name")),
            "title": text(row.get(f"{stem}Title")),
            "email": text(row.get(f"{stem}EmailAddress")),
        }
        if number := text(row.get(f"{stem}PhoneNumber")):
            found["phones"] = [{"number": number}]
        found = {name: content for name, content in found.items() if content}
        reason = rule["withheld"] or ("confidential" if rule["private"] and _is_marked(row, rule["private"]) else None)
        if found:
            rows.append({**found, "withheld": reason} if reason else found)
    return rows


def _with_mark(found: dict[str, str | None], hidden: bool) -> Row:
    row: Row = {name: content for name, content in found.items() if content}
    return {**row, "withheld": "confidential"} if hidden else row


def _is_marked(row: Row, name: str) -> bool:
    """Whether a flag is there and is not a clear no."""
    said = row.get(name)
    return said is not None and str(said).strip() != "" and is_true(str(said)) is not False


def _restrict(data: Row, row: Row, native: str, tally: Tally) -> None:
    said_of_all = marks(row)
    if "withheld" in said_of_all:
        data["withheld"] = said_of_all["withheld"]
    restrictions: list[str] = said_of_all.get("restrictions", [])
    for name, (when, restriction) in airs_table()["restrictions"].items():
        said = row.get(name)
        if said is None or str(said).strip() == "":
            continue
        plain = is_true(str(said))
        if plain is None:
            tally.report(
                "canada.flag-unclear", None, ("service", native), member=name, found=str(said), done=restriction
            )
        if plain is None or plain is when:
            restrictions.append(restriction)
    status = data.get("status", "").casefold()
    if airs_table()["doNotReferStatus"] in status:
        tally.report(
            "canada.do-not-refer", None, ("service", native), member="status", found=data["status"], done="active"
        )
        restrictions.append("no-referral")
        data["status"] = "active"
    if status == "deleted":
        restrictions.append("deleted")
    if restrictions:
        data["restrictions"] = list(dict.fromkeys(restrictions))


@functools.cache
def _known() -> frozenset[str]:
    read = table()
    names = set(read["ignored"]) | set(read["id"]) | set(read["notes"]) | read["phones"].keys()
    for group in ("organization", "service", "location"):
        names.update(name for listed in read[group].values() for name in listed)
    for kind in read["addresses"]:
        names.update(kind["private"], *kind["members"].values())
    for group in ("hours", "languages", "areas", "documents", "accessibility", "codes", "terms", "hints", "payments"):
        names.update(read[group])
    return frozenset(names)


def asked_fields() -> list[str]:
    """The names of all members that are read, in their order: what the API is asked for."""
    read = table()
    stems = [
        f"{stem}{part}" for stem in read["phones"].values() for part in ("Name", "Description", "Type", "IsPrivate")
    ]
    people = [
        f"{stem}{part}"
        for stem in read["contacts"]
        for part in ("Name", "Title", "EmailAddress", "PhoneNumber", "IsPrivate")
    ]
    return sorted({*_known(), *stems, *people} - set(read["answered"]))


def _unknown(row: Row, tally: Tally) -> None:
    stems = tuple(table()["contacts"]) + tuple(table()["phones"].values())
    for name in row.keys() - _known() - set(table()["leftOut"]):
        if row[name] not in (None, "", [], {}) and not name.startswith(stems):
            tally.count("canada.unknown-member", name, None)
    for name in _not_used(row):
        tally.count("canada.member-not-used", name, None)


def _not_used(row: Row) -> list[str]:
    """Members that hold something and are not carried: another one of the same meaning was, or no service has it."""
    read = table()
    groups = [names for part in ("organization", "service", "location") for names in read[part].values()]
    groups += [names for kind in read["addresses"] for names in kind["members"].values()]
    groups += [read["areas"], read["languages"], [*read["codes"], *read["terms"]]]
    filled = [[name for name in names if texts(row.get(name))] for names in groups]
    used = {names[0] for names in filled if names}
    said = {str(row[name]) for name in used}
    left = [name for names in filled for name in names[1:] if name not in used and str(row[name]) not in said]
    stems = [f"{stem}Type" for stem in read["contacts"]]
    return list(dict.fromkeys([*left, *(name for name in [*read["leftOut"], *stems] if texts(row.get(name)))]))
