"""Who is asked by a message, who asks, and who acted."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from footbridge.partners.inbound import ActingPerson
from footbridge.partners.ocean.entries import Entries
from footbridge.partners.ocean.loose import Json, Object, identifier, last_part, obj, objects, text, texts

TARGET: Final = "id-referral-target-reference"
EXTERNAL: Final = "id-referral-target-external-service"
SITE: Final = "id-site-number"
ROLES: Final = ("PractitionerRole", "HealthcareService", "Organization", "Location")
NO_ROLE: Final = "requester"


@dataclass(frozen=True, slots=True)
class Target:
    """Identifiers of a PractitionerRole that is a listing; all may be None."""

    reference: str | None = None
    external: str | None = None
    site: str | None = None

    def __bool__(self) -> bool:
        return (self.reference or self.external) is not None


def target(entries: Entries, header: Object, request: Object | None) -> Target:
    """The listing that is asked now: a performer, else the header's receiver, else the only listing that is there."""
    performers = objects((request or {}).get("performer"))
    receivers = [obj(row.get("receiver")) for row in objects(header.get("destination"))]
    for reference in (*performers, *receivers):
        if found := _of_reference(entries, reference):
            return _with_site(entries, found)
    listings = [found for role in entries.of_type(*ROLES) if (found := _of_resource(role))]
    if len({(row.reference, row.external) for row in listings}) == 1:
        return _with_site(entries, listings[0])
    return Target(site=_any_site(entries))


def target_resource(entries: Entries, found: Target) -> Object | None:
    """The resource that has the identifiers of a listing."""
    return next((role for role in entries.of_type(*ROLES) if found and _same(_of_resource(role), found)), None)


def author(entries: Entries, header: Object, request: Object | None) -> ActingPerson | None:
    """Who acted: the header's author, enterer or sender, else the ServiceRequest's requester; None without a name."""
    references = [header.get("author"), header.get("enterer"), header.get("sender"), (request or {}).get("requester")]
    for reference in references:
        if (person := _person(entries, obj(reference))) is not None:
            return person
    return None


def practitioner_of(entries: Entries, reference: Json) -> tuple[Object | None, Object | None]:
    """The PractitionerRole and the Practitioner that a reference leads to; either may be None."""
    found = entries.resolve(reference)
    kind = (found or {}).get("resourceType")
    if kind == "PractitionerRole" and found is not None:
        return found, entries.resolve(found.get("practitioner"), "Practitioner")
    return (None, found) if kind == "Practitioner" else (None, None)


def name_in_words(resource: Object) -> str | None:
    """A person's name in one line: as it is written, else given names and family name."""
    for name in objects(resource.get("name")):
        parts = [*texts(name.get("given")), *texts(name.get("family"))]
        if found := text(name.get("text")) or " ".join(parts):
            return found
    return None


def _person(entries: Entries, reference: Object) -> ActingPerson | None:
    role, practitioner = practitioner_of(entries, reference)
    shown = text(obj((role or {}).get("practitioner")).get("display")) or text(reference.get("display"))
    name = name_in_words(practitioner or {}) or shown
    return ActingPerson(name, _role(role or {})) if name else None


def _role(role: Object) -> str:
    for concept in objects(role.get("code")):
        displays = [text(coding.get("display")) for coding in objects(concept.get("coding"))]
        if found := text(concept.get("text")) or next((row for row in displays if row), None):
            return found
    return NO_ROLE


def _of_reference(entries: Entries, reference: Object) -> Target:
    resource = entries.resolve(reference, *ROLES)
    if resource is not None and (found := _of_resource(resource)):
        return found
    asked = obj(reference.get("identifier"))
    value, system = text(asked.get("value")), last_part(asked.get("system"))
    if value and system == TARGET:
        return Target(reference=value)
    return Target(external=value) if value and system == EXTERNAL else Target()


def _of_resource(resource: Object) -> Target:
    return Target(identifier(resource, TARGET), identifier(resource, EXTERNAL), identifier(resource, SITE))


def _with_site(entries: Entries, found: Target) -> Target:
    return found if found.site else Target(found.reference, found.external, _any_site(entries))


def _any_site(entries: Entries) -> str | None:
    """The only site number of the Bundle; older messages have it on the Patient."""
    numbers = set(_sites(entries))
    return numbers.pop() if len(numbers) == 1 else None


def _sites(entries: Entries) -> Iterator[str]:
    for row in entries.rows:
        if number := identifier(row.resource, SITE):
            yield number


def _same(one: Target, other: Target) -> bool:
    if one.reference and other.reference:
        return one.reference == other.reference
    return one.external is not None and one.external == other.external
