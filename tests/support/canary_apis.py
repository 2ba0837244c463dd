"""Records of iCarol's API, of 211 Canada's and of the National Data Platform's with a canary in each member read."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.canaries import Canaries

_FOLDER = Path(__file__).resolve().parents[2] / "mappings" / "directory"
ICAROL: dict[str, Any] = json.loads((_FOLDER / "icarol.json").read_text("utf-8"))
CANADA: dict[str, Any] = json.loads((_FOLDER / "canada.json").read_text("utf-8"))
NDP: dict[str, Any] = json.loads((_FOLDER / "ndp.json").read_text("utf-8"))
Row = dict[str, Any]
DETAILS = {
    "PhoneNumber": ("number", "extension", "label", "description"),
    "EmailAddress": ("address", "label", "description"),
    "Website": ("url", "label", "description"),
    "PhysicalLocation": ("line1", "line2", "city", "zipPostalCode", "attention", "label", "description", "latitude"),
    "PostalAddress": ("line1", "line2", "city", "zipPostalCode", "attention", "label", "description"),
    "Person": ("name", "title", "label", "description"),
}
"""Types of an iCarol contact, and what each says."""


def icarol_detail(canaries: Canaries, kind: str, about: str, **more: Any) -> Row:
    """A contact detail; what ``more`` says, its envelope says."""
    contact: Row = {"type": kind}
    for member in DETAILS[kind]:
        contact[member] = _value(canaries, member, f"{about}.{kind}.{member}")
    if kind == "Person":
        contact["name"] = {"displayName": canaries.text(f"{about}.name"), "lastName": canaries.word(f"{about}.last")}
        contact["contactMethods"] = [
            icarol_detail(canaries, one, f"{about}.Person") for one in ("PhoneNumber", "EmailAddress")
        ]
    if "latitude" in contact:
        contact["longitude"] = -81.0
    return {"contact": contact, **more}


def icarol(canaries: Canaries, kind: str, **more: Any) -> Row:
    """A record with all that is read of it; without an id."""
    names = [{"value": canaries.text(f"{kind}.names.{one}"), "purpose": one} for one in ("Primary", "AKA", "Former")]
    texts = {
        name: canaries.text(f"{kind}.{name}") for name in (*ICAROL["texts"], "descriptionText", "coverageNote", "fein")
    }
    texts["temporaryMessage"] = {"message": canaries.text(f"{kind}.temporaryMessage")}
    return {
        "type": kind, "names": names, **texts,
        **{name: canaries.word(f"{kind}.{name}") for name in ICAROL["attributes"]},
        "contactDetails": [icarol_detail(canaries, one, kind) for one in DETAILS],
        "languagesOffered": canaries.word(f"{kind}.languagesOffered"),
        "hours": {"note": canaries.text(f"{kind}.hours"), "days": []},
        "taxonomy": [{"taxonomyTerm": canaries.word(f"{kind}.taxonomy")}, {"code": canaries.word(f"{kind}.code")}],
        "coverage": [
            {name: canaries.word(f"{kind}.coverage.{name}") for name in ("city", "county", "country")},
            {"zipPostalCode": canaries.postal(f"{kind}.coverage.zip")},
        ],
        "notes": {name: canaries.text(f"{kind}.notes.{name}") for name in ("editors", "viewers")},
        "accessibility": {name: canaries.text(f"{kind}.{name}") for name in ICAROL["inside"]["accessibility"]},
        "documentsRequired": canaries.text(f"{kind}.documents"),
        "customFields": [{"label": canaries.word(f"{kind}.label"), "valueText": canaries.text(f"{kind}.custom")}],
        **more,
    }  # fmt: skip


def canada(canaries: Canaries, number: int, **more: Any) -> Row:
    """A row with every member that is asked for."""
    from footbridge.directory.readers.canada_records import asked_fields

    row: Row = {}
    for name in asked_fields():
        if name.endswith("IsPrivate") or name.startswith(("Exclude", "AvailableFor", "IsLink")):
            continue
        row[name] = _value(canaries, name, name)
    row["PhoneNumbers"] = [
        {name: _value(canaries, name, f"PhoneNumbers.{name}") for name in ("Phone", "Name", "Type", "Description")}
    ]
    fixed = {"id": number, "ResourceAgencyNum": str(number), "ParentId": f"p{number}", "ParentAgencyNum": f"p{number}"}
    return {**row, **fixed, "AgencyStatus": "Active", "MinAge": "", "MaxAge": "", "Longitude": "-81.0", **more}


CANADA_FLAGS = sorted(
    {name for kind in CANADA["addresses"] for name in kind["private"]}
    | {f"{stem}IsPrivate" for stem in CANADA["phones"].values()}
    | {rule["private"] for rule in CANADA["contacts"].values() if rule["private"]}
)


def canada_hidden(flag: str) -> list[str]:
    """Members that a flag is about."""
    for kind in CANADA["addresses"]:
        if flag in kind["private"]:
            return [name for names in kind["members"].values() for name in names]
    for number, stem in CANADA["phones"].items():
        if flag == f"{stem}IsPrivate":
            return [number]
    stem = flag.removesuffix("IsPrivate")
    return [f"{stem}{part}" for part in ("Name", "EmailAddress", "PhoneNumber")]


NDP_CHILDREN: dict[str, Callable[[Canaries, str], Row]] = {
    "phones": lambda c, about: {
        "number": c.phone(about), "extension": "", "name": c.text(about), "description": c.text(about), "type": "main",
    },
    "contacts": lambda c, about: {
        "name": c.text(about), "title": c.text(about), "email": c.mail(about), "phones": [{"number": c.phone(about)}],
    },
    "addresses": lambda c, about: {
        "street": c.street(about), "postalCode": c.postal(about), "city": c.word(about), "county": c.word(about),
        "description": c.text(about), "type": "physical",
    },
    "schedules": lambda c, about: {"description": c.text(about), "open": []},
    "serviceAreas": lambda c, about: {"type": "place", "value": c.word(about)},
    "taxonomy": lambda c, about: {"taxonomyTerm": c.word(about)},
}  # fmt: skip


def ndp(canaries: Canaries, kind: str, **more: Any) -> Row:
    """An object of the platform with all that is read of it."""
    row: Row = {
        name: _value(canaries, name, f"{kind}.{name}") for name in NDP["texts"][kind] if not name.startswith("id")
    }
    row |= {name: [make(canaries, f"{kind}.{name}")] for name, make in NDP_CHILDREN.items()}
    for name in ("accreditations", "licenses", "alternateNames", "funding"):
        row[name] = [canaries.text(f"{kind}.{name}")]
    for name in ("accessibility", "documents", "fees", "eligibility", "languages"):
        row[name] = {"description": canaries.text(f"{kind}.{name}"), "types": [canaries.word(f"{kind}.{name}")]}
    row["meta"] = {
        "temporaryMessage": {"message": canaries.text(f"{kind}.message")},
        "tags": [canaries.word(f"{kind}.tag")],
    }
    row["taxId"] = canaries.word(f"{kind}.taxId")
    meta = {**row["meta"], **more.pop("meta", {})}
    return {**row, **more, "meta": meta}


def _value(canaries: Canaries, name: str, about: str) -> Any:
    lower = name.casefold()
    if "email" in lower or lower == "address":
        return canaries.mail(about)
    if "url" in lower or "website" in lower:
        return canaries.link(about)
    if lower == "line1" or "address1" in lower or "street1" in lower:
        return canaries.street(about)
    if "postalcode" in lower:
        return canaries.postal(about)
    if lower.endswith("latitude"):
        return canaries.position(about)
    if lower in {"number", "phone"} or lower.endswith("phonenumber") or name in CANADA["phones"]:
        return canaries.phone(about)
    if lower == "extension" or (lower.endswith("on") and lower.startswith(("lastverified", "updated"))):
        return ""
    return canaries.text(about)
