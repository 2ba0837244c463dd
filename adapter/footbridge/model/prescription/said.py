"""A prescription as it was said: its JSON without what only stands there by default."""

import hashlib
import json
from typing import Final

from footbridge.model.prescription.document import Prescription

_FORM: Final = "2"


def said_document(prescription: Prescription) -> str:
    """JSON of the members that say something; reading it gives the same prescription.

    A member that equals its default says nothing, but for an explicit ``safeToContact: true``: it allows contact that
    was prohibited earlier, and silence does not.
    """
    if not allows_contact(prescription):
        return prescription.model_dump_json(exclude_defaults=True)
    document = prescription.model_dump(mode="json", exclude_defaults=True)
    document["client"]["safeToContact"] = True
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def allows_contact(prescription: Prescription) -> bool:
    """Whether the client is said to be safe to contact, in so many words."""
    client = prescription.client
    return client.safe_to_contact and "safe_to_contact" in client.model_fields_set


def fingerprint(prescription: Prescription) -> str:
    """SHA-256 of what a prescription says, in hex: the same for documents that say the same."""
    return digest_of(said_document(prescription))


def digest_of(document: str) -> str:
    """SHA-256 of a ``said_document``, in hex, told from those of an older Footbridge by what stands before it."""
    return hashlib.sha256(f"{_FORM}\n{document}".encode()).hexdigest()


def is_repeat(prescription: Prescription, stored: str) -> bool:
    """Whether a stored fingerprint is that of a document that says the same.

    An older Footbridge took an explicit ``safeToContact: true`` for silence: with its fingerprints both are a repeat.
    """
    if stored == fingerprint(prescription):
        return True
    return stored in {
        _former(prescription.model_dump_json(exclude_defaults=True)),
        _former(said_document(prescription)),
    }


def is_unchanged(prescription: Prescription, stored: str) -> bool:
    """As ``is_repeat``, for a document that replaces an older one: an explicit permission to contact is news.

    An older Footbridge may not have seen it in the document that it stored.
    """
    if stored == fingerprint(prescription):
        return True
    return not allows_contact(prescription) and is_repeat(prescription, stored)


def _former(document: str) -> str:
    """What ``digest_of`` was before it had a form."""
    return hashlib.sha256(document.encode()).hexdigest()
