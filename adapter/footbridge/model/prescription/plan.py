"""Where a prescription goes, on what consent, and how one looks after it."""

from typing import Literal

from footbridge.model.prescription.people import OrganizationReference
from footbridge.model.prescription.values import (
    Code,
    Coding,
    Date,
    LanguageTag,
    Many,
    Part,
    ShortText,
    Text,
    member,
)

ConsentScope = Literal[
    "contact", "needs", "goals", "strengths", "barriers", "supports", "own-words", "notes", "identifiers"
]


class Service(Part):
    """The help that is prescribed. No partner, directory entry or organisation: a navigator finds it."""

    partner: ShortText | None = member("Name of a configured partner.", "Organization.identifier", default=None)
    directory_id: ShortText | None = member(
        "Identifier of a service in the directory.", "HealthcareService.identifier", default=None
    )
    organization: OrganizationReference | None = member(
        "Who offers it.", "Organization, HealthcareService.providedBy", default=None
    )
    description: Text | None = member("What it is, in words.", "ServiceRequest.code.text", default=None)
    language: LanguageTag | None = member(
        "BCP 47, of the description.", "ServiceRequest.code.text.extension(language)", default=None
    )
    code: Coding | None = member("What it is, coded.", "ServiceRequest.code.coding", default=None)
    self_directed: bool = member(
        "True: something with no service (time outdoors, a museum pass).",
        "ServiceRequest.category",
        default=False,
        alias="self",
    )


class Consent(Part):
    """What the client agreed to."""

    status: Literal["given", "refused", "withdrawn"] = member("Whether the client agrees.", "Consent.status")
    basis: Literal["express", "implied"] | None = member(
        "How the agreement came about.", "Consent.category", default=None
    )
    how: Literal["verbal", "written", "electronic"] | None = member(
        "In what form it was given.", "Consent.category, Consent.sourceAttachment.title", default=None
    )
    given: Date | None = member("When; the day of `authored` when missing.", "Consent.dateTime", default=None)
    scope: Many[ConsentScope] | None = member(
        "What may be shared; everything that the kind needs when missing.", "Consent.provision.code", default=None
    )
    until: Date | None = member("Last day of the consent.", "Consent.provision.period.end", default=None)


class FollowUp(Part):
    """How the requester learns what came of it."""

    due: Date = member("When; not before `authored`.", "Task.restriction.period.end")
    method: Literal["phone", "fax", "email", "pager", "url", "sms", "other", "letter", "in-person"] | None = member(
        "How the client is asked.", "Task.input", default=None
    )
    by: Code | None = member("Who asks, e.g. navigator.", "Task.performerType.text", default=None)
    questions: Many[Code] = member("What is asked.", "Task.input", default=())
