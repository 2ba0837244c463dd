"""Rules about days: what is to come is not before ``authored``, what has been is not after it.

Days are compared as the prescriber's calendar has them: the day of ``authored`` in its own offset.
"""

import datetime as dt
from collections.abc import Iterator

from footbridge.i18n import _
from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.pointers import Path

Finding = tuple[Path, str]
Dated = tuple[Path, dt.date | None]


def before_authored(prescription: Prescription) -> Iterator[Finding]:
    """Nothing that is to come lies before the day of ``authored``."""
    day = prescription.authored.date()
    for path, date in _to_come(prescription):
        if date is not None and date < day:
            yield path, _("The date is before the prescription was authored: it must be that day or later.")


def _to_come(prescription: Prescription) -> Iterator[Dated]:
    for index, goal in enumerate(prescription.goals):
        yield ("goals", index, "due"), goal.due
    if prescription.follow_up:
        yield ("followUp", "due"), prescription.follow_up.due
    if prescription.consent:
        yield ("consent", "until"), prescription.consent.until


def after_authored(prescription: Prescription) -> Iterator[Finding]:
    """Nothing that has been lies after ``authored``."""
    day = prescription.authored.date()
    message = _("The date is after the prescription was authored: it must not be later.")
    for path, date in _been(prescription):
        if date is not None and date > day:
            yield path, message
    for index, words in enumerate(prescription.in_their_words):
        if words.said is not None and words.said > prescription.authored:
            yield ("inTheirWords", index, "said"), message


def _been(prescription: Prescription) -> Iterator[Dated]:
    yield ("client", "birthDate"), prescription.client.birth_date
    for index, need in enumerate(prescription.needs):
        if need.evidence:
            yield ("needs", index, "evidence", "date"), need.evidence.date
    if prescription.consent:
        yield ("consent", "given"), prescription.consent.given


def consent_ends_first(prescription: Prescription) -> Iterator[Finding]:
    """A consent does not end before it was given."""
    consent = prescription.consent
    if consent and consent.given and consent.until and consent.until < consent.given:
        yield ("consent", "until"), _("The consent ends before it was given.")
