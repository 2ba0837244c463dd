"""Reads the answer to a transaction, entry by entry (https://hl7.org/fhir/R4/http.html#transaction-response).

By the standard a transaction succeeds or fails whole. Servers exist that answer 200 and report failures entry by
entry, or that keep what came before the failure, so each entry's status is looked at. A repeat is safe either way:
what arrived is found again by its ``ifNoneExist``.
"""

from dataclasses import replace

from footbridge.errors import PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.partners.fhir import remotes
from footbridge.partners.fhir.lenient import object_in, text_in
from footbridge.partners.fhir.reading import VERSION, version_of
from footbridge.partners.fhir.responses import is_worth_a_retry
from footbridge.partners.fhir.server import Remote, Resource


def read_transaction(sent: Resource, answer: Resource) -> list[Remote | None]:
    """Where each entry went, in the order sent; None for an entry whose answer does not say.

    Raises PartnerRefused or PartnerUnavailable when an entry failed, or when entries went unanswered.
    """
    entries = answer.get("entry")
    if not isinstance(entries, list) or len(entries) != len(sent["entry"]):
        raise PartnerUnavailable(_("The partner did not answer every entry of the transaction."))
    found: list[Remote | None] = []
    for number, (request, entry) in enumerate(zip(sent["entry"], map(object_in, entries), strict=True)):
        type_ = request["resource"]["resourceType"]
        status = _status(text_in(object_in(entry.get("response")).get("status")))
        if not 200 <= status < 300:
            _raise(number, type_, status)
        found.append(_sound(remotes.of_entry(status, entry, type_), entry))
    return found


def _sound(remote: Remote | None, entry: Resource) -> Remote | None:
    """The place, its version one that can be kept, from any form of ETag; None for an id that is no id."""
    if remote is None or not remote.id.strip("."):
        return None
    version = remote.version or version_of(text_in(object_in(entry.get("response")).get("etag")))
    return replace(remote, version=version if version and VERSION.fullmatch(version) else None)


def _status(said: str | None) -> int:
    """The number at the start of e.g. ``201 Created``; 0 when there is none."""
    number = (said or "")[:3]
    return int(number) if number.isascii() and number.isdigit() else 0


def _raise(number: int, type_: str, status: int) -> None:
    said = _("with status {status}", status=status) if status else _("without a status")
    message = _(
        "The partner answered entry {number} of the transaction, a {type}, {said}.",
        number=number,
        type=type_,
        said=said,
    )
    if is_worth_a_retry(status):
        raise PartnerUnavailable(message, status=status)
    raise PartnerRefused(message, status=status or None)
