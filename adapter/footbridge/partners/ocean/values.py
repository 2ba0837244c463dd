"""What one message says, given what is known of its referral: a value for the workflow, or that nothing follows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

import orjson

from footbridge.i18n import _
from footbridge.model.holds import Hold
from footbridge.partners.inbound import Cancellation, Change, Inbound, Message, NewPrescription
from footbridge.partners.ocean.diff import Change as Difference
from footbridge.partners.ocean.diff import changes
from footbridge.partners.ocean.echo import (
    DECLINED,
    foreign_changes,
    ids_of,
    is_reopened,
    may_be_reopened,
    task_statuses,
)
from footbridge.partners.ocean.listing import Listing, listing_for
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.own_forms import own_forms
from footbridge.partners.ocean.remarks import remarks_of
from footbridge.partners.ocean.shown import words_of
from footbridge.partners.ocean.site import SiteNow, event_class
from footbridge.partners.ocean.told import Told
from footbridge.partners.ocean.translate import Around, Translation, translate
from footbridge.partners.ocean.translate.plain import plain
from footbridge.settings import settings
from footbridge.store.ocean_messages import Received

FIRST: Final = "/referral"
"""Ends the id of the referral that a message in words brings with it."""

ENDED: Final = frozenset({"completed", "failed", "cancelled", "entered-in-error"})
MAY_HOLD: Final = frozenset({"consent"})
"""Why a referral is put on hold where the API would refuse it: nobody can be asked for a consent by return."""

_OVER: Final = frozenset({"revoked", "completed", "entered-in-error"})
"""Statuses of a ServiceRequest of which no new referral is made."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A message from which nothing follows; ``why`` is a code of ``mappings/ocean/inbound.json``."""

    state: Literal["done", "failed"]
    why: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the referral before a message.

    Attributes:
        prescription, status, document: of the prescription; None where there is none.
        before: the newest message that counted, and its time (``before_at``); None for the first.
        told: what Ocean was told.
    """

    prescription: str | None = None
    status: str | None = None
    document: str | None = field(default=None, repr=False)
    before: OceanMessage | None = field(default=None, repr=False)
    before_at: datetime | None = None
    told: Told = field(default_factory=Told, repr=False)


def values_of(site: SiteNow, received: Received, message: OceanMessage, known: Known) -> Inbound | Settled:
    """The value of a message, or what it is settled as. Raises nothing for what a site can write."""
    what = event_class(message.event)
    is_old = known.before_at is not None and received.label.at < known.before_at
    match what:
        case "state" if is_old:
            return Settled("done", "old")
        case "state" | "message" if known.prescription is None:
            return _new(site, received, message, is_first=what == "message")
        case "state":
            return _changed(site, received, message, known)
        case "message":
            return _message(site, received, message, known)
        case "revoke":
            return _revoked(site, received, message, known, is_old=is_old)
        case _:
            return Settled("done", "stored")


def _new(site: SiteNow, received: Received, message: OceanMessage, *, is_first: bool) -> Inbound | Settled:
    """A referral that is not known here: also an update of one, which may be older than our connection."""
    listing = listing_for(message, site.listings)
    if listing is None:
        is_other = message.site is not None and message.site != site.number
        return Settled("failed", "other-site" if is_other else "unknown-listing")
    if _is_over(message):
        return Settled("done", "not-active")
    made = translated(site, message, listing, judged=True)
    return NewPrescription(
        message_id=f"{received.label.message}{FIRST if is_first else ''}",
        at=received.label.at,
        by=message.author,
        cursor=str(received.number),
        document=document_of(site, message, made),
        may_hold=MAY_HOLD,
        holds=holds_of(made),
        remarks=remarks_of(made, message),
    )


def _is_over(message: OceanMessage) -> bool:
    status = None if message.request is None else message.request.get("status")
    return status in _OVER or "completed" in task_statuses(message)


def _changed(site: SiteNow, received: Received, message: OceanMessage, known: Known) -> Inbound | Settled:
    """A referral that is known, as it is in Ocean now."""
    before = known.before
    found = changes(before, message) if before is not None else ()
    foreign = foreign_changes(before, message, known.told) if before is not None else ()
    listing = listing_for(message, site.listings)
    called_off = _called_off(message, listing, known)
    newer = None if listing is None or called_off else _newer(site, message, listing, known)
    reopened = "reopened" in {one.code for one in foreign}
    reopened = reopened or (before is not None and is_reopened(before, message, known.told))
    doubtful = not reopened and called_off is None and may_be_reopened(message, known.told)
    if not foreign and called_off is None and newer is None and not reopened and not doubtful:
        return Settled("done", "echo" if found else "no-change")
    return Change(
        message_id=received.label.message or str(received.number),
        at=received.label.at,
        identifier=site.site.identifier(received.label.referral or ""),
        by=message.author,
        cursor=str(received.number),
        changes=tuple(_words(one) for one in foreign),
        document=None if newer is None else document_of(site, message, newer),
        may_hold=MAY_HOLD,
        holds=() if newer is None else holds_of(newer),
        cancelled=called_off,
        reopened=reopened,
        maybe_reopened=doubtful,
    )


def _called_off(message: OceanMessage, listing: Listing | None, known: Known) -> str | None:
    """Why a referral is over here, by what the Bundle shows; None where it is not."""
    if known.status in ENDED:
        return None
    if is_revoked(message, known.told):
        return str(_("The clinic cancelled the referral in Ocean."))
    if listing is None and (message.target.reference or message.target.external):
        return str(_("In Ocean the referral is with another service now."))
    return None


def _newer(site: SiteNow, message: OceanMessage, listing: Listing, known: Known) -> Translation | None:
    """The prescription as it reads now; None where it reads as before, or has ended."""
    if known.status in ENDED:
        return None
    made = translated(site, message, listing)
    if known.before is not None and not _is_whole(known.before, message):
        return None
    if known.before is not None:
        older = listing_for(known.before, site.listings) or listing
        if translated(site, known.before, older).document == made.document:
            return None
    return made


def _is_whole(before: OceanMessage, now: OceanMessage) -> bool:
    """Whether a message has each kind of resource that a prescription is made of and that the one before it had."""
    kinds = ("Patient", "ServiceRequest", "QuestionnaireResponse")
    return all(now.entries.of_type(kind) for kind in kinds if before.entries.of_type(kind))


def _message(site: SiteNow, received: Received, message: OceanMessage, known: Known) -> Inbound | Settled:
    if listing_for(message, site.listings) is None:
        return Settled("done", "ended")
    said = communications(message)
    if not said:
        return _by_note(site, received, message, known)
    if said and all(known.told.others & ids for ids, _resource in said):
        return Settled("done", "echo")
    text = "\n\n".join(words for _ids, one in said if (words := words_of(one)))
    if not text:
        return Settled("failed", "no-text")
    return _words_of(site, received, message, text)


def _words_of(site: SiteNow, received: Received, message: OceanMessage, text: str) -> Inbound:
    return Message(
        message_id=received.label.message or str(received.number),
        at=received.label.at,
        identifier=site.site.identifier(received.label.referral or ""),
        by=message.author,
        cursor=str(received.number),
        text=text,
    )


def _by_note(site: SiteNow, received: Received, message: OceanMessage, known: Known) -> Inbound | Settled:
    """Words without a Communication: notes that the referral did not have before."""
    earlier = set(notes_of(known.before)) if known.before is not None else set()
    text = "\n\n".join(note for note in notes_of(message) if note not in earlier)
    return _words_of(site, received, message, text) if text else Settled("failed", "no-text")


def notes_of(message: OceanMessage) -> list[str]:
    """The texts of the ServiceRequest's notes."""
    rows = None if message.request is None else message.request.get("note")
    listed = rows if isinstance(rows, list) else []
    texts = [plain(str(row.get("text") or "")) for row in listed if isinstance(row, dict)]
    return [one for one in texts if one]


def communications(message: OceanMessage) -> list[tuple[set[str], Mapping[str, Any]]]:
    """The Communications that the message is about, else the last one that it has; each with the ids of it."""
    focuses = message.header.get("focus")
    rows = focuses if isinstance(focuses, list) else [focuses]
    named = [message.entries.resolve(one, "Communication") for one in rows if isinstance(one, dict)]
    found = [one for one in named if one is not None] or message.entries.of_type("Communication")[-1:]
    entries = [(message.entries.entry_of(one), one) for one in found]
    return [(ids_of(None if entry is None else entry.full_url, one), one) for entry, one in entries]


def _revoked(
    site: SiteNow, received: Received, message: OceanMessage, known: Known, *, is_old: bool
) -> Inbound | Settled:
    """The sender called it off. One that comes late counts, unless a newer message shows the referral active."""
    if known.prescription is None:
        return Settled("done", "unknown-referral")
    if is_old and known.before is not None and not is_revoked(known.before, known.told):
        return Settled("done", "old")
    if known.status in ENDED:
        return Settled("done", "ended")
    return Cancellation(
        message_id=received.label.message or str(received.number),
        at=received.label.at,
        identifier=site.site.identifier(received.label.referral or ""),
        by=message.author,
        cursor=str(received.number),
        reason=str(_("The clinic cancelled the referral in Ocean.")),
    )


def is_revoked(message: OceanMessage, told: Told) -> bool:
    """Whether the sender has cancelled the referral.

    Of a declined one the ServiceRequest may have the same status in Ocean; that is no word of the sender.
    """
    if event_class(message.event) == "revoke":
        return True
    if message.request is None or message.request.get("status") != "revoked":
        return False
    is_told = told.state is not None and told.state.status in DECLINED
    return not is_told and DECLINED.isdisjoint(task_statuses(message))


def translated(site: SiteNow, message: OceanMessage, listing: Listing, *, judged: bool = False) -> Translation:
    """The message as a prescription, with the site's own server as the only one that documents may come from.

    ``judged``: also with its departures from our constraints.
    """
    around = Around(fhir_base=site.site.partner.base_url, clinic=site.site.partner.title, forms=own_forms())
    return translate(message, listing, around, judged=judged)


def holds_of(made: Translation) -> tuple[Hold, ...]:
    """What a person has to decide: each need that is less sure than the setting asks for, with what led to it."""
    unsure = [
        {"need": place, "category": one.category, "confidence": one.confidence, "by": one.by, "words": list(one.words)}
        for place, one in enumerate(made.needs)
        if one.confidence < settings().ocean_need_confidence
    ]
    return (Hold("needs", {"needs": unsure}),) if unsure else ()


def document_of(site: SiteNow, message: OceanMessage, made: Translation) -> bytes:
    """The prescription, under our own way to name a referral of the site."""
    document = dict(made.document)
    if message.referral is not None:
        system, value = site.site.identifier(message.referral)
        document["identifier"] = {"system": system, "value": value}
    return orjson.dumps(document)


def _words(one: Difference) -> str:
    return str(one.text)
