"""Makes a prescription of an Ocean message. One function; every part of it is a file beside this one."""

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, Final, get_args

from footbridge.errors import PrescriptionError
from footbridge.mapping.validate_input import accept
from footbridge.model.issues import Issue
from footbridge.model.prescription.document import Prescription
from footbridge.partners.ocean.listing import Listing
from footbridge.partners.ocean.loose import Object, instant, objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.referral_reference import REFERENCE
from footbridge.partners.ocean.translate.attachments import attachments
from footbridge.partners.ocean.translate.client import client
from footbridge.partners.ocean.translate.consent import consent_of
from footbridge.partners.ocean.translate.constraints import departures
from footbridge.partners.ocean.translate.forms import forms_of
from footbridge.partners.ocean.translate.interests import from_forms
from footbridge.partners.ocean.translate.leftovers import leftovers
from footbridge.partners.ocean.translate.limits import LONG, Lost, few, filled, pieces, short
from footbridge.partners.ocean.translate.needs import needs
from footbridge.partners.ocean.translate.notes import Said, said
from footbridge.partners.ocean.translate.plain import plain
from footbridge.partners.ocean.translate.privacy import without_health_card
from footbridge.partners.ocean.translate.requester import requester
from footbridge.partners.ocean.translate.uncarried import note_unread
from footbridge.partners.ocean.translate.values import Around, Translation
from footbridge.uris import own_uri

OF_CONSENT: Final = "prescription.consent-"
"""Begins the rules whose findings are no error of the document here: what is known of consent is a value of its own."""
PRIORITIES: Final = frozenset(get_args(Prescription.model_fields["priority"].annotation))


def translate(message: OceanMessage, listing: Listing, around: Around, *, judged: bool = True) -> Translation:
    """Make the prescription; never raises on a message that was read.

    Not ``judged``: ``departures`` and ``errors``, which cost most of the time, stay empty.
    """
    lost = Lost()
    forms = forms_of(message, listing, around.forms)
    spoken = said(message, forms)
    found_consent, consent = consent_of(forms, listing)
    written, found_needs = needs(message, listing, forms, spoken, lost)
    authored = _authored(message, around)
    request = message.request or {}
    document = filled(
        identifier=_identifier(message, around, lost),
        kind=listing.kind,
        authored=authored.isoformat() if authored else None,
        language=listing.language,
        jurisdiction=listing.jurisdiction,
        priority=_priority(request, lost),
        client=client(message, forms, authored, lost),
        requester=requester(message, forms, around, listing.language, lost),
        needs=written,
        service=_service(request, listing, lost),
        consent=consent,
        notes=_notes(spoken.notes, spoken, Lost()),
        **from_forms(forms, lost),
    )
    document |= filled(notes=_notes((*spoken.notes, *leftovers(forms, document)), spoken, lost))
    found, masked = attachments(message, around.fhir_base, lost), without_health_card(document)
    if masked != document:
        lost.note("Patient.identifier:text")
    if spoken.chart:
        lost.note("QuestionnaireResponse.item:chart")
    _note_codes(request, lost)
    note_unread(message, lost)
    return Translation(
        document=masked,
        needs=found_needs,
        consent=found_consent,
        departures=departures(message.bundle) if judged else (),
        errors=tuple(_errors(masked)) if judged else (),
        attachments=found,
        chart=spoken.chart,
        uncarried=tuple(lost),
    )


def _errors(document: dict[str, Any]) -> Iterator[Issue]:
    try:
        accept(document)
    except PrescriptionError as error:
        for issue in error.issues:
            if issue.is_error and not issue.rule.startswith(OF_CONSENT):
                yield issue


def _identifier(message: OceanMessage, around: Around, lost: Lost) -> dict[str, str] | None:
    """Ocean's referral reference, under the site's own FHIR base: the business identifier."""
    value = short(message.referral, "ServiceRequest.identifier", lost)
    if value is None:
        return None
    base = (around.fhir_base or message.fhir_base or "").rstrip("/")
    fits = base.startswith(("http://", "https://")) and not any(sign.isspace() for sign in base) and len(base) < 200
    return {
        "system": f"{base}/NamingSystem/{REFERENCE}" if fits else own_uri(f"NamingSystem/{REFERENCE}"),
        "value": value,
    }


def _authored(message: OceanMessage, around: Around) -> dt.datetime | None:
    """When the referral was written; a day without a time is its midnight, in the offset of the message."""
    request = message.request or {}
    written = text(request.get("authoredOn")) or ""
    if found := instant(written):
        return _whole(found)
    zone = message.at.tzinfo if message.at else dt.UTC
    try:
        day = dt.date.fromisoformat(written[:10])
    except ValueError:
        day = None
    if day is not None and 1900 <= day.year <= 2199:
        return dt.datetime.combine(day, dt.time.min, tzinfo=zone)
    notes = (instant(row.get("time")) for row in objects(request.get("note")))
    found = next((time for time in notes if time), None) or message.at or around.received
    return _whole(found) if found else None


def _whole(time: dt.datetime) -> dt.datetime:
    """A time whose offset has whole minutes, and no more than 14 hours, as FHIR's instant has it; else in UTC."""
    offset = time.utcoffset() or dt.timedelta()
    fits = abs(offset) <= dt.timedelta(hours=14) and offset.total_seconds() % 60 == 0
    return time if fits else time.astimezone(dt.UTC)


def _priority(request: Object, lost: Lost) -> str | None:
    found = text(request.get("priority"))
    if found is not None and found not in PRIORITIES:
        lost.note("ServiceRequest.priority")
        return None
    return found


def _service(request: Object, listing: Listing, lost: Lost) -> dict[str, Any] | None:
    """What the listing says; else the program that the referral names in words."""
    said_by_listing = dict(listing.service or {}) | filled(partner=listing.partner)
    if said_by_listing:
        return said_by_listing
    concepts = [*objects(request.get("orderDetail")), *objects(request.get("code"))]
    words = [name for concept in concepts for name in _names(concept)]
    shown = plain("; ".join(dict.fromkeys(words)))
    if len(shown) > LONG:
        lost.note("ServiceRequest.orderDetail")
    return {"description": pieces(shown)[0]} if shown else None


def _names(concept: Object) -> list[str]:
    displays = [text(coding.get("display")) for coding in objects(concept.get("coding"))]
    return [name for name in (text(concept.get("text")), *displays) if name]


def _notes(notes: Iterable[str], spoken: Said, lost: Lost) -> list[dict[str, str]]:
    """The notes; with the rest of a reason that is longer than a need's statement may be."""
    rest = pieces(spoken.reason)[1:] if spoken.reason else []
    return few([{"text": part} for note in (*rest, *notes) for part in pieces(note)], "ServiceRequest.note", lost)


def _note_codes(request: Object, lost: Lost) -> None:
    """A service type leads to needs; its code itself has no place in the prescription."""
    for name in ("category", "code"):
        if objects(request.get(name)):
            lost.note(f"ServiceRequest.{name}")
