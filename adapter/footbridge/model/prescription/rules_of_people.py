"""Rules about people and organisations: who they are, how they are reached, what they speak."""

import re
from collections.abc import Iterator

from footbridge.i18n import _
from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.people import Client, Navigator, OrganizationReference, Requester
from footbridge.model.prescription.pointers import Path
from footbridge.model.prescription.values import Address, ContactPoint, Identifier

Finding = tuple[Path, str]
Reachable = Client | Requester | Navigator | OrganizationReference

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_URL = re.compile(r"https?://[^\s]+")
_FEWEST_DIGITS = 3  # as in 211


def client_unidentified(prescription: Prescription) -> Iterator[Finding]:
    """A client has an identifier, or a name and a birth date."""
    client = prescription.client
    if client.identifiers:
        return
    either = _("a client needs an identifier, or a name and a birth date")
    if client.name is None and client.birth_date is None:
        yield ("client",), _("The client is not identified: {either}.", either=either)
    elif client.name is None:
        yield ("client", "name"), _("The name is missing: {either}.", either=either)
    elif client.birth_date is None:
        yield ("client", "birthDate"), _("The birth date is missing: {either}.", either=either)


def name_empty(prescription: Prescription) -> Iterator[Finding]:
    """A name has a family name or a given name."""
    for member in ("client", "requester", "navigator"):
        person: Client | Requester | Navigator | None = getattr(prescription, member)
        name = person.name if person else None
        if name and not name.family and not name.given:
            yield (member, "name"), _("The name is empty: a family name or a given name is required.")


def requester_unnamed(prescription: Prescription) -> Iterator[Finding]:
    """A requester has a name, unless it is the person."""
    requester = prescription.requester
    if requester.name is None and requester.role != "person":
        yield ("requester", "name"), _("The name is required, except for a requester of role person.")


def address_empty(prescription: Prescription) -> Iterator[Finding]:
    """An address says something."""
    for path, party in _parties(prescription):
        address = getattr(party, "address", None)
        if address is not None and address == Address():
            yield (*path, "address"), _("The address is empty: leave it out, or enter an address.")


def identifier_repeated(prescription: Prescription) -> Iterator[Finding]:
    """A list has no duplicate identifier."""
    for member, party in (("client", prescription.client), ("requester", prescription.requester)):
        seen: set[Identifier] = set()
        for index, identifier in enumerate(party.identifiers):
            if identifier in seen:
                yield (member, "identifiers", index), _("Duplicate identifier.")
            seen.add(identifier)


def contact_preferred_twice(prescription: Prescription) -> Iterator[Finding]:
    """At most one contact is the one to try first."""
    for path, party in _parties(prescription):
        preferred = [index for index, contact in enumerate(party.contacts) if contact.preferred]
        for index in preferred[1:]:
            yield (*path, "contacts", index, "preferred"), _("Only one contact can be preferred.")


def contact_use(prescription: Prescription) -> Iterator[Finding]:
    """An organisation has no contact at home (invariant org-3, https://hl7.org/fhir/R4/organization.html)."""
    for path, party in _parties(prescription):
        for index, contact in enumerate(party.contacts if isinstance(party, OrganizationReference) else ()):
            if contact.use == "home":
                yield (*path, "contacts", index, "use"), _("A contact of an organization cannot be of use 'home'.")


def contact_form(prescription: Prescription) -> Iterator[Finding]:
    """A number has digits, an e-mail address an @, a url a scheme."""
    for path, party in _parties(prescription):
        for index, contact in enumerate(party.contacts):
            expected = _expected_form(contact)
            if expected:
                yield (
                    (*path, "contacts", index, "value"),
                    _("This does not look like {expected}: check it.", expected=expected),
                )


def _expected_form(contact: ContactPoint) -> str | None:
    """What the value should look like, where it does not."""
    if contact.system == "email":
        return None if _EMAIL.fullmatch(contact.value) else _("an e-mail address (name@place)")
    if contact.system == "url":
        return None if _URL.fullmatch(contact.value) else _("a web address (https://...)")
    if contact.system in {"phone", "fax", "sms", "pager"}:
        digits = sum(character.isdecimal() for character in contact.value)
        return None if digits >= _FEWEST_DIGITS else _("a telephone number")
    return None


def _parties(prescription: Prescription) -> Iterator[tuple[Path, Reachable]]:
    yield ("client",), prescription.client
    yield ("requester",), prescription.requester
    yield ("requester", "organization"), prescription.requester.organization
    if prescription.navigator:
        yield ("navigator",), prescription.navigator
        if prescription.navigator.organization:
            yield ("navigator", "organization"), prescription.navigator.organization
    if prescription.service and prescription.service.organization:
        yield ("service", "organization"), prescription.service.organization


def language_preferred_twice(prescription: Prescription) -> Iterator[Finding]:
    """At most one language is the preferred one."""
    preferred = [index for index, skill in enumerate(prescription.client.languages) if skill.preferred]
    for index in preferred[1:]:
        yield ("client", "languages", index, "preferred"), _("Only one language can be preferred.")


def language_repeated(prescription: Prescription) -> Iterator[Finding]:
    """There is no duplicate language."""
    seen: set[str] = set()
    for index, skill in enumerate(prescription.client.languages):
        tag = skill.code.lower()
        if tag in seen:
            yield ("client", "languages", index, "code"), _("Duplicate language.")
        seen.add(tag)
