"""What a letter to a service says of a referral as it stands now, and what of it counts as a change."""

import hashlib
from datetime import datetime, timedelta, tzinfo

from footbridge.i18n import Language, language_of_tag
from footbridge.letters.page import html_of
from footbridge.letters.service_letter import About, message_letter, service_letter, withdrawn_letter
from footbridge.letters.values import Letter
from footbridge.partners.outgoing import Outgoing
from footbridge.settings import settings

_ALWAYS = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def language_for(outgoing: Outgoing, wanted: Language | None) -> Language:
    """The service's language, else the tenant's, else that of the prescription."""
    return wanted or outgoing.narrative or language_of_tag(outgoing.document.language) or "en"


def write(outgoing: Outgoing, kind: str, language: Language, *, at: datetime, zone: tzinfo, text: str = "") -> Letter:
    """The letter: ``referral``, ``changed``, ``withdrawn``, or ``message`` with its text."""
    due = None if kind == "message" else (at + timedelta(days=settings().response_days)).astimezone(zone).date()
    waits = outgoing.referral.status == "requested"
    about = About(
        receiver=outgoing.partner.title,
        sent=at,
        answer_by=due if waits else None,
        zone=zone,
        changed=kind == "changed",
        category=outgoing.referral.category,
    )
    if kind == "withdrawn":
        return withdrawn_letter(outgoing.document, about, language)
    if kind == "message":
        return message_letter(outgoing.document, about, text, language)
    return service_letter(outgoing.document, about, language)


def fingerprint(outgoing: Outgoing, language: Language, zone: tzinfo) -> str:
    """SHA-256 of what a letter about this referral says, without its day and the day of the answer."""
    about = About(outgoing.partner.title, _ALWAYS, None, zone, category=outgoing.referral.category)
    return hashlib.sha256(html_of(service_letter(outgoing.document, about, language)).encode()).hexdigest()
