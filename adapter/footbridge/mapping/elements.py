"""FHIR datatypes as plain dicts, written from the prescription's small values.

What reads them back stands in ``cursor`` and ``values``. An explicit language of a text goes into the core
extension *language* on the element (http://hl7.org/fhir/StructureDefinition/language), so that a text with a
language of its own and one that inherits it stay apart.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from footbridge.model.prescription import (
    Address,
    Coding,
    ContactPoint,
    Identifier,
    PersonName,
)

LANGUAGE_URL = "http://hl7.org/fhir/StructureDefinition/language"
ABSENT_URL = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
COMMENT_URL = "http://hl7.org/fhir/StructureDefinition/contactpoint-comment"
ABSENT = {"extension": [{"url": ABSENT_URL, "valueCode": "unknown"}]}

Json = dict[str, Any]


def as_written(moment: dt.datetime) -> str:
    """A dateTime with the offset and the fractions that were written."""
    return moment.isoformat()


def said_coding(coding: Coding) -> Json:
    """A coding that the caller gave."""
    found: Json = {"system": coding.system, "code": coding.code}
    if coding.display is not None:
        found["display"] = coding.display
    found["userSelected"] = True
    return found


def minted_coding(coding: Coding) -> Json:
    """A coding that stands in."""
    found: Json = {"system": coding.system, "code": coding.code}
    if coding.display is not None:
        found["display"] = coding.display
    found["userSelected"] = False
    return found


def codings(said: Coding | None, stand_in: Coding | None) -> list[Json]:
    """The caller's coding first, then the one that stands in, where there are such."""
    found = [] if said is None else [said_coding(said)]
    if stand_in is not None:
        found.append(minted_coding(stand_in))
    return found


def plain_coding(coding: Coding) -> Json:
    """A coding in a place where nothing ever stands in."""
    found: Json = {"system": coding.system, "code": coding.code}
    if coding.display is not None:
        found["display"] = coding.display
    return found


def put_text(body: Json, name: str, text: str | None, language: str | None) -> None:
    """Set a text element, with its own language when it has one."""
    if text is not None:
        body[name] = text
    if language is not None:
        body["_" + name] = {"extension": [{"url": LANGUAGE_URL, "valueCode": language}]}


def identifiers(own: Json, said: Iterable[Identifier]) -> list[Json]:
    """Our identifier first, then the caller's."""
    return [own, *({"system": one.system, "value": one.value} for one in said)]


def contact(point: ContactPoint) -> Json:
    """A ContactPoint; the preferred one has rank 1."""
    found: Json = {"system": point.system, "value": point.value}
    if point.use is not None:
        found["use"] = point.use
    if point.preferred:
        found["rank"] = 1
    return found


def names(name: PersonName | None, *, family_required: bool) -> list[Json]:
    """HumanNames: the full name (use official) and what the person likes to be called (use usual).

    US Core wants a family or a given name, of a Practitioner a family name: what is not known is said to
    be absent.
    """
    official: Json = {"use": "official"}
    if name is not None and name.family is not None:
        official["family"] = name.family
    elif family_required:
        official["_family"] = ABSENT
    if name is not None and name.given:
        official["given"] = list(name.given)
    found = [official] if len(official) > 1 else []
    if name is not None and name.preferred is not None:
        usual: Json = {"use": "usual", "given": [name.preferred]}
        if family_required:
            usual["_family"] = ABSENT
        found.append(usual)
    return found or [{"extension": ABSENT["extension"]}]


def address(place: Address) -> Json:
    """An Address with what is known of it."""
    found: Json = {}
    if place.line:
        found["line"] = list(place.line)
    for key, value in (
        ("city", place.city),
        ("state", place.state),
        ("postalCode", place.postal_code),
        ("country", place.country),
    ):
        if value is not None:
            found[key] = value
    return found


def spoken_name(name: PersonName | None) -> str | None:
    """A name as one says it; None when there is none."""
    if name is None:
        return None
    parts = [*name.given, *([name.family] if name.family else [])] or ([name.preferred] if name.preferred else [])
    return " ".join(parts) or None
