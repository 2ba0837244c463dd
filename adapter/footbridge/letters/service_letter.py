"""The letter to a service: what is asked, by when, whom to ask, on what consent.

It is made of the prescription as it was cut for this service (``security.disclosure``) and adds nothing: what the
consent withholds is not in it. A person who must not be contacted has a banner, and no way of contact.
"""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from footbridge.i18n import Language, speaking
from footbridge.i18n.eager import _
from footbridge.letters import words
from footbridge.letters.values import Block, Letter
from footbridge.model.prescription import Consent, Prescription
from footbridge.model.prescription.people import NO_PROFESSION


@dataclass(frozen=True, slots=True)
class About:
    """What a letter needs besides the prescription: to whom, when, and by when an answer is expected."""

    receiver: str
    sent: datetime
    answer_by: date | None
    zone: tzinfo
    changed: bool = False
    category: str | None = None


def service_letter(document: Prescription, about: About, language: Language) -> Letter:
    """The letter that asks a service for its help; ``document`` is cut to what the service may know."""
    with speaking(language):
        return Letter(
            language=language,
            title=_("Referral: changed") if about.changed else _("Referral"),
            sender=sender_of(document),
            receiver=(about.receiver,),
            day=words.day(about.sent, about.zone),
            number=document.identifier.value,
            urgent=None if document.priority == "routine" else words.priority(document.priority),
            banner=None if document.client.safe_to_contact else _no_contact(),
            lead=_lead(document, about),
            blocks=tuple(block for block in _blocks(document, about) if block.lines),
            ending=_ending(document, about),
            contact=contact_of(document),
        )


def withdrawn_letter(document: Prescription, about: About, language: Language) -> Letter:
    """The letter that takes a referral back; it names nobody."""
    with speaking(language):
        lead = (
            _("The referral with the number {number} was withdrawn.", number=document.identifier.value),
            _("Please do nothing further about it, and destroy the letters that you received about it."),
        )
        return _without_client(document, about, language, _("Referral: withdrawn"), lead)


def message_letter(document: Prescription, about: About, text: str, language: Language) -> Letter:
    """The letter that brings a message about a referral; it names nobody."""
    with speaking(language):
        lead = (_("This is about the referral with the number {number}.", number=document.identifier.value),)
        said = Block(_("Message"), tuple(text.split("\n")))
        return _without_client(document, about, language, _("Message about a referral"), lead, said)


def _without_client(
    document: Prescription, about: About, language: Language, title: str, lead: tuple[str, ...], *blocks: Block
) -> Letter:
    """A letter that names nobody but sender and receiver."""
    return Letter(
        language=language,
        title=title,
        sender=sender_of(document),
        receiver=(about.receiver,),
        day=words.day(about.sent, about.zone),
        number=document.identifier.value,
        urgent=None,
        banner=None,
        lead=lead,
        blocks=blocks,
        ending=(),
        contact=contact_of(document),
    )


def sender_of(document: Prescription) -> tuple[str, ...]:
    """Who writes: name with profession, organization, where it is."""
    asked = document.requester
    parts = (_by_name(document), asked.organization.name, words.place(asked.organization.address))
    return tuple(part for part in parts if part)


def contact_of(document: Prescription) -> str:
    """Whom to ask, and how: each with their own ways."""
    return _("Questions: {whom}", whom="; ".join(ways_to_ask(document))).strip()


def ways_to_ask(document: Prescription) -> list[str]:
    """Each who can be asked, with the ways to reach them: the one who wrote, the organization."""
    asked = document.requester
    rows = ((_by_name(document), asked.contacts), (asked.organization.name, asked.organization.contacts))
    found = []
    for whom, contacts in rows:
        ways = words.reached(contacts)
        if whom:
            found.append(_("{whom} ({ways})", whom=whom, ways=ways) if ways else whom)
    return found


def public_sender(document: Prescription) -> tuple[str, ...]:
    """Who writes, and how to reach them, for a place that says nothing of the person.

    Of a request that the person or a relative makes it is the organization alone.
    """
    if document.requester.role in NO_PROFESSION:
        whose = document.requester.organization
        ways = words.reached(whose.contacts)
        return (_("{whom} ({ways})", whom=whose.name, ways=ways) if ways else whose.name,)
    return tuple(ways_to_ask(document))


def _by_name(document: Prescription) -> str:
    """The one who wrote, with their profession; empty where nobody is named."""
    asked = document.requester
    return ", ".join(part for part in (words.full_name(asked.name), asked.profession) if part)


def _no_contact() -> str:
    return _(
        "Do not contact this person: no call, no message, no letter, no visit. It may put them in danger. Speak with "
        "the sender of this letter only."
    )


def _lead(document: Prescription, about: About) -> tuple[str, ...]:
    service = document.service
    what = None if service is None else service.description
    needs = [about.category] if about.category else list(dict.fromkeys(need.category for need in document.needs))
    named = ", ".join(words.category_name(code) for code in needs)
    asked = (
        _("We ask you to help this person: {what}", what=what)
        if what
        else _("We ask you to help this person with: {what}.", what=named)
    )
    if about.changed:
        return (_("Something changed. This letter replaces the one that you received before."), asked)
    return (asked,)


def _blocks(document: Prescription, about: About) -> list[Block]:
    client = document.client
    person = [words.full_name(client.name)]
    if client.birth_date is not None:
        person.append(_("Born {day}", day=words.day(client.birth_date, about.zone)))
    if client.languages:
        person.append(_("Language: {what}", what=", ".join(map(words.tongue, client.languages))))
    if client.safe_to_contact:
        person += [words.reached(client.contacts), words.place(client.address), client.contact_note or ""]
    barriers = [words.pair(words.word(one.kind), one.text) for one in document.barriers]
    barriers += [f"→ {words.pair(words.word(one.kind), one.text)}" for one in document.supports]
    strengths = [one.text for one in (*document.strengths, *document.interests)]
    return [
        Block(_("The person"), tuple(line for line in person if line), stays=True),
        Block(
            _("Needs"),
            tuple(words.pair(words.category_name(one.category), one.statement) for one in document.needs),
            stays=True,
        ),
        Block(_("In their own words"), tuple(one.text for one in document.in_their_words), said=True),
        Block(_("Goals"), tuple(one.description for one in document.goals)),
        Block(_("Strengths and interests"), tuple(strengths)),
        Block(_("Barriers, and what answers them"), tuple(barriers)),
        Block(_("Notes"), tuple(one.text for one in document.notes)),
    ]


def _ending(document: Prescription, about: About) -> tuple[str, ...]:
    said = []
    if about.answer_by is not None:
        said.append(_("Please answer by {day}.", day=words.day(about.answer_by, about.zone)))
    if document.consent is not None:
        said.append(_consent(document.consent, document, about))
    said.append(_("Use this letter for this purpose only, store it safely, and destroy it when you need it no more."))
    return tuple(said)


def _consent(consent: Consent, document: Prescription, about: About) -> str:
    given = words.day(consent.given or document.authored, about.zone)
    if consent.basis == "implied":
        said = _("The consent of the person to this referral is implied.")
    elif consent.how is not None:
        said = _(
            "The person consented to this letter on {day} ({how}).", day=given, how=words.word(consent.how).lower()
        )
    else:
        said = _("The person consented to this letter on {day}.", day=given)
    if consent.until is None:
        return said
    return f"{said} " + _("The consent ends on {day}.", day=words.day(consent.until, about.zone))
