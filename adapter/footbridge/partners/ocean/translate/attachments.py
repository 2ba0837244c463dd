"""The documents that can be fetched from Ocean: only those of this referral, and only from the site's own origin.

An EMR once showed patients' documents of others through its Ocean endpoint (https://github.com/open-osp/Open-O/pull/221):
so a document counts only where the referral's own ServiceRequest names it, or its identifier is the referral's.
"""

from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

from footbridge.partners.ocean.loose import Object, identifier, obj, objects, text
from footbridge.partners.ocean.message import OceanMessage
from footbridge.partners.ocean.referral_reference import REFERENCE
from footbridge.partners.ocean.translate.client import patient_of
from footbridge.partners.ocean.translate.limits import Lost
from footbridge.partners.ocean.translate.plain import plain
from footbridge.partners.ocean.translate.values import Attachment

LETTER: Final = "/$letter"
DOCUMENT_ID: Final = "id-attachment-reference"
PORTS: Final = {"http": 80, "https": 443}


def attachments(message: OceanMessage, fhir_base: str | None, lost: Lost) -> tuple[Attachment, ...]:
    """The documents of the referral, the letter first; one that may not be fetched is noted as lost."""
    base = fhir_base or message.fhir_base
    found: dict[str, Attachment] = {}
    for document in documents_of(message):
        for row in objects(document.get("content")):
            attachment = obj(row.get("attachment"))
            url = text(attachment.get("url"))
            if url is None:
                lost.note("DocumentReference.content.attachment")
            elif not _is_ours(url, base, message.referral):
                lost.note("DocumentReference.content.attachment.url")
            else:
                found.setdefault(url, _attachment(document, attachment, url))
    named = documents_of(message)
    if any(all(document is not row for row in named) for document in message.entries.of_type("DocumentReference")):
        lost.note("DocumentReference:not-of-this-referral")
    return tuple(sorted(found.values(), key=lambda row: row.kind != "letter"))


def documents_of(message: OceanMessage) -> list[Object]:
    """The DocumentReferences of this referral; one about another person than the referral's is left out."""
    entries, patient = message.entries, patient_of(message)
    named = [
        entries.resolve(row, "DocumentReference") for row in objects((message.request or {}).get("supportingInfo"))
    ]
    found = [row for row in named if row is not None]
    for document in entries.of_type("DocumentReference"):
        is_own = message.referral is not None and identifier(document, REFERENCE) == message.referral
        if is_own and all(document is not row for row in found):
            found.append(document)
    return [row for row in found if _is_about(message, row, patient)]


def _is_about(message: OceanMessage, document: Object, patient: Object) -> bool:
    """Whether nothing says that a document is of another referral, or about another person."""
    referral = identifier(document, REFERENCE)
    if referral is not None and message.referral is not None and referral != message.referral:
        return False
    subject = message.entries.resolve(document.get("subject"), "Patient")
    return subject is None or not patient or subject is patient


def _is_ours(url: str, base: str | None, referral: str | None) -> bool:
    """Same scheme, host and port as the site's Ocean; a letter's address names this referral."""
    if base is None or (origin := _origin(base)) is None or _origin(url) != origin:
        return False
    path = unquote(urlsplit(url).path)
    if ".." in path.split("/") or not path.startswith(unquote(urlsplit(base).path).rstrip("/") + "/"):
        return False
    before, letter, _after = path.partition(LETTER)
    return not letter or before.rsplit("/", 1)[-1] == referral


def _origin(url: str) -> tuple[str, str, int] | None:
    if any(sign.isspace() or not sign.isprintable() or sign == "\\" for sign in url):
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname.casefold(), port or PORTS[parts.scheme]


def _attachment(document: Object, attachment: Object, url: str) -> Attachment:
    size = attachment.get("size")
    names = list(_titles(document, attachment))
    return Attachment(
        kind="letter" if LETTER in url else "document",
        url=url,
        media_type=text(attachment.get("contentType")),
        size=size if isinstance(size, int) and not isinstance(size, bool) and size >= 0 else None,
        title=names[0] if names else None,
        reference=identifier(document, DOCUMENT_ID) or identifier(document, REFERENCE),
    )


def _titles(document: Object, attachment: Object) -> Iterator[str]:
    for written in (attachment.get("title"), document.get("description"), obj(document.get("type")).get("text")):
        if (found := text(written)) and (shown := plain(found)):
            yield shown
