"""What refuses a prescription only when it is mapped: codes against the tables, links, empty parts."""

import re
from collections.abc import Iterator

from footbridge.mapping.results import MappingContext
from footbridge.mapping.sensitivity import revealing_texts
from footbridge.model.issues import Issue
from footbridge.model.prescription import Address, PersonName, Prescription
from footbridge.terminology import category, nearest_category

_UUID = re.compile(r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_OID = re.compile(r"^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$")
_NOTHING = (PersonName(), Address())
_STRICT = ("urn:uuid:", "urn:oid:", "urn:ietf:rfc:3986")
_URI = re.compile(r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s]+$")


def faults(prescription: Prescription, context: MappingContext) -> list[Issue]:
    """Every fault, with its JSON Pointer; empty when the prescription can be mapped."""
    found = [*_categories(prescription), *_links(prescription), *_empty(prescription), *_languages(prescription)]
    written = prescription.model_dump_json()
    if any(word in written for word in _STRICT):
        found += _identifiers(prescription.model_dump(mode="json", exclude_none=True), "")
    if context.withhold_unsafe_contact and not prescription.client.safe_to_contact:
        found += revealing_texts(prescription)
    return found


def _fault(rule: str, message: str, pointer: str, code: str = "value") -> Issue:
    return Issue(rule=f"mapping.{rule}", severity="error", code=code, message=message, pointer=pointer)


def _categories(prescription: Prescription) -> Iterator[Issue]:
    named = [(f"/needs/{index}/category", need.category) for index, need in enumerate(prescription.needs)]
    named += [
        (f"/barriers/{index}/category", barrier.category)
        for index, barrier in enumerate(prescription.barriers)
        if barrier.category is not None
    ]
    for pointer, code in named:
        if category(code) is None:
            near = nearest_category(code)
            hint = f"; did you mean {near!r}?" if near else "."
            yield _fault("unknown-category", f"Not an SDOH category of the guide{hint}", pointer, "code-invalid")


def _links(prescription: Prescription) -> Iterator[Issue]:
    for index, goal in enumerate(prescription.goals):
        if goal.need is not None and goal.need >= len(prescription.needs):
            yield _fault("no-such-need", "There is no need at this index.", f"/goals/{index}/need")
    for index, support in enumerate(prescription.supports):
        if support.barrier is not None and support.barrier >= len(prescription.barriers):
            yield _fault("no-such-barrier", "There is no barrier at this index.", f"/supports/{index}/barrier")


def _empty(prescription: Prescription) -> Iterator[Issue]:
    service = prescription.service
    organizations = [
        ("/requester/organization", prescription.requester.organization),
        ("/navigator/organization", prescription.navigator.organization if prescription.navigator else None),
        ("/service/organization", service.organization if service else None),
    ]
    parts: list[tuple[str, object]] = [
        ("/client/name", prescription.client.name),
        ("/client/address", prescription.client.address),
        ("/requester/name", prescription.requester.name),
        ("/navigator/name", prescription.navigator.name if prescription.navigator else None),
        *((f"{pointer}/address", one.address) for pointer, one in organizations if one is not None),
    ]
    for pointer, part in parts:
        if part in _NOTHING:
            yield _fault("empty-part", "This part is empty: fill it in or leave it out.", pointer, "required")


def _languages(prescription: Prescription) -> Iterator[Issue]:
    seen: set[str] = set()
    for index, skill in enumerate(prescription.client.languages):
        if skill.code in seen:
            yield _fault("duplicate", "Duplicate language.", f"/client/languages/{index}", "duplicate")
        seen.add(skill.code)


def _identifiers(value: object, pointer: str) -> Iterator[Issue]:
    """URIs that FHIR reads more strictly: uuid and oid URNs, and values of system urn:ietf:rfc:3986."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _identifiers(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        system = value.get("system")
        if isinstance(system, str) and not _well_formed(system):
            yield _fault("malformed-uri", "A urn:uuid or urn:oid must be well formed.", f"{pointer}/system")
        held = value.get("value")
        if system == "urn:ietf:rfc:3986" and isinstance(held, str) and not (_URI.match(held) and _well_formed(held)):
            yield _fault("malformed-uri", "A value of urn:ietf:rfc:3986 must be a URI.", f"{pointer}/value")
        for key, item in value.items():
            yield from _identifiers(item, f"{pointer}/{key}")


def _well_formed(uri: str) -> bool:
    if uri.startswith("urn:uuid:"):
        return _UUID.match(uri) is not None
    return not uri.startswith("urn:oid:") or _OID.match(uri) is not None
