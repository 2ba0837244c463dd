"""What people decide about a prescription on hold: the client's consent, and the categories of its needs.

A decision becomes part of the document, and so of every copy. It is kept beside it too: an amended document of the same
channel, which says no more than the first one did, gets it again (``decided.with_decisions``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final

from footbridge.errors import LifecycleError, PrescriptionError
from footbridge.i18n import _
from footbridge.model.holds import hold_kinds, rules_of
from footbridge.model.issues import Issue, errors
from footbridge.model.prescription import Client, Consent, Prescription
from footbridge.model.prescription.said import said_document
from footbridge.model.principals import Principal
from footbridge.referrals.amendment import put_in_place
from footbridge.referrals.consent import refuse
from footbridge.referrals.decided import CONSENT, NEEDS, NO_NEED, RECORDS, with_categories
from footbridge.referrals.holds import held_by_consent, must_wait_for, release, whole
from footbridge.referrals.intake import Intake
from footbridge.referrals.late_client import settle_person
from footbridge.referrals.routing import first_partner
from footbridge.referrals.service_check import confirm, refute
from footbridge.referrals.unit import PrescriptionUnit
from footbridge.terminology import categories, category

HELD: Final = frozenset({CONSENT, RECORDS})
"""What may be open still when something else is decided."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person says about a prescription on hold.

    Attributes:
        at: when.
        reason: why, in the person's words.
        consent: of ``confirm-consent``: the client's consent; express, and given on that day, when None.
        needs: of ``confirm-needs``: (index into the prescription's needs, right category) of each wrong guess;
            ``none`` takes away what is no need.
        client: of ``confirm-records``: who the client is.
        intake: judges and maps the document with the answer in it.
        partner, description: of ``replace``: who is asked, and for what.
    """

    at: datetime
    reason: str | None = None
    consent: Consent | None = None
    needs: Sequence[tuple[int, str]] = ()
    client: Client | None = None
    intake: Intake | None = None
    partner: str | None = None
    description: str | None = None


def confirm_consent(unit: PrescriptionUnit, principal: Principal, answer: Answer) -> None:
    """The client consents. Raises PrescriptionError at ``/consent`` for a consent that does not do."""
    must_wait_for(unit, hold_kinds()[CONSENT])
    document = unit.prescription.document
    day = answer.at.astimezone(document.authored.tzinfo).date()
    consent = answer.consent or Consent(status="given", basis="express", given=day)
    newer = document.model_copy(update={"consent": consent})
    _must_do(unit, _intake(answer), newer)
    put_in_place(unit, _intake(answer), newer)
    basis = consent.basis or "express"
    row = whole(unit)
    unit.note(
        principal, "consent-confirmed", row.id, after=row.status, at=answer.at, reason=answer.reason,
        detail={"basis": basis},
    )  # fmt: skip
    decision = {"consent": consent.model_dump(mode="json", exclude_defaults=True)}
    release(unit, principal, CONSENT, answer.at, decision=decision)


def refuse_consent(unit: PrescriptionUnit, principal: Principal, answer: Answer) -> None:
    """The client does not consent: the prescription is cancelled, and nothing of it has left."""
    must_wait_for(unit, hold_kinds()[CONSENT])
    refuse(unit, principal, answer.at, answer.reason)
    release(unit, principal, CONSENT, answer.at)


def confirm_needs(unit: PrescriptionUnit, principal: Principal, answer: Answer) -> None:
    """The categories are right, or corrected. Raises PrescriptionError at ``/needs`` for one that is not there."""
    must_wait_for(unit, hold_kinds()[NEEDS])
    document = unit.prescription.document
    _must_be_needs(document, answer.needs)
    right = dict(answer.needs)
    wrong = {index: code for index, code in right.items() if document.needs[index].category != code}
    guesses = [(need.statement, need.category) for need in document.needs]
    if wrong:
        newer = with_categories(document, wrong)
        _judge(_intake(answer), unit, newer)
        put_in_place(unit, _intake(answer), newer)
    row = whole(unit)
    members = [f"/needs/{index}/category" for index in sorted(wrong)]
    unit.note(
        principal, "needs-confirmed", row.id, after=row.status, at=answer.at, reason=answer.reason,
        detail={"members": members},
    )  # fmt: skip
    decided = [
        {"statement": statement, "guess": guess, "category": right.get(index, guess)}
        for index, (statement, guess) in enumerate(guesses)
    ]
    release(unit, principal, NEEDS, answer.at, decision={"needs": decided})


def confirm_records(unit: PrescriptionUnit, principal: Principal, answer: Answer) -> None:
    """Who the client is, whose record never came. Raises PrescriptionError at ``/client`` for one who is not known."""
    must_wait_for(unit, hold_kinds()[RECORDS])
    client = answer.client or unit.prescription.document.client
    newer = unit.prescription.document.model_copy(update={"client": client})
    _judge(_intake(answer), unit, newer, frozenset({CONSENT}))
    settle_person(unit, client)
    put_in_place(unit, _intake(answer), newer)
    row = whole(unit)
    unit.note(principal, "records-confirmed", row.id, after=row.status, at=answer.at, reason=answer.reason)
    decision = {"client": client.model_dump(mode="json", exclude_defaults=True)}
    release(unit, principal, RECORDS, answer.at, decision=decision)


_LATER: Final = "prescription.after-authored"

Maker = Callable[[PrescriptionUnit, Principal, Answer], None]


def _of_service(make: Callable[[PrescriptionUnit, Principal, datetime, str | None], None]) -> Maker:
    return lambda unit, principal, answer: make(unit, principal, answer.at, answer.reason)


MAKERS: Final[Mapping[str, Maker]] = MappingProxyType(
    {
        "confirm-records": confirm_records,
        "confirm-consent": confirm_consent,
        "refuse-consent": refuse_consent,
        "confirm-needs": confirm_needs,
        "confirm-service": _of_service(confirm),
        "refute-service": _of_service(refute),
    }
)
"""What carries out each event of ``mappings/holds.json``."""


def _intake(answer: Answer) -> Intake:
    if answer.intake is None:
        raise LifecycleError(_("This channel cannot change the document."), reason="not-allowed-from-here")
    return answer.intake


def _must_do(unit: PrescriptionUnit, intake: Intake, newer: Prescription) -> None:
    """The consent allows what the prescription asks for; an implied one where its service is a custodian.

    It may be given after the prescription was written, unlike one that a document comes with.
    """
    try:
        found = intake.accept(said_document(newer).encode(), unit.scope.tenant, rules_of(HELD)).held
    except PrescriptionError as refused:
        found = refused.issues
    faults = [one for one in errors(found) if (one.pointer or "").startswith("/consent") and one.rule != _LATER]
    partner, _warnings = first_partner(unit, newer)
    ruled = newer if newer.jurisdiction else newer.model_copy(update={"jurisdiction": unit.jurisdiction})
    known = None if partner is None else unit.partners[partner]
    if held_by_consent(ruled, (one.rule for one in faults), known):
        raise PrescriptionError(faults)
    if newer.consent is not None and newer.consent.given is not None and newer.consent.given > unit.scope.now.date():
        message = _("A consent cannot be given in the future.")
        raise PrescriptionError([Issue("consent.future", "error", "invariant", message, pointer="/consent/given")])


def _judge(intake: Intake, unit: PrescriptionUnit, newer: Prescription, holding: frozenset[str] = HELD) -> None:
    intake.accept(said_document(newer).encode(), unit.scope.tenant, rules_of(holding))


def _must_be_needs(document: Prescription, said: Sequence[tuple[int, str]]) -> None:
    faults = []
    for place, (index, code) in enumerate(said):
        if index >= len(document.needs):
            message = _("The prescription has {count} needs, counted from 0.", count=len(document.needs))
            faults.append(Issue("needs.unknown", "error", "not-found", message, pointer=f"/needs/{place}/need"))
        if code != NO_NEED and category(code) is None:
            codes = ", ".join(known.code for known in categories())
            message = _("Not an SDOH category code; the codes are {codes}.", codes=codes)
            faults.append(Issue("needs.category", "error", "code-invalid", message, pointer=f"/needs/{place}/category"))
    if document.needs and len({index for index, code in said if code == NO_NEED}) == len(document.needs):
        message = _("One need stays: cancel the referral where the person needs nothing.")
        faults.append(Issue("needs.none", "error", "business-rule", message, pointer="/needs/0/category"))
    if faults:
        raise PrescriptionError(faults)
