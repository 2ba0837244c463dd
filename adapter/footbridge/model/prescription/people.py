"""Who a prescription is about, who wrote it, and who walks along: client, requester, navigator."""

from typing import Final, Literal, get_args

from footbridge.model.prescription.values import (
    Address,
    ContactPoint,
    Date,
    Identifier,
    LanguageTag,
    Many,
    Part,
    PersonName,
    ShortText,
    Text,
    member,
)

Gender = Literal["male", "female", "other", "unknown"]
RequesterRole = Literal["clinician", "social-worker", "navigator", "community-worker", "person", "relative"]
NO_PROFESSION: Final = frozenset({"person", "relative"})
"""Roles of a requester who asks for themself, or for one of their family."""
PROFESSIONS: Final = tuple(one for one in get_args(RequesterRole) if one not in NO_PROFESSION)


class LanguageSkill(Part):
    """A language that the client speaks."""

    code: LanguageTag = member("BCP 47 tag, e.g. fr-CA.", "Patient.communication.language")
    preferred: bool = member("Whether it is the preferred one.", "Patient.communication.preferred", default=False)
    interpreter_needed: bool = member(
        "Whether an interpreter is needed when this language is not spoken.",
        "Observation.valueCodeableConcept, Patient.extension(patient-interpreterRequired)",
        default=False,
    )


class Client(Part):
    """The person whom the prescription is for: an identifier, or a name and a birth date."""

    identifiers: Many[Identifier] = member(
        "Business identifiers, e.g. a health card number.", "Patient.identifier", default=()
    )
    name: PersonName | None = member("Name.", "Patient.name", default=None)
    birth_date: Date | None = member("Date of birth, not after `authored`.", "Patient.birthDate", default=None)
    gender: Gender = member("Administrative gender; unknown when missing.", "Patient.gender", default="unknown")
    languages: Many[LanguageSkill] = member("Languages that the client speaks.", "Patient.communication", default=())
    contacts: Many[ContactPoint] = member("Ways to reach the client.", "Patient.telecom", default=())
    address: Address | None = member("Where the client lives.", "Patient.address", default=None)
    safe_to_contact: bool = member(
        "False: contact may put the client at risk; telecom and address do not leave, and "
        "contacting-subject-prohibited travels with the referral.",
        "Task.input, ServiceRequest.category",
        default=True,
    )
    contact_note: Text | None = member(
        "What to consider when contacting the client.",
        "Patient.telecom.extension(contactpoint-comment), Task.input",
        default=None,
    )


class OrganizationReference(Part):
    """An organisation, by name."""

    name: ShortText = member("Name.", "Organization.name")
    identifiers: Many[Identifier] = member("Business identifiers.", "Organization.identifier", default=())
    contacts: Many[ContactPoint] = member("Ways to reach it.", "Organization.telecom", default=())
    address: Address | None = member("Where it is.", "Organization.address", default=None)


class Requester(Part):
    """Who asks: a professional, the person (self-referral, no name needed) or a relative."""

    role: RequesterRole = member(
        "In what role the requester asks.", "PractitionerRole.code, RelatedPerson.relationship"
    )
    name: PersonName | None = member(
        "Name; may be missing when the role is person.",
        "Practitioner.name, RelatedPerson.name",
        default=None,
    )
    profession: ShortText | None = member(
        "Profession or job in own words, e.g. nurse practitioner.",
        "PractitionerRole.code.text, RelatedPerson.relationship.text",
        default=None,
    )
    identifiers: Many[Identifier] = member(
        "Business identifiers, e.g. a licence number.", "Practitioner.identifier, RelatedPerson.identifier", default=()
    )
    contacts: Many[ContactPoint] = member(
        "Ways to reach the requester.", "PractitionerRole.telecom, RelatedPerson.telecom", default=()
    )
    organization: OrganizationReference = member(
        "The practice or organisation that the requester asks on behalf of.", "Organization, Task.requester"
    )


class Navigator(Part):
    """The link worker who picks the prescription up, where one is named; any job may hold the role."""

    name: PersonName = member("Name.", "Practitioner.name")
    role: ShortText | None = member("Job in own words, e.g. receptionist.", "PractitionerRole.code.text", default=None)
    identifiers: Many[Identifier] = member("Business identifiers.", "Practitioner.identifier", default=())
    contacts: Many[ContactPoint] = member("Ways to reach the navigator.", "PractitionerRole.telecom", default=())
    organization: OrganizationReference | None = member(
        "Organisation, when it is not the requester's.", "PractitionerRole.organization", default=None
    )
