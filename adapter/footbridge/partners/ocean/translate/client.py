"""The client of a referral, of Ocean's Patient and of the form's fields about the client."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, Final, get_args

from footbridge.model.prescription.people import Gender
from footbridge.partners.ocean.loose import Json, Object, extension, last_part, obj, objects, text, texts, value_of
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.consent import is_no, is_plain, is_yes
from footbridge.partners.ocean.translate.forms import Form, fields, values
from footbridge.partners.ocean.translate.languages import language_tag
from footbridge.partners.ocean.translate.limits import Lost, few, filled, pieces, short
from footbridge.partners.ocean.translate.tables import table
from footbridge.partners.ocean.translate.telecom import address, contact, contacts
from footbridge.uris import own_uri

NAME_USES: Final = ("official", "usual", None, "temp", "maiden", "old", "anonymous", "nickname")


def patient_of(message: OceanMessage) -> Object:
    """The Patient of the referral: the ServiceRequest's subject, else the only one; empty where there is none."""
    found = message.entries.resolve((message.request or {}).get("subject"), "Patient")
    patients = message.entries.of_type("Patient")
    return found or (patients[0] if len(patients) == 1 else {})


def client(message: OceanMessage, forms: tuple[Form, ...], authored: dt.datetime | None, lost: Lost) -> dict[str, Any]:
    """Member ``client`` of the prescription."""
    patient = patient_of(message)
    gender = text(patient.get("gender"))
    return filled(
        identifiers=few(list(_identifiers(patient, message, lost)), "Patient.identifier", lost),
        name=_name(patient, forms, lost),
        birthDate=_birth_date(patient, authored, lost),
        gender=gender if gender in get_args(Gender) else None,
        languages=_languages(patient, forms, lost),
        contacts=_contacts(patient, forms, lost),
        address=_address(patient, lost),
        safeToContact=False if any(is_no(answer) for answer in values(forms, "safe-to-contact")) else None,
        contactNote=_contact_note(forms, lost),
    )


def _identifiers(patient: Object, message: OceanMessage, lost: Lost) -> Iterator[dict[str, str]]:
    """Health card number first; then with its version code; then the client of this referral, by a name of ours.

    Persons are matched by any of them, so no identifier goes on that is unique within one clinic only.
    """
    rules = table("identifiers")
    for row in objects(patient.get("identifier")):
        value = short(text(row.get("value")), "Patient.identifier", lost)
        if value is None:
            continue
        types = {text(coding.get("code")) for coding in objects(obj(row.get("type")).get("coding"))}
        if last_part(row.get("system")) in rules["healthCard"]["systems"] or types & set(rules["healthCard"]["types"]):
            yield from _health_card(patient, row, value, lost)
        else:
            lost.note("Patient.identifier")
    if message.referral and (own := short(message.referral, "ServiceRequest.identifier", lost)):
        yield {"system": own_uri(f"NamingSystem/{rules['clientOfReferral']}"), "value": own}


def _health_card(patient: Object, row: Object, value: str, lost: Lost) -> Iterator[dict[str, str]]:
    rules = table("identifiers")
    name = last_part(row.get("system"))
    written = text(row.get("system")) or ""
    known = rules["canonical"].get(name)
    system = known or (written if written.startswith(("http://", "https://", "urn:")) else None)
    if system is None:
        lost.note("Patient.identifier")
        return
    yield {"system": system, "value": value}
    found = extension(row, rules["healthCard"]["versionExtension"])
    found = found or extension(patient, rules["healthCard"]["versionExtension"])
    version = text(value_of(found)) if found else None
    if version and (whole := short(f"{value}-{version}", "Patient.identifier.extension", lost)):
        yield {"system": own_uri(f"NamingSystem/{rules['healthCardWithVersion']}"), "value": whole}


def _name(patient: Object, forms: tuple[Form, ...], lost: Lost) -> dict[str, Any] | None:
    names = [name for name in objects(patient.get("name")) if _says_something(name)]
    names.sort(key=lambda name: _rank(text(name.get("use"))))
    written = next(iter(values(forms, "client-name")), None)
    if not names:
        return person_name({"text": written}, "QuestionnaireResponse.item", lost) if written else None
    preferred = next((name for name in names[1:] if text(name.get("use")) in {"nickname", "usual"}), None)
    if len(names) > (2 if preferred else 1):
        lost.note("Patient.name")
    found = person_name(names[0], "Patient.name", lost)
    if found and preferred:
        called = " ".join(texts(preferred.get("given"))) or text(preferred.get("text"))
        found |= filled(preferred=short(called, "Patient.name", lost))
    return found


def person_name(name: Object, place: str, lost: Lost) -> dict[str, Any] | None:
    """A HumanName as a prescription has it; one that is text only is a family name, cut at a comma."""
    family = short(" ".join(texts(name.get("family"))), place, lost)
    given = [part for row in texts(name.get("given")) if (part := short(row, place, lost))]
    if not family and not given and (written := short(text(name.get("text")), place, lost)):
        before, comma, after = written.partition(",")
        family, given = before.strip() or None, [after.strip()] if comma and after.strip() else []
    if objects(name.get("prefix")) or texts(name.get("prefix")) or texts(name.get("suffix")):
        lost.note(place)
    return filled(family=family, given=few(given, place, lost)) or None


def _says_something(name: Object) -> bool:
    return bool(texts(name.get("family")) or texts(name.get("given")) or text(name.get("text")))


def _rank(use: str | None) -> int:
    return NAME_USES.index(use) if use in NAME_USES else len(NAME_USES)


def _birth_date(patient: Object, authored: dt.datetime | None, lost: Lost) -> str | None:
    """A whole date, not after the referral; a year or a month only, or a date to come, cannot be carried."""
    written = text(patient.get("birthDate"))
    if written is None:
        return None
    try:
        day = dt.date.fromisoformat(written[:10]) if len(written) >= 10 and written[4] == "-" else None
    except ValueError:
        day = None
    if day is None or day.year < 1800 or (authored is not None and day > authored.date()):
        lost.note("Patient.birthDate")
        return None
    return day.isoformat()


def _languages(patient: Object, forms: tuple[Form, ...], lost: Lost) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in objects(patient.get("communication")):
        tag = _tag(row.get("language"))
        if tag is None:
            lost.note("Patient.communication")
            continue
        skill = found.setdefault(tag, {"code": tag})
        if row.get("preferred") is True and not any(other.get("preferred") for other in found.values()):
            skill["preferred"] = True
    for answer in values(forms, "language"):
        tag = language_tag(answer)
        if tag is None:
            lost.note("QuestionnaireResponse.item")
            continue
        same = next((known for known in found if known.split("-", 1)[0] == tag), tag)  # fr is said by fr-CA
        skill = found.setdefault(same, {"code": same})
        if not any(other.get("preferred") for other in found.values()):
            skill["preferred"] = True
    if found and any(is_yes(answer) for answer in values(forms, "interpreter")):
        for skill in found.values():
            skill["interpreterNeeded"] = True
    return few(list(found.values()), "Patient.communication", lost)


def _tag(concept: Json) -> str | None:
    row = obj(concept)
    names = [text(coding.get("code")) for coding in objects(row.get("coding"))]
    names += [text(coding.get("display")) for coding in objects(row.get("coding"))]
    return next((tag for name in [*names, text(row.get("text"))] if name and (tag := language_tag(name))), None)


def _contacts(patient: Object, forms: tuple[Form, ...], lost: Lost) -> list[dict[str, Any]]:
    found = contacts(patient, "Patient.telecom", lost)
    for kind, system in (("client-phone", "phone"), ("client-email", "email")):
        for answer in values(forms, kind):
            new = contact(system, answer, "QuestionnaireResponse.item", lost)
            if new and all(_bare(new["value"]) != _bare(row["value"]) for row in found):
                found.append(new)
    return few(found, "Patient.telecom", lost)


def _bare(number: str) -> str:
    digits = "".join(sign for sign in number if sign.isdigit())
    return number.casefold() if "@" in number or not digits else digits[-10:]


def _address(patient: Object, lost: Lost) -> dict[str, Any] | None:
    rows = [(row, found) for row in objects(patient.get("address")) if (found := address(row, "Patient.address", lost))]
    rows.sort(key=lambda pair: (pair[0].get("use") != "home", pair[0].get("type") == "postal"))
    if any(found != rows[0][1] for _row, found in rows[1:]):
        lost.note("Patient.address")
    return rows[0][1] if rows else None


def _contact_note(forms: tuple[Form, ...], lost: Lost) -> str | None:
    """How to contact the client, with what was said beside yes and no to the question whether that is safe."""
    safe = [row for row in fields(forms, "safe-to-contact") if not all(is_plain(answer) for answer in row.answers)]
    parts = pieces("\n".join([*values(forms, "contact-note"), *(row.line for row in safe)]))
    if len(parts) > 1:
        lost.note("QuestionnaireResponse.item")
    return parts[0] if parts else None
