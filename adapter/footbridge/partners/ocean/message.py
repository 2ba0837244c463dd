"""Reads one Ocean message: bytes in, an ``OceanMessage`` out, or ``UnreadableMessage`` with a reason.

Tolerant on purpose: real messages break the profiles. What has to be there is a JSON Bundle with a MessageHeader that
has an event. All else may be missing, and is None then. Shapes of the guide's versions 0.11.1 and 0.10.0 are read.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import orjson

from footbridge.errors import FootbridgeError
from footbridge.i18n import _
from footbridge.partners.inbound import ActingPerson
from footbridge.partners.ocean import parties
from footbridge.partners.ocean.entries import Entries
from footbridge.partners.ocean.loose import Json, Object, extension, instant, last_part, obj, objects, text, texts
from footbridge.partners.ocean.parties import Target
from footbridge.partners.ocean.referral_reference import about, is_reference

__all__ = ["OceanMessage", "Target", "UnreadableMessage", "Version", "read_message"]

Version = Literal["0.11.1", "0.10.0"]

MAX_BYTES: Final = 10_000_000
MAX_DEPTH: Final = 60
MAX_PARTS: Final = 50_000
"""Objects and lists of a message; a real one of 60 kB has some hundreds."""
MAX_ENTRIES: Final = 1_000


class UnreadableMessage(FootbridgeError):  # noqa: N818 - reads as the state that it names
    """A message that can never be processed; its text says why, without a value of the message.

    ``reason`` is a code: ``not-json``, ``xml``, ``too-large``, ``too-deep``, ``not-a-bundle``, ``no-header``,
    ``no-event``, ``contradiction``.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        self.reason = reason
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class OceanMessage:
    """One message.

    Attributes:
        bundle: as it was parsed; personal: never logged.
        entries: its resources, and what their references lead to.
        header: the MessageHeader, wherever it is.
        request: the ServiceRequest of the referral; None when there is none, as in a message about a Task only.
        version: of the guide, by its shape: ``0.11.1``, or ``0.10.0`` (unproven).
        event: code of the event, known to us or not.
        bundle_id, header_id: ids of the message; either may be missing.
        digest: SHA-256 over the content without ids and times of the message, hex: the key of last resort.
        at: Bundle.timestamp, else Bundle.meta.lastUpdated; with offset; None when neither can be read.
        referral: Ocean's referral reference; None when no known place has it.
        previous: reference of the referral that this one replaces (a forward); None otherwise.
        successor: reference of the referral that replaces this one, where the message has both.
        fhir_base: of the Ocean that sent it, as its identifier systems say; None when they do not.
        target: who is asked now: the performer of the ServiceRequest, or of the one that replaces it; else the
            header's receiver.
        author: who acted, as far as the message names somebody.
        test: whether it is tagged HTEST (test data).
    """

    bundle: Object = field(repr=False)
    entries: Entries = field(repr=False, compare=False)
    header: Object = field(repr=False)
    request: Object | None = field(repr=False)
    version: Version
    event: str
    bundle_id: str | None
    header_id: str | None
    digest: str
    at: datetime | None
    referral: str | None
    previous: str | None
    successor: str | None
    fhir_base: str | None
    target: Target
    author: ActingPerson | None = field(repr=False)
    test: bool = False

    @property
    def site(self) -> str | None:
        """Number of the Ocean site that is asked now."""
        return self.target.site


def read_message(body: bytes, *, limit: int = MAX_BYTES) -> OceanMessage:
    """Read one message of at most ``limit`` bytes.

    Raises:
        UnreadableMessage: it can never be processed.
    """
    bundle = _bundle(_parsed(body, limit))
    entries = Entries(bundle)
    header = next(iter(entries.of_type("MessageHeader")), None)
    if header is None:
        raise UnreadableMessage(_("The Bundle has no MessageHeader, so it is not a message."), reason="no-header")
    event = _event(header)
    if event is None:
        raise UnreadableMessage(_("The MessageHeader has no event: eventCoding.code is required."), reason="no-event")
    found = about(entries, header)
    if found.contradicts:
        message = _("The MessageHeader names another referral than the ServiceRequest: nobody can say which is meant.")
        raise UnreadableMessage(message, reason="contradiction")
    return OceanMessage(
        bundle=bundle,
        entries=entries,
        header=header,
        request=found.request,
        version=_version(entries, header),
        event=event,
        bundle_id=text(bundle.get("id")),
        header_id=_header_id(entries, header),
        digest=_digest(entries, header, event),
        at=instant(bundle.get("timestamp")) or instant(obj(bundle.get("meta")).get("lastUpdated")),
        referral=found.reference,
        previous=found.previous,
        successor=found.successor,
        fhir_base=_fhir_base(entries, header),
        target=parties.target(entries, header, found.current),
        author=parties.author(entries, header, found.request),
        test=any(_is_test(row.resource) for row in entries.rows) or _is_test(bundle),
    )


def _parsed(body: bytes, limit: int) -> Json:
    if len(body) > limit:
        raise UnreadableMessage(
            _("The message is larger than {limit} bytes, the limit.", limit=limit), reason="too-large"
        )
    content = body.removeprefix(b"\xef\xbb\xbf").strip()
    if content.startswith(b"<"):
        raise UnreadableMessage(_("The message is XML; JSON is required."), reason="xml")
    depth, parts = _depth(content)
    if depth > MAX_DEPTH:
        message = _("The message is nested deeper than {limit} levels, the limit.", limit=MAX_DEPTH)
        raise UnreadableMessage(message, reason="too-deep")
    if parts > MAX_PARTS:
        message = _("The message has more than {limit} objects and lists, the limit.", limit=MAX_PARTS)
        raise UnreadableMessage(message, reason="too-large")
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        raise UnreadableMessage(_("The message is not JSON, or is not complete."), reason="not-json") from None


def _depth(content: bytes) -> tuple[int, int]:
    """How deep brackets are nested outside of strings, and how many open; counted before parsing, which recurses."""
    deepest = depth = parts = 0
    pieces = content.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')
    for piece in pieces[::2]:
        for sign in piece:
            if sign in b"[{":
                depth += 1
                parts += 1
                deepest = max(deepest, depth)
            elif sign in b"]}":
                depth -= 1
    return deepest, parts


def _bundle(parsed: Json) -> Object:
    bundle = obj(parsed)
    if bundle.get("resourceType") != "Bundle" or not objects(bundle.get("entry")):
        raise UnreadableMessage(_("The message is not a FHIR Bundle with entries."), reason="not-a-bundle")
    if len(bundle["entry"]) > MAX_ENTRIES:
        message = _("The message has more than {limit} entries, the limit.", limit=MAX_ENTRIES)
        raise UnreadableMessage(message, reason="too-large")
    return bundle


def _event(header: Object) -> str | None:
    """Code of the event: R4's eventCoding, else eventUri, else the ``event`` of STU3 drafts."""
    for coding in (obj(header.get("eventCoding")), obj(header.get("event"))):
        if code := text(coding.get("code")) or text(coding.get("display")):
            return code
    return last_part(header.get("eventUri")) or None


def _header_id(entries: Entries, header: Object) -> str | None:
    entry = entries.entry_of(header)
    return entry.id if entry else None


def _version(entries: Entries, header: Object) -> Version:
    """By the header's extension, which differs; where it has both or none, by how profiles and entries are written."""
    is_new = extension(header, "ext-referral-identifier") is not None
    is_old = extension(header, "ext-id-message-header") is not None
    if is_new != is_old:
        return "0.11.1" if is_new else "0.10.0"
    profiles = texts(obj(header.get("meta")).get("profile"))
    if any("%7c" in profile.casefold() for profile in profiles):
        return "0.10.0"
    written = [row for row in entries.rows if not (row.full_url or "").startswith("#")]
    return "0.10.0" if all(row.full_url is None for row in written) else "0.11.1"


def _digest(entries: Entries, header: Object, event: str) -> str:
    rows: list[Json] = [event, header.get("reason"), header.get("focus"), header.get("destination")]
    rows += [[row.full_url, row.resource] for row in entries.rows if row.resource is not header]
    canonical = json.dumps(rows, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _fhir_base(entries: Entries, header: Object) -> str | None:
    """What comes before ``/NamingSystem/`` in Ocean's own identifier systems, else before the source's operation."""
    for system in _systems(entries, header):
        base, found, name = system.partition("/NamingSystem/id-")
        if found and name and base.startswith(("http://", "https://")):
            return base
    endpoint = text(obj(header.get("source")).get("endpoint")) or ""
    base, found, _operation = endpoint.partition("/$process-message")
    return base if found else None


def _systems(entries: Entries, header: Object) -> Iterator[str]:
    """Systems of identifiers, those of the referral first."""
    for row in objects(header.get("extension")):
        if system := text(obj(row.get("valueIdentifier")).get("system")):
            yield system
    for entry in entries.rows:
        for found in objects(entry.resource.get("identifier")):
            system = text(found.get("system"))
            if system and is_reference(system):
                yield system
    for entry in entries.rows:
        for found in objects(entry.resource.get("identifier")):
            if system := text(found.get("system")):
                yield system


def _is_test(resource: Object) -> bool:
    return any(label.get("code") == "HTEST" for label in objects(obj(resource.get("meta")).get("security")))
