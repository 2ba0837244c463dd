"""Reads what a receiver posted: the header, the referral that it is about, the resources in focus. Tolerant.

OceanMD's own code shows how loosely such Bundles are written: references as ``urn:uuid:``, as ``Type/id`` or as bare
ids, entries with or without ``fullUrl``, either header extension (or neither), a forward's identifier system as a bare
name. So everything is found by any of its names. A message that cannot be applied is a ``Refused``.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import orjson

from footbridge.i18n import _
from footbridge.simulators.ocean.json_values import is_deeper, list_of, object_of, objects_of
from footbridge.simulators.ocean.state import Resource
from footbridge.simulators.ocean.tables import raw

UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_URN: Final = "urn:uuid:"
_DEPTH: Final = 60


class Refused(Exception):  # noqa: N818 - reads as what happens to the message
    """Ocean refuses a message and changes nothing; ``code`` is of https://hl7.org/fhir/R4/valueset-issue-type.html."""

    def __init__(self, status: int, code: str, text: str) -> None:
        self.status, self.code, self.text = status, code, text
        super().__init__(text)


@dataclass(slots=True, eq=False)
class Entry:
    """One resource; ``names`` are all by which another may refer to it, ``key`` the one by which it is stored."""

    key: str
    resource: Resource
    names: tuple[str, ...]

    @property
    def kind(self) -> str:
        """``resourceType``."""
        return str(self.resource["resourceType"])


@dataclass(slots=True)
class Posted:
    """A message as it was read.

    Attributes:
        id: ``Bundle.id``; None when it has none.
        header: the MessageHeader.
        event: its code.
        entries: the other resources.
        focus: those in focus.
        ref: of the referral that it is about; None when nothing names one.
        findings: departures that Ocean would not refuse.
    """

    id: str | None
    header: Resource
    event: str
    entries: list[Entry]
    focus: list[Entry]
    ref: str | None
    findings: list[str] = field(default_factory=list)

    def find(self, reference: object) -> Entry | None:
        """The entry that a Reference, or the text of one, points at."""
        text = reference.get("reference") if isinstance(reference, dict) else reference
        return next((one for one in self.entries if text in one.names), None) if isinstance(text, str) else None

    def of_kind(self, kind: str) -> Iterator[Entry]:
        """The entries of a type."""
        return (one for one in self.entries if one.kind == kind)


def read(body: bytes) -> Posted:
    """Read a body. Raises Refused for what is not a message, or has no event, or whose focus is not in it."""
    bundle = _bundle(body)
    resources = [
        (entry.get("fullUrl"), entry["resource"])
        for entry in bundle["entry"]
        if isinstance(entry, dict) and isinstance(entry.get("resource"), dict)
        and isinstance(entry["resource"].get("resourceType"), str)
    ]  # fmt: skip
    headers = [one for _url, one in resources if one["resourceType"] == "MessageHeader"]
    if len(headers) != 1:
        raise Refused(400, "structure", _("The Bundle needs one MessageHeader; it has {count}.", count=len(headers)))
    event = _event(headers[0])
    entries = [_entry(number, *one) for number, one in enumerate(resources) if one[1] is not headers[0]]
    id_ = bundle.get("id")
    posted = Posted(id_ if isinstance(id_, str) else None, headers[0], event, entries, [], None)
    if resources[0][1] is not headers[0]:
        posted.findings.append(_("The MessageHeader is not the first entry."))
    for one in list_of(headers[0].get("focus")):
        found = posted.find(one)
        if found is None:
            raise Refused(400, "not-found", _("MessageHeader.focus points at nothing in the Bundle."))
        posted.focus.append(found)
    posted.ref = _referral(posted)
    return posted


def _bundle(body: bytes) -> Resource:
    try:
        bundle = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refused(400, "structure", _("The body is not JSON.")) from error
    is_message = isinstance(bundle, dict) and bundle.get("resourceType") == "Bundle" and bundle.get("type") == "message"
    if not is_message or not isinstance(bundle.get("entry"), list):
        raise Refused(400, "structure", _("The body is not a Bundle of the type message with entries."))
    if is_deeper(bundle, _DEPTH):
        raise Refused(400, "too-costly", _("The body is nested deeper than {depth} levels.", depth=_DEPTH))
    return bundle  # type: ignore[no-any-return]


def _event(header: Resource) -> str:
    code = object_of(header, "eventCoding").get("code")
    if not isinstance(code, str):
        raise Refused(400, "required", _("MessageHeader.eventCoding.code is required."))
    return code


def _entry(number: int, url: object, resource: Resource) -> Entry:
    """An entry; one without a UUID gets a key that is made of its id, so that the next message finds it again."""
    kind, id_ = resource["resourceType"], resource.get("id")
    names = [url, url.removeprefix(_URN)] if isinstance(url, str) else []
    names += [id_, f"{kind}/{id_}", f"{_URN}{id_}"] if isinstance(id_, str) else []
    found = [one for one in names if UUID.fullmatch(one)]
    made = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind}/{id_ or url or number}"))
    return Entry(found[0] if found else made, resource, tuple(names))


def _referral(posted: Posted) -> str | None:
    """The ref: by either extension of the header, or by the ServiceRequest that is carried or referred to."""
    urls = list(raw()["extensions"]["referral"].values())
    said = [
        one.get("valueString") or object_of(one, "valueIdentifier").get("value")
        for one in objects_of(posted.header, "extension")
        if one.get("url") in urls
    ]
    found = {one for one in said if isinstance(one, str) and one}
    if len(found) > 1:
        raise Refused(400, "value", _("The extensions of the header name two referrals."))
    if not found:
        posted.findings.append(_("The header has no extension that names the referral."))
        based = [ref for one in posted.focus for ref in list_of(one.resource.get("basedOn"))]
        found = {one for one in map(_bare, based) if one}
        found = found or {one.key for one in posted.of_kind("ServiceRequest")}
    return min(found) if found else None


def _bare(reference: object) -> str | None:
    text = reference.get("reference") if isinstance(reference, dict) else None
    found = UUID.search(text) if isinstance(text, str) else None
    return found[0] if found else None


def target_of(role: Resource) -> str | None:
    """The listing that a PractitionerRole names, by a system that is the table's name or ends with it."""
    name = raw()["identifiers"]["listing"]
    for one in objects_of(role, "identifier"):
        if str(one.get("system", "")).rpartition("/")[2] == name and isinstance(one.get("value"), str):
            return str(one["value"])
    return None
