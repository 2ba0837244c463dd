"""Who asks: of the ServiceRequest's requester, with the clinic that the person works at."""

from typing import Any, Final

from footbridge.partners.ocean import parties
from footbridge.partners.ocean.loose import Object, last_part, obj, objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate.client import person_name
from footbridge.partners.ocean.translate.forms import Form, values
from footbridge.partners.ocean.translate.limits import MOST, Lost, few, filled, short
from footbridge.partners.ocean.translate.tables import folded, table
from footbridge.partners.ocean.translate.telecom import address, contact, contacts
from footbridge.partners.ocean.translate.values import Around

KINDS: Final = ("PractitionerRole", "Practitioner", "Organization", "Patient", "RelatedPerson", "HealthcareService")
FORM: Final = "QuestionnaireResponse.item"


def requester(
    message: OceanMessage, forms: tuple[Form, ...], around: Around, language: str, lost: Lost
) -> dict[str, Any]:
    """Member ``requester`` of the prescription; its name and organization are always filled, since both are required.

    A message without them gets words that say so (``mappings/ocean/requesters.json``).
    """
    asking = _asking(message)
    kind = asking.get("resourceType")
    role = asking if kind == "PractitionerRole" else {}
    person = message.entries.resolve(role.get("practitioner"), "Practitioner") or (asking if not role else {})
    organization = _organization(message, asking, forms, around, language, lost)
    if kind == "Patient":
        return {"role": "person", "organization": organization}
    in_role = "relative" if kind == "RelatedPerson" else _role(role, forms)
    return filled(
        role=in_role,
        name=_name(person, role, forms, language, lost) if kind != "Organization" else _unnamed(language),
        identifiers=few(_identifiers([role, person] if kind != "Organization" else [], lost), "Practitioner", lost),
        contacts=_contacts(role, person if kind != "Organization" else {}, forms, lost),
        organization=organization,
    )


def _asking(message: OceanMessage) -> Object:
    """The requester, else the header's author, else its sender: the first that the message has."""
    entries, request = message.entries, message.request or {}
    references = (request.get("requester"), message.header.get("author"), message.header.get("sender"))
    for reference in references:
        if (found := entries.resolve(reference, *KINDS)) is not None:
            return found
    return {}


def _role(role: Object, forms: tuple[Form, ...]) -> str:
    rules = table("requesters")
    words = [folded(answer) for answer in values(forms, "requester-role")]
    for concept in objects(role.get("code")):
        words.append(folded(text(concept.get("text")) or ""))
        for coding in objects(concept.get("coding")):
            if found := rules["codes"].get(text(coding.get("code"))):
                return str(found)
            words.append(folded(text(coding.get("display")) or ""))
    return next((str(rules["words"][word]) for word in words if word in rules["words"]), str(rules["default"]))


def _name(person: Object, role: Object, forms: tuple[Form, ...], language: str, lost: Lost) -> dict[str, Any]:
    for name in objects(person.get("name")):
        if found := person_name(name, "Practitioner.name", lost):
            return found
    shown = text(obj(role.get("practitioner")).get("display")) or next(iter(values(forms, "requester-name")), None)
    return (person_name({"text": shown}, "PractitionerRole.practitioner", lost) if shown else None) or _unnamed(
        language
    )


def _unnamed(language: str) -> dict[str, Any]:
    return {"family": _said("unnamed", language)}


def _identifiers(resources: list[Object], lost: Lost) -> list[dict[str, str]]:
    """Licence, billing number and user name of the person; the systems that are known go on in their right form."""
    rules = table("identifiers")
    found: list[dict[str, str]] = []
    for resource in resources:
        for row in objects(resource.get("identifier")):
            value = short(text(row.get("value")), "PractitionerRole.identifier", lost)
            name, written = last_part(row.get("system")), text(row.get("system")) or ""
            if value is None or name in rules["notOfPerson"]:
                continue
            system = rules["canonical"].get(name) or written
            if not system.startswith(("http://", "https://", "urn:")) or " " in system or len(system) > 255:
                lost.note("PractitionerRole.identifier")
            elif {"system": system, "value": value} not in found:
                found.append({"system": system, "value": value})
            if len(found) > MOST:
                return found
    return found


def _contacts(role: Object, person: Object, forms: tuple[Form, ...], lost: Lost) -> list[dict[str, Any]]:
    found = contacts(role, "PractitionerRole.telecom", lost)
    for row in contacts(person, "Practitioner.telecom", lost):
        if all(row["value"] != other["value"] for other in found):
            if any(other.get("preferred") for other in found):
                row.pop("preferred", None)
            found.append(row)
    for kind, system in (("requester-phone", "phone"), ("requester-email", "email")):
        for answer in values(forms, kind):
            new = contact(system, answer, FORM, lost)
            if new and all(new["value"] != other["value"] for other in found):
                found.append(new)
    return few(found, "PractitionerRole.telecom", lost)


def _organization(
    message: OceanMessage, asking: Object, forms: tuple[Form, ...], around: Around, language: str, lost: Lost
) -> dict[str, Any]:
    """The clinic: of who asks, else of the header's author or sender; else the form's word, or the site's.

    Where nobody names it, words say so: a prescription requires a name.
    """
    found = next((row for role in _roles(message, asking) if (row := _clinic(message, role, lost)).get("name")), None)
    found = found or _clinic(message, asking, lost)
    names = [found.get("name"), *values(forms, "requester-organization"), around.clinic]
    name = next((shown for row in names if (shown := short(row, "Organization.name", lost))), None)
    return {"name": name or _said("clinicUnnamed", language)} | {
        member: value for member, value in found.items() if member != "name"
    }


def _roles(message: OceanMessage, asking: Object) -> list[Object]:
    """Who asks, then who sends for them: an author may work at a site that only the sender names."""
    header = message.header
    others = [message.entries.resolve(header.get(name), *KINDS) for name in ("author", "sender")]
    own = parties.target_resource(message.entries, message.target)
    return [asking, *(row for row in others if row is not None and row is not own)]


def _clinic(message: OceanMessage, role: Object, lost: Lost) -> dict[str, Any]:
    """What one role says of its clinic: its Organization, else the first of its places that has a name."""
    entries = message.entries
    is_organization = role.get("resourceType") in {"Organization", "HealthcareService"}
    own = role if is_organization else entries.resolve(role.get("organization"), "Organization") or {}
    places = [found for row in objects(role.get("location")) if (found := entries.resolve(row, "Location"))]
    places.sort(key=lambda place: text(place.get("name")) is None)
    names = [text(own.get("name")), text(obj(role.get("organization")).get("display"))]
    names += [text(place.get("name")) for place in places]
    rows = [*objects(own.get("address")), *(row for place in places for row in objects(place.get("address")))]
    return filled(
        name=next((shown for row in names if (shown := short(row, "Organization.name", lost))), None),
        identifiers=few(_identifiers([own], lost), "Organization.identifier", lost),
        contacts=contacts(own, "Organization.telecom", lost, organization=True),
        address=next((written for row in rows if (written := address(row, "Location.address", lost))), None),
    )


def _said(name: str, language: str) -> str:
    words: dict[str, str] = table("requesters")[name]
    return words.get(language.split("-", 1)[0].lower(), words["en"])
