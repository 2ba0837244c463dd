"""Small values: telecom, address, hours, identifiers."""

import functools
from collections.abc import Iterable, Mapping
from typing import Any

from footbridge.data import read_json
from footbridge.uris import own_uri

Json = dict[str, Any]
APPOINTMENT = (
    "http://hl7.org/fhir/us/sdoh-clinicalcare/StructureDefinition/SDOHCC-ExtensionHealthcareServiceTelecomAppointment"
)
_COMMENT = "http://hl7.org/fhir/StructureDefinition/contactpoint-comment"
_RFC3966 = ";ext="


@functools.cache
def table() -> Mapping[str, Any]:
    """``mappings/directory/fhir.json``."""
    found: Mapping[str, Any] = read_json("mappings", "directory", "fhir.json")
    return found


def words(key: str, language: str) -> str:
    """A label in the language, English where it has none."""
    row: Mapping[str, str] = table()["words"][key]
    return row.get(language, row["en"])


def identifiers(kind: str, source: str, record: Mapping[str, Any]) -> list[Json]:
    """Our id of a record, and its source's own."""
    return [
        {"system": own_uri(f"NamingSystem/directory-{kind}"), "value": record["id"]},
        {"system": own_uri(f"NamingSystem/directory/{source}/{kind}"), "value": record["native_id"]},
    ]


def phone(one: Mapping[str, Any]) -> Json:
    """A phone as a ContactPoint; its extension as in RFC 3966 §5.3, its description as the core extension."""
    number = str(one["number"])
    if one.get("extension"):
        number += f"{_RFC3966}{one['extension']}"
    found: Json = {"system": table()["phones"].get(one.get("type", "voice"), "phone"), "value": number, "use": "work"}
    said = "; ".join(str(one[name]) for name in ("description",) if one.get(name))
    if said:
        found["extension"] = [{"url": _COMMENT, "valueString": said}]
    return found


def telecom(record: Mapping[str, Any]) -> list[Json]:
    """Phones, e-mail and web address of a record."""
    found = [phone(one) for one in record.get("phones", ()) if one.get("number")]
    if record.get("email"):
        found.append({"system": "email", "value": record["email"], "use": "work"})
    pages = [record[name] for name in ("website", "url") if record.get(name)]
    more = [*(record.get("additional_websites") or ()), *(record.get("additional_urls") or ())]
    pages += [one["url"] for one in more if one.get("url") and one["url"] not in pages]
    return found + [{"system": "url", "value": page} for page in pages]


def reached(record: Mapping[str, Any]) -> list[Json]:
    """The same, and those of contacts without a name: they are no PractitionerRole, but a way to reach the record."""
    found = telecom(record)
    for contact in record.get("contacts") or ():
        if not contact.get("name"):
            known = {(one["system"], one["value"]) for one in found}
            found += [one for one in telecom(contact) if (one["system"], one["value"]) not in known]
    return found


def is_for_appointments(one: Mapping[str, Any]) -> bool:
    """Whether the words of a phone say that one begins there."""
    said = f"{one.get('type', '')} {one.get('description', '')} {one.get('name', '')}".casefold()
    return any(word in said for word in table()["appointment"]["words"])


def address(one: Mapping[str, Any]) -> Json:
    """A postal or physical address."""
    found: Json = {"use": "work", "type": "postal" if one.get("address_type") == "postal" else "physical"}
    lines = [str(one[name]) for name in ("attention", "address_1", "address_2") if one.get(name)]
    if lines:
        found["line"] = lines
    for name, element in _ADDRESS:
        if one.get(name):
            found[element] = str(one[name])
    return found


_ADDRESS = (
    ("city", "city"),
    ("region", "district"),
    ("state_province", "state"),
    ("postal_code", "postalCode"),
    ("country", "country"),
)


def weekly(schedules: Iterable[Mapping[str, Any]], start: str, end: str) -> tuple[list[Json], list[str]]:
    """Hours of every week as FHIR has them, and those that it cannot hold, in words.

    Args:
        schedules: as in ``ServiceDocument``.
        start: name of the element for the time it opens (``availableStartTime``, ``openingTime``).
        end: that for the time it closes.
    """
    times: list[Json] = []
    said: list[str] = []
    for one in schedules:
        if text := one.get("description") or one.get("notes"):
            said.append(str(text))
        if not one.get("opens_at"):
            continue
        plain = one.get("freq", "WEEKLY") == "WEEKLY" and int(one.get("interval") or 1) == 1
        if not plain or one.get("valid_from") or one.get("valid_to") or one.get("bymonthday"):
            if not text:
                said.append(_in_words(one))
            continue
        days = [
            table()["days"][day]
            for day in str(one.get("byday") or "MO,TU,WE,TH,FR,SA,SU").split(",")
            if day in table()["days"]
        ]
        opens, closes = str(one["opens_at"]), str(one.get("closes_at") or "")
        if opens == "00:00" and closes in {"00:00", "24:00", "23:59"}:
            times.append({"daysOfWeek": days, "allDay": True})
        elif closes and closes <= opens:
            said.append(_in_words(one))  # past midnight: FHIR has no way to say so
        else:
            times.append({"daysOfWeek": days, start: f"{opens}:00", **({end: f"{closes}:00"} if closes else {})})
    return times, list(dict.fromkeys(said))


def _in_words(one: Mapping[str, Any]) -> str:
    parts = [str(one.get("freq", "")), f"{one['interval']}x" if one.get("interval") else "", str(one.get("byday", ""))]
    hours = f"{one['opens_at']}-{one.get('closes_at', '')}"
    when = " ".join(str(one[name]) for name in ("valid_from", "valid_to") if one.get(name))
    return " ".join(part for part in (*parts, hours, f"({when})" if when else "") if part)
