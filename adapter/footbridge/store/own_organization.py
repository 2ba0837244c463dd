"""The tenant's own organization: its name, how to reach it, where it is. What its users write says so.

Letters, copies and FHIR (the Organization of a requester: https://hl7.org/fhir/R4/organization.html) take it from the
prescription. It is stored as the prescription's own ``OrganizationReference``; the flat names here are those of the
command ``footbridge tenant set`` and of the page.
"""

from collections.abc import Mapping
from typing import Final

from pydantic import ValidationError
from sqlalchemy import Connection, select, update

from footbridge.errors import ConfigurationError, NotFoundError
from footbridge.i18n import _
from footbridge.model.prescription import Address, ContactPoint, OrganizationReference
from footbridge.store.tables import tenant as table

WAYS: Final = ("phone", "fax", "email")
"""Kinds of contact, as FHIR's ContactPointSystem names them."""

PLACE: Final = ("street", "city", "province", "postal_code")
MEMBERS: Final = ("title", *WAYS, *PLACE)
"""What can be said of an organization; ``title`` is its name."""


def own_organization(connection: Connection, tenant: str) -> OrganizationReference | None:
    """What the tenant says of itself; None where it says nothing. Raises NotFoundError."""
    row = connection.execute(select(table.c.organization).where(table.c.name == tenant)).one_or_none()
    if row is None:
        raise NotFoundError(_("Unknown tenant."))
    return None if row.organization is None else OrganizationReference.model_validate_json(row.organization)


def change_own_organization(
    connection: Connection, tenant: str, said: Mapping[str, str]
) -> OrganizationReference | None:
    """Change what the tenant says of itself: the members that are named, an empty text removes one.

    Raises ConfigurationError for what is not usable, or a way to reach it without a name; NotFoundError.
    """
    wanted = flat(own_organization(connection, tenant)) | {name: text.strip() for name, text in said.items()}
    made = _made(wanted)
    kept = None if made is None else made.model_dump_json(exclude_defaults=True)
    connection.execute(update(table).where(table.c.name == tenant).values(organization=kept))
    return made


def flat(organization: OrganizationReference | None) -> dict[str, str]:
    """The members by name; those that are not said are empty."""
    found = dict.fromkeys(MEMBERS, "")
    if organization is None:
        return found
    found["title"] = organization.name
    found |= {one.system: one.value for one in organization.contacts if one.system in WAYS}
    place = organization.address
    if place is not None:
        found |= {"street": ", ".join(place.line), "city": place.city or "", "province": place.state or "",
                  "postal_code": place.postal_code or ""}  # fmt: skip
    return found


def must_be_number(text: str) -> None:
    """Raises ConfigurationError for what is not a phone number."""
    if sum(one.isdigit() for one in text) < 3:
        raise ConfigurationError(_("This is not a phone number, such as 807-555-0100."))


def _made(said: Mapping[str, str]) -> OrganizationReference | None:
    if not any(said.values()):
        return None
    if not said["title"]:
        raise ConfigurationError(_("Enter the name of the organization: the rest is said of it."))
    for name in ("phone", "fax"):
        if said[name]:
            must_be_number(said[name])
    if said["email"] and "@" not in said["email"]:
        raise ConfigurationError(_("This is not an e-mail address, such as name@example.ca."))
    street, city, province, postal = (said[name] or None for name in PLACE)
    try:
        place = Address(line=() if street is None else (street,), city=city, state=province, postal_code=postal)
        ways = tuple(ContactPoint(system=one, value=said[one]) for one in WAYS if said[one])
        return OrganizationReference(name=said["title"], contacts=ways, address=None if place == Address() else place)
    except ValidationError as error:
        message = _("A text has more than 255 characters, or characters that cannot be shown.")
        raise ConfigurationError(message) from error
