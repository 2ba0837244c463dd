"""Rules about consent: no disclosure without one that covers it (table: ``mappings/consent.json``).

A signpost tells nobody but the client. A warm connection and a navigator disclose: the client's agreement
must be there, stand, and cover the needs. Whether an implied one will do is for the jurisdiction to say.
"""

import functools
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import Text, _
from footbridge.model.prescription.document import Prescription
from footbridge.model.prescription.plan import Consent
from footbridge.model.prescription.pointers import Path

Finding = tuple[Path, str]


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "consent.json")
    return table


def discloses(kind: str) -> bool:
    """Whether a prescription of that kind tells anyone but the client and the record that it came from."""
    return _table()["discloses"][kind] is not None


def end_of_consent(prescription: Prescription) -> datetime | None:
    """When the consent that the prescription's disclosure rests on ends: after its last day, where it was written.

    None where it has no last day, and where nothing rests on it.
    """
    consent = _of_disclosure(prescription)
    if consent is None or consent.until is None:
        return None
    return datetime.combine(consent.until + timedelta(days=1), time.min, tzinfo=prescription.authored.tzinfo)


def missing(prescription: Prescription) -> Iterator[Finding]:
    """A kind that discloses has a consent."""
    if discloses(prescription.kind) and prescription.consent is None:
        yield (
            ("consent",),
            _(
                "A {kind} prescription discloses data of the client: the client's consent is required.",
                kind=prescription.kind,
            ),
        )


def not_given(prescription: Prescription) -> Iterator[Finding]:
    """A kind that discloses rests on a consent that was given and is valid."""
    consent = _of_disclosure(prescription)
    if consent and consent.status != "given":
        message = _(
            "The consent is {status}: a {kind} prescription is not allowed; a signpost is.",
            status=consent.status,
            kind=prescription.kind,
        )
        yield ("consent", "status"), message


def does_not_cover(prescription: Prescription) -> Iterator[Finding]:
    """The scope covers what the kind cannot do without."""
    yield from _lacking(prescription, "covers", _("without it there is nothing to refer for"))


def does_not_reach(prescription: Prescription) -> Iterator[Finding]:
    """The scope lets the service reach the client, where that is safe."""
    if prescription.client.safe_to_contact:
        yield from _lacking(prescription, "reaches", _("telephone, mail and address are withheld"))


def _lacking(prescription: Prescription, list_name: str, consequence: str) -> Iterator[Finding]:
    consent = _of_disclosure(prescription)
    if consent is None or consent.scope is None:
        return
    for word in _table()["discloses"][prescription.kind][list_name]:
        if word not in consent.scope:
            yield (
                ("consent", "scope"),
                _("The consent's scope lacks '{word}': {consequence}.", word=word, consequence=consequence),
            )


def implied_refused(prescription: Prescription) -> Iterator[Finding]:
    """Where the jurisdiction wants an express consent, an implied one is refused."""
    yield from _implied(prescription, "error")


def implied_noted(prescription: Prescription) -> Iterator[Finding]:
    """Where the jurisdiction lets an implied consent do, it is said what that rests on."""
    yield from _implied(prescription, "warning")


def _implied(prescription: Prescription, severity: str) -> Iterator[Finding]:
    consent = _of_disclosure(prescription)
    if consent is None or consent.basis != "implied" or consent.status != "given":
        return
    table = _table()
    law = table["implied"][prescription.jurisdiction or table["unknownJurisdiction"]]
    if law[prescription.kind] == severity:
        verdict = _("An express consent is required") if severity == "error" else _("The consent is implied")
        reason = Text(law["reason"])
        told = _("{verdict}. {reason} ({source})", verdict=verdict, reason=reason, source=law["source"])
        yield ("consent", "basis"), told


def bases_of_requesters(jurisdiction: str) -> list[str]:
    """The bases of consent that the operator may set for a requester which sends no Consent."""
    return list(_table()["ofRequester"].get(jurisdiction, ()))


def needs_custodian(prescription: Prescription) -> bool:
    """Whether the consent reaches health information custodians only: it is implied, and the law wants it express.

    Where the prescription names no jurisdiction, the strictest one's law holds.
    """
    consent = _of_disclosure(prescription)
    if consent is None or consent.basis != "implied":
        return False
    table = _table()
    law = table["implied"][prescription.jurisdiction or table["unknownJurisdiction"]]
    return bool(law[prescription.kind] == "error")


def _of_disclosure(prescription: Prescription) -> Consent | None:
    """The consent, where the prescription discloses."""
    return prescription.consent if discloses(prescription.kind) else None
