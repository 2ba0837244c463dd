"""The person's own copy: what it is, where, when and who will call, in the person's language (J22 of the journeys)."""

from dataclasses import dataclass
from datetime import tzinfo

from footbridge.i18n import Language, language_of_tag, speaking
from footbridge.i18n.eager import _
from footbridge.letters import words
from footbridge.letters.service_letter import sender_of, ways_to_ask
from footbridge.letters.values import Block, Letter
from footbridge.model.prescription import ContactPoint, Prescription


@dataclass(frozen=True, slots=True)
class Where:
    """The service as the person finds it: name, address, ways to reach it; and a time that was agreed.

    ``hours``: when it is open, a line each. ``asked``: it has the referral; else the sender arranges it first.
    """

    name: str | None
    address: str | None = None
    contacts: tuple[ContactPoint, ...] = ()
    appointment: str | None = None
    hours: tuple[str, ...] = ()
    asked: bool = True


def language_of_client(document: Prescription) -> Language:
    """English or French: the language that the person prefers, else that of the prescription."""
    known = sorted(document.client.languages, key=lambda one: not one.preferred)
    tags = [one.code for one in known] + [document.language]
    return next((found for tag in tags if (found := language_of_tag(tag)) is not None), "en")


def own_copy(document: Prescription, where: Where, zone: tzinfo, language: Language) -> Letter:
    """The page that the person takes home."""
    with speaking(language):
        return Letter(
            language=language,
            title=_("Your social prescription"),
            sender=sender_of(document),
            receiver=(words.full_name(document.client.name) or _("Name not given"),),
            day=words.day(document.authored, zone),
            number=document.identifier.value,
            urgent=None,
            banner=None,
            lead=() if document.instructions is None else tuple(document.instructions.text.split("\n")),
            blocks=tuple(block for block in _blocks(document, where, zone) if block.lines),
            ending=(_("Take this page with you to the first visit."),),
            contact=_contact(document),
        )


def _blocks(document: Prescription, where: Where, zone: tzinfo) -> list[Block]:
    service = document.service
    what = [] if service is None or not service.description else [service.description]
    if not what:
        what = list(dict.fromkeys(words.category_name(need.category) for need in document.needs))
    place = [part for part in (where.name, where.address, words.reached(where.contacts)) if part]
    return [
        Block(_("What"), tuple(what)),
        Block(_("Where"), tuple(place)),
        Block(_("When"), (where.appointment,) if where.appointment else where.hours),
        Block(_("Who will call"), _who_calls(document, where)),
        Block(_("What you want to reach"), tuple(one.description for one in document.goals)),
        Block(_("What goes with it"), tuple(one.text for one in document.supports)),
        Block(_("Afterwards"), _afterwards(document, zone)),
    ]


def _who_calls(document: Prescription, where: Where) -> tuple[str, ...]:
    if not document.client.safe_to_contact:
        return (_("Nobody calls or writes to you. You decide when you get in touch."),)
    if document.kind == "signpost":
        return (_("Nobody calls you. You go there yourself, when it suits you."),)
    if where.name is None:
        return (_("A navigator gets in touch with you, and finds a service together with you."),)
    if not where.asked:
        return (_("We get in touch with {service} first. Then we inform you of the next step.", service=where.name),)
    return (_("{service} gets in touch with you.", service=where.name),)


def _afterwards(document: Prescription, zone: tzinfo) -> tuple[str, ...]:
    follow_up = document.follow_up
    if follow_up is None or not document.client.safe_to_contact:
        return ()
    when = words.day(follow_up.due, zone)
    if follow_up.method is None:
        return (_("Around {day} we ask you how it went.", day=when),)
    return (_("Around {day} we ask you how it went. Way: {way}.", day=when, way=words.word(follow_up.method).lower()),)


def _contact(document: Prescription) -> str:
    return _("Questions, or nobody gets in touch? Ask: {whom}", whom="; ".join(ways_to_ask(document)))
