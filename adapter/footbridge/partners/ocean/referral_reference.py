"""Which referral a message is about: Ocean's reference by every place that may have it, and its ServiceRequest."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from footbridge.partners.ocean.entries import Entries
from footbridge.partners.ocean.loose import Json, Object, extension, identifier, last_part, obj, objects, text

REFERENCE: Final = "id-ereferral-reference"
MOST_REPLACING: Final = 20
HEADER_EXTENSIONS: Final = ("ext-referral-identifier", "ext-id-message-header")


def is_reference(system: Json) -> bool:
    """Whether an identifier system is that of referrals."""
    return last_part(system) == REFERENCE


def in_header(header: Object) -> str | None:
    """The reference in one of the header's extensions: as a string (0.10.0) or an identifier (0.11.1)."""
    for name in HEADER_EXTENSIONS:
        found = extension(header, name) or {}
        value = text(found.get("valueString")) or text(obj(found.get("valueIdentifier")).get("value"))
        if value:
            return value
    return None


def reference_of(entries: Entries, request: Object) -> str | None:
    """The reference of one ServiceRequest: its identifier, else its id, which has the same value."""
    if found := identifier(request, REFERENCE):
        return found
    entry = entries.entry_of(request)
    return entry.id if entry else None


@dataclass(frozen=True, slots=True)
class About:
    """Which referral a message is about.

    Attributes:
        request: its ServiceRequest; None where the message has none of it.
        current: the ServiceRequest that is worked on now: the one that replaces ``request``, else ``request``.
        reference: Ocean's reference of the referral.
        previous: reference of the referral that it replaces.
        successor: reference of the referral that replaces it, after a forward.
        contradicts: whether header and ServiceRequest name different referrals.
    """

    request: Object | None
    current: Object | None
    reference: str | None
    previous: str | None = None
    successor: str | None = None
    contradicts: bool = False


def about(entries: Entries, header: Object) -> About:
    """Which referral a message is about: by the header; without a reference there, by its ServiceRequest."""
    named, requests = in_header(header), entries.of_type("ServiceRequest")
    request = _request(entries, header, requests, named)
    if request is None:
        return About(None, None, next(_references(entries, header), None))
    own, previous = reference_of(entries, request), _previous(entries, request)
    newer = next((row for row in _replacing(requests) if _replaces(entries, row, request)), None)
    differs = named is not None and identifier(request, REFERENCE) not in {None, named} and previous != named
    return About(
        request=request,
        current=newer or request,
        reference=own if own and previous is not None and previous == named else named or own,
        previous=previous,
        successor=reference_of(entries, newer) if newer is not None else None,
        contradicts=differs,
    )


def _request(entries: Entries, header: Object, requests: list[Object], named: str | None) -> Object | None:
    """The ServiceRequest that the header names, else its focus, else the one that no other replaces."""
    focus = [found for row in objects(header.get("focus")) if (found := entries.resolve(row, "ServiceRequest"))]
    replacing = _replacing(requests)
    newest = [row for row in requests if not any(_replaces(entries, other, row) for other in replacing)]
    ordered = [*focus, *newest, *requests]
    by_name = (row for row in ordered if named is not None and reference_of(entries, row) == named)
    return next(by_name, ordered[0] if ordered else None)


def _replacing(requests: list[Object]) -> list[Object]:
    """Those that replace another one; a real message has one at most."""
    return [row for row in requests if objects(row.get("replaces"))][:MOST_REPLACING]


def _replaces(entries: Entries, newer: Object, older: Object) -> bool:
    if newer is older:
        return False
    references = objects(newer.get("replaces"))
    if any(entries.resolve(row, "ServiceRequest") is older for row in references):
        return True
    own = reference_of(entries, older)
    return own is not None and any(text(obj(row.get("identifier")).get("value")) == own for row in references)


def _previous(entries: Entries, request: Object) -> str | None:
    for row in objects(request.get("replaces")):
        replaced = entries.resolve(row, "ServiceRequest")
        found = reference_of(entries, replaced) if replaced else text(obj(row.get("identifier")).get("value"))
        if found := found or last_part(row.get("reference")):
            return found
    return None


def _references(entries: Entries, header: Object) -> Iterator[str]:
    """The reference in a message without a ServiceRequest: of the header, letter, focus, or what is based on it."""
    if found := in_header(header):
        yield found
    for document in entries.of_type("DocumentReference"):
        if found := identifier(document, REFERENCE):
            yield found
    for row in objects(header.get("focus")):
        asked = obj(row.get("identifier"))
        if (found := text(asked.get("value"))) and is_reference(asked.get("system")):
            yield found
        if "ServiceRequest/" in (text(row.get("reference")) or ""):
            yield last_part(row.get("reference"))
    for resource in entries.of_type("Task", "Appointment", "Communication"):
        for row in objects(resource.get("basedOn")):
            value = text(obj(row.get("identifier")).get("value")) or last_part(row.get("reference"))
            if value:
                yield value
