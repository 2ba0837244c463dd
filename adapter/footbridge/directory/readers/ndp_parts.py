"""Parts of a record of the 211 National Data Platform as those of HSDS: phones, addresses, hours, terms, meta.

Every object may say who it is for (``access``): what is not for the public is withheld.
"""

import functools
from typing import Any

import orjson

from footbridge.data import read_json
from footbridge.directory.readers import codes_211
from footbridge.directory.readers.icarol_parts import objects, text, texts
from footbridge.directory.readers.marks import marks

Row = dict[str, Any]


@functools.cache
def table() -> Row:
    """``mappings/directory/ndp.json``."""
    read: Row = read_json("mappings", "directory", "ndp.json")
    return read


def mark(row: Row) -> Row:
    """Withheld unless it is for the public, a website or a directory; an ``access`` that is unknown counts as not."""
    access = who_for(row)
    hidden = bool(access) and not set(table()["partsShown"]).intersection(access)
    return {"withheld": "confidential"} if hidden or "withheld" in marks(row) else {}


def who_for(row: Row) -> list[str]:
    """Who an object is for: one word or a list of them; what is neither counts as private."""
    said = row.get("access")
    return texts(said) or ([] if said in (None, "", []) else ["private"])


def phone_of(row: Row) -> Row:
    """A phone; empty without a number."""
    words = [word for name in ("name", "description") if (word := text(row.get(name)))]
    found = {
        "number": text(row.get("number")),
        "extension": text(row.get("extension")),
        "type": text(row.get("type")),
        "description": " - ".join(dict.fromkeys(words)),
    }
    found = {name: content for name, content in found.items() if content}
    return {**found, **mark(row)} if "number" in found else {}


def contact_of(row: Row) -> Row:
    """A person to ask."""
    found: Row = {name: content for name in ("name", "title", "email") if (content := text(row.get(name)))}
    if phones := [phone for one in objects(row.get("phones")) if (phone := phone_of(one))]:
        found["phones"] = phones
    return {**found, **mark(row)} if found else {}


def address_of(row: Row) -> Row:
    """An address, with who it is for."""
    found = {member: content for name, member in table()["address"].items() if (content := text(row.get(name)))}
    kind = table()["addressTypes"].get(text(row.get("type")) or "physical", "other")
    return {"address_type": kind, **found, **mark(row)} if found or mark(row) else {}


def schedules_of(row: Row) -> list[Row]:
    """Opening hours, one schedule for each day."""
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
            rows.append({"freq": "WEEKLY", **found, **around, **mark(row)})
    return rows or ([{**around, **mark(row)}] if around else [])


def area_of(row: Row) -> Row:
    """An area that is served, with its parts."""
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
    return {**found, **mark(row)} if found else {}


def languages_of(said: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    """Languages by code, and what is said of them."""
    if not isinstance(said, dict):
        return [{"name": found} for found in texts(said)]
    rows: list[Row] = [{"code": code} for code in texts(said.get("codes"))]
    note = text(said.get("description"))
    return [*rows, {"note": note}] if note else rows


def terms_of(row: Row) -> list[Row]:
    """A 211 term with its targets, as attributes."""
    codes = texts(row.get("taxonomyCode")) + [
        code for target in objects(row.get("targets")) for code in texts(target.get("code"))
    ]
    return codes_211.attributes(codes, text(row.get("taxonomyTerm")))[0]


def accessibility_of(said: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    """How a place can be entered."""
    if not isinstance(said, dict):
        return [{"description": found} for found in texts(said)]
    words = [*texts(said.get("description")), *(kind.replace("_", " ") for kind in texts(said.get("types")))]
    return [{"description": "; ".join(words)}] if words else []


def documents_of(said: Any) -> list[Row]:  # noqa: ANN401 - any JSON
    """Documents that are asked for."""
    if not isinstance(said, dict):
        return [{"document": found} for found in texts(said)]
    kinds = [kind.replace("_", " ") for kind in texts(said.get("types"))]
    return [{"document": found} for found in [*kinds, *texts(said.get("description"))]]


def add_money(data: Row, row: Row) -> None:
    """Add fees to a record."""
    fees = row.get("fees")
    if isinstance(fees, dict):
        if found := text(fees.get("description")):
            data["fees_description"] = found
        if kind := text(fees.get("type")):
            data["cost_options"] = [{"option": kind}]
    elif found := text(fees):
        data["fees_description"] = found


def add_eligibility(data: Row, row: Row) -> None:
    """Add who may use a service to its record."""
    said = row.get("eligibility")
    if not isinstance(said, dict):
        said = {"description": said}
    if found := text(said.get("description")):
        data["eligibility_description"] = found
    for kind in texts(said.get("types")):
        data.setdefault("attributes", []).append({"label": "eligibility", "value": kind})


def add_meta(data: Row, row: Row) -> None:
    """Add state, dates, message, tags and restrictions to a record."""
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
    for access in (who_for(row), who_for(meta)):
        rows = [table()["access"].get(one, table()["access"]["private"]) for one in access]
        restrictions += [one for one in rows[0] if all(one in row for row in rows)] if rows else []
    if hidden := table()["hiddenStatus"].get((text(meta.get("status")) or "").casefold()):
        restrictions.append(hidden)
    if restrictions:
        data["restrictions"] = list(dict.fromkeys(restrictions))
    if "withheld" in said or any(set(access) == {"private"} for access in (who_for(row), who_for(meta))):
        data["withheld"] = "confidential"
