"""What a clinic writes when it refers: the person, who refers, why, and the form. Plain values without FHIR."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Person:
    """The patient; every value may be missing, as in real messages.

    Attributes:
        family: family name.
        given: given names.
        gender: of https://hl7.org/fhir/R4/valueset-administrative-gender.html.
        birth_date: ``YYYY-MM-DD``.
        health_card: ten digits.
        card_version: two letters.
        chart: number of the chart in the clinic's record.
        phone: number of the home.
        email: address.
        line: street.
        city: city.
        postal_code: Canadian.
    """

    family: str
    given: tuple[str, ...] = ()
    gender: str | None = None
    birth_date: str | None = None
    health_card: str | None = field(default=None, repr=False)
    card_version: str | None = None
    chart: str | None = None
    phone: str | None = None
    email: str | None = None
    line: str | None = None
    city: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class Clinician:
    """Who refers: with ``licence`` (CPSO number), ``username`` in Ocean and ``clinic``, as far as they are known."""

    family: str
    given: tuple[str, ...] = ()
    licence: str | None = None
    username: str | None = None
    phone: str | None = None
    clinic: str | None = None
    city: str | None = None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that the clinic attached: ``title`` with its ending, ``text`` that its PDF shows."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One referral as the clinic wrote it.

    Attributes:
        person: the patient.
        clinician: who refers.
        category: SNOMED code of the service type.
        category_name: Ocean's name of it, in capitals.
        form: reference of the form, such as ``quickReferral``.
        answers: by ``linkId``; what is missing has no answer.
        note: HTML; None for a note with author and time but no text; an empty text for no note.
        priority: of https://hl7.org/fhir/R4/valueset-request-priority.html.
        program: what v0.10 carries as ``orderDetail``.
        language: ``en`` or ``fr``.
        need: key of the generator's need; for tests, never sent.
        attachments: files.
        sender: who sent it, when that is not the clinician.
    """

    person: Person
    clinician: Clinician
    category: str
    category_name: str
    form: str
    answers: Mapping[str, str] = field(default_factory=dict)
    note: str | None = ""
    priority: str | None = None
    program: str | None = None
    language: str = "en"
    need: str | None = None
    attachments: tuple[Attachment, ...] = ()
    sender: Clinician | None = None
