"""The documents of a referral as PDFs: the letter, with its attachments or without, and each attachment."""

import re
from html import unescape

from footbridge.simulators.ocean.documents import pdf_of
from footbridge.simulators.ocean.ledger import Ledger
from footbridge.simulators.ocean.state import Referral

_TAG = re.compile(r"<[^>]*>")


def letter_of(referral: Referral, *, with_attachments: bool = False) -> bytes:
    """The referral summary; with its attachments, one PDF of all."""
    draft = referral.draft
    lines = [
        "Referral summary (simulated, built from public documents, not certified by OceanMD)",
        f"Referral {referral.ref}",
        f"Sent {referral.created:%Y-%m-%d}",
        "",
        f"Patient: {' '.join([*draft.person.given, draft.person.family])}",
        f"Born: {draft.person.birth_date or '-'}",
        f"Referred by: {' '.join([*draft.clinician.given, draft.clinician.family])}",
        "",
        unescape(_TAG.sub(" ", draft.note or "")),
        *(f"{link}: {answer}" for link, answer in draft.answers.items()),
    ]
    more = [[one.title, "", one.text] for one in draft.attachments] if with_attachments else []
    return pdf_of([lines, *more])


def attachment_of(ledger: Ledger, id_: str) -> tuple[str, bytes] | None:
    """The ref of the referral that an attachment belongs to, and its PDF; None for an unknown id."""
    if id_ not in ledger.attachments:
        return None
    ref, number = ledger.attachments[id_]
    attached = ledger.referral(ref).draft.attachments[number]
    return ref, pdf_of([[attached.title, "", attached.text]])
