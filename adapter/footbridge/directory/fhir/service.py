"""The service itself, as a HealthcareService."""

import re
from collections.abc import Iterator
from typing import Any

from footbridge.directory.fhir.values import (
    APPOINTMENT,
    Json,
    identifiers,
    is_for_appointments,
    phone,
    reached,
    table,
    weekly,
    words,
)
from footbridge.directory.model import ServiceDocument
from footbridge.mapping.terms import guide_coding, sdoh_concept

_MARKDOWN = re.compile(r"([\\`*_\[\]#<>|])")


def healthcare_service(one: ServiceDocument, language: str) -> tuple[Json, list[str]]:
    """A HealthcareService, and what was assumed: rules that stand for what the source does not say."""
    found: Json = {
        "resourceType": "HealthcareService",
        "id": one["id"],
        "identifier": identifiers("service", one["source"], one),
        "active": True,
    }
    assumed: list[str] = []
    if "organization" in one:
        owner = one["organization"]
        found["providedBy"] = {"reference": f"Organization/{owner['id']}"}
        if owner.get("name"):  # its name may be withheld
            found["providedBy"]["display"] = owner["name"]
    if categories := _categories(one):
        found["category"] = categories
    if kinds := _types(one):
        found["type"] = kinds
    if places := one.get("locations"):
        found["location"] = [{"reference": f"Location/{place['id']}"} for place in places]
    found["name"] = one["name"]
    if one.get("alert"):
        found["comment"] = one["alert"]
    if details := _details(one, language):
        found["extraDetails"] = details
    if points := _telecom(one, assumed):
        found["telecom"] = points
    _areas(one, found)
    _conditions(one, found, language)
    _hours(one, found)
    if status := _capacity(one, language):
        found["extension"] = [status]
    return found, assumed


def _categories(one: ServiceDocument) -> list[Json]:
    """One concept a category, with the coding *sdoh* that the guide's profile for capacity asks in each."""
    return [category_of(match["code"]) for match in one.get("categories", [])]


def category_of(code: str) -> Json:
    """The concept of a category."""
    return {"coding": [*sdoh_concept()["coding"], guide_coding(code)]}


def _types(one: ServiceDocument) -> list[Json]:
    found = []
    for row in one.get("attributes", []):
        term = row.get("taxonomy_term") or {}
        code, name = term.get("code"), term.get("name")
        if code and str(code).startswith("Y"):
            continue
        if code:
            found.append(
                {"coding": [{"system": table()["taxonomy"], "code": code, **({"display": name} if name else {})}]}
            )
        elif name:
            found.append({"text": name})
    return found


def _details(one: ServiceDocument, language: str) -> str:
    parts = [one.get("description", "")]
    documents = [str(row["document"]) for row in one.get("required_documents", []) if row.get("document")]
    for key, text in (
        ("known as", one.get("alternate_name", "")),
        ("apply", one.get("application_process", "")),
        ("fees", one.get("fees_description", "")),
        ("costs", "; ".join(_costs(one))),
        ("documents", "; ".join(documents)),
        ("wait", one.get("wait_time", "")),
        ("licensed", one.get("licenses", "")),
        ("accredited", one.get("accreditations", "")),
        ("verified", one.get("assured_date", "")),
    ):
        if text:
            parts.append(f"{words(key, language)}: {text}")
    return "\n\n".join(_MARKDOWN.sub(r"\\\1", part) for part in parts if part)


def _costs(one: ServiceDocument) -> Iterator[str]:
    for row in one.get("cost_options", []):
        amount = f"{row['amount']:g} {row.get('currency', '')}" if isinstance(row.get("amount"), int | float) else ""
        if said := " ".join(part for part in (row.get("option"), amount, row.get("amount_description")) if part):
            yield said.strip()


def _telecom(one: ServiceDocument, assumed: list[str]) -> list[Json]:
    """Phones first; the one for appointments is marked: by its words, else the first that people answer."""
    phones = [row for row in one.get("phones", []) if row.get("number")]
    marked = {index for index, row in enumerate(phones) if is_for_appointments(row)}
    if not marked:
        voices = [index for index, row in enumerate(phones) if row.get("type", "voice") in {"voice", "cell", "other"}]
        marked = set(voices[:1])
        assumed += ["appointment-phone"] if marked else []
    found = []
    for index, row in enumerate(phones):
        point = phone(row)
        if index in marked:
            point["extension"] = [{"url": APPOINTMENT, "valueBoolean": True}, *point.get("extension", [])]
        found.append(point)
    rest: dict[str, Any] = {name: one.get(name) for name in ("email", "url", "additional_urls", "contacts")}
    return found + reached(rest)


def _areas(one: ServiceDocument, found: Json) -> None:
    names = [
        str(row.get("name") or row.get("extent") or row.get("description") or "")
        for row in one.get("service_areas", [])
    ]
    areas = list(dict.fromkeys(name for name in names if name))
    if areas:
        found["contained"] = [
            {"resourceType": "Location", "id": f"area-{index}", "name": name, "mode": "instance"}
            for index, name in enumerate(areas, 1)
        ]
        found["coverageArea"] = [
            {"reference": f"#area-{index}", "display": name} for index, name in enumerate(areas, 1)
        ]


def _conditions(one: ServiceDocument, found: Json, language: str) -> None:
    if one.get("is_free") is not None:
        rows = table()["provision"]
        code = rows["free"] if one["is_free"] else rows["cost"]
        found["serviceProvisionCode"] = [{"coding": [{"system": rows["system"], "code": code}]}]
    conditions = [one.get("eligibility_description"), _ages(one, language)]
    if said := [text for text in conditions if text]:
        found["eligibility"] = [{"comment": text} for text in said]
    program = one.get("program") or {}
    if program.get("name"):
        found["program"] = [{"text": program["name"]}]
    texts = [one.get("interpretation_services"), *(concept["text"] for concept in populations(one))]
    texts += [row.get(name) for row in one.get("accessibility", []) for name in ("description", "details")]
    texts.append(one.get("transportation"))
    # HealthcareService.communication must have a code: what has none is said here.
    texts += [row["name"] for row in one.get("languages", []) if row.get("name") and not row.get("code")]
    if characteristics := [text for text in texts if text]:
        found["characteristic"] = [{"text": text} for text in dict.fromkeys(characteristics)]
    spoken = [row for row in one.get("languages", []) if row.get("code")]
    if spoken:
        found["communication"] = [
            {
                "coding": [{"system": "urn:ietf:bcp:47", "code": row["code"]}],
                **({"text": row["name"]} if row.get("name") else {}),
            }
            for row in spoken
        ]


def populations(one: ServiceDocument) -> list[Json]:
    """Whom it is for, with codes: the Y terms of the taxonomy, each once."""
    found: dict[str, Json] = {}
    for row in one.get("attributes", []):
        term = row.get("taxonomy_term") or {}
        code, name = str(term.get("code", "")), term.get("name")
        if code.startswith("Y"):
            coding = {"system": table()["taxonomy"], "code": code, **({"display": name} if name else {})}
            found[code] = {"coding": [coding], "text": str(name or code)}
    return list(found.values())


def _ages(one: ServiceDocument, language: str) -> str:
    low, high = one.get("minimum_age"), one.get("maximum_age")
    parts = []
    if low:
        parts.append(f"{words('from', language)} {low:g}")
    if high:
        parts.append(f"{words('up to', language)} {high:g}")
    return f"{words('ages', language)}: {' '.join(parts)} {words('years', language)}" if parts else ""


def _hours(one: ServiceDocument, found: Json) -> None:
    times, rest = weekly(one.get("schedules", []), "availableStartTime", "availableEndTime")
    if times:
        found["availableTime"] = times
    if rest:
        found["availabilityExceptions"] = "\n".join(rest)


def _capacity(one: ServiceDocument, language: str) -> Json | None:
    """What is known of free places, with its age; nothing is claimed where nothing is known."""
    names = ("available", "description", "status")
    known = [row for row in one.get("capacities", []) if any(row.get(name) is not None for name in names)]
    if not known:
        return None
    newest = max(known, key=lambda row: str(row.get("updated", "")))
    said = str(newest.get("description") or "")
    if newest.get("status"):
        code = newest["status"]
    elif any(word in said.casefold() for word in table()["waitlist"]["words"]):
        code = "waitlist"
    elif newest.get("available") is None:
        return None
    else:
        code = "capacity" if float(newest["available"]) > 0 else "no-capacity"
    unit = (newest.get("unit") or {}).get("name", "")
    count = f"{newest['available']:g} {unit}".strip() if newest.get("available") is not None else ""
    age = f"{words('updated', language)} {str(newest['updated'])[:10]}" if newest.get("updated") else ""
    by = f"{words('stated', language)} {newest['stated_by']}" if newest.get("stated_by") else ""
    notes = "; ".join(part for part in (count, said, by, age) if part)
    inner: list[Json] = [{"url": "capacityStatus", "valueCodeableConcept": {"coding": [guide_coding(code)]}}]
    if notes:
        inner.append({"url": "capacityNotes", "valueString": notes})
    return {"url": table()["capacity"]["url"], "extension": inner}
