"""What the timeline says of a new referral from Ocean: how its prescription was made, and what it leaves out."""

from collections.abc import Iterator
from typing import Final

from footbridge.i18n import _
from footbridge.partners.ocean import shown
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.translate import Translation

PROVEN: Final = "0.11.1"
"""The version of Ontario's guide that a real message attests here; every other one is marked on the referral."""


def remarks_of(made: Translation, message: OceanMessage) -> tuple[str, ...]:
    """What a reader should know of how the prescription was made of the first message of a referral."""
    found = [_unproven(message.version)] if message.version != PROVEN else []
    found += _so_far(message)
    found += [_need(one.category, one.by, one.words, one.confidence) for one in made.needs]
    if made.consent.where is not None:
        found.append(str(_("Consent: {basis} ({where}).", basis=made.consent.basis, where=made.consent.where)))
    found += [str(_("Not in the prescription: {what}.", what=what)) for what in made.uncarried]
    found += [str(_("Departs from the guide: {message}", message=one.message)) for one in made.departures]
    return tuple(found)


def _so_far(message: OceanMessage) -> Iterator[str]:
    """What happened in Ocean before: a clinic may book as it refers; a referral may be older than the connection."""
    if status := shown.task_status(message):
        yield str(_("The Task in Ocean is now {now}; it was {was}.", now=status, was="-"))
    for booking in shown.appointments(message).values():
        yield str(_("An appointment was added: {time}.", time=booking.start or "-"))
    for words in shown.communications(message).values():
        yield str(_("Message: {words}", words=words or "-"))


def _unproven(version: str) -> str:
    return str(_("The message has the shape of v{version} of the guide, which is unproven here.", version=version))


def _need(category: str, by: str | None, words: tuple[str, ...], confidence: float) -> str:
    percent = round(100 * confidence)
    if by is None:
        return str(_("Need {category}: nothing in the message says which it is.", category=category))
    quoted = ", ".join(f"«{word}»" for word in words)
    return str(
        _(
            "Need {category}: by {by}, {percent} % sure; {words}",
            category=category,
            by=by,
            percent=percent,
            words=quoted,
        )
    )
