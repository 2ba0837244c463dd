"""Brings one resource at a partner up to date, and keeps what others wrote to it meanwhile.

Read, change, update with If-Match; when another writer was faster, read again and apply the change to what is there
now. ``our_members`` makes the change for the resources whose news Footbridge carries.
"""

import json
from collections.abc import Collection, Mapping
from typing import Final

from footbridge.errors import PartnerUnavailable
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.references import references
from footbridge.partners.fhir.remotes import of_resource
from footbridge.partners.fhir.responses import StaleVersion
from footbridge.partners.ports import Change, Remote, Resource

ATTEMPTS: Final = 5

MEMBERS: Final[Mapping[str, tuple[str, ...]]] = {
    "Task": ("status", "statusReason", "businessStatus", "owner", "lastModified", "executionPeriod", "output", "note"),
    "ServiceRequest": ("status", "note"),
    "Goal": ("lifecycleStatus", "achievementStatus", "statusDate", "statusReason", "outcomeCode", "outcomeReference"),
    "Patient": ("text", "name", "telecom", "gender", "birthDate", "address"),
}
"""Members that a push may write, by type; every other member stays the partner's."""

REPLACED: Final = frozenset({"Patient"})
"""Types whose members are ours alone: a list takes the place of the partner's, and None takes it away. A way to reach
a client who must not be reached any more has to go."""

STATUS: Final[Mapping[str, tuple[str, ...]]] = {
    "Task": ("status", "statusReason"),
    "ServiceRequest": ("status",),
    "Goal": ("lifecycleStatus", "statusReason"),
    "Patient": (),
}
"""The status and what belongs to it alone: an old reason goes when the status that it explains goes."""


def push(client: FhirClient, type_: str, remote_id: str, change: Change) -> Remote | None:
    """Apply a change to the partner's current version; None when that changes nothing.

    A server that gives no version is updated without If-Match. Raises PartnerUnavailable when others keep writing.
    """
    for _ in range(ATTEMPTS):
        current = client.read(type_, remote_id)
        wanted = change(current)
        if wanted is None or _same(wanted, current):
            return None
        try:
            return client.update({**wanted, "id": remote_id}, if_match=of_resource(current).version)
        except StaleVersion:
            continue
    raise PartnerUnavailable(f"The partner's {type_} kept changing while it was being updated.")


def our_members(ours: Resource, *, known: Collection[str] | None = None) -> Change:
    """A change that writes the members that are ours to write (``MEMBERS``), references already the partner's.

    Args:
        ours: the resource as it should be. What it leaves out stays as the partner has it; what is None goes, except
            for a list, to which others may have added (but see ``REPLACED``).
        known: the statuses that ours takes into account, such as the one last heard from this partner and the one
            last sent. A partner that shows any other status has newer news than ours: then nothing is changed, for
            a poll will bring it. None: our status holds whatever the partner shows.
    """
    type_ = ours["resourceType"]
    main = next(iter(STATUS[type_]), None)

    def change(current: Resource) -> Resource | None:
        shown = current.get(main) if main else None
        if known is not None and main and shown != ours.get(main) and shown not in known:
            return None
        merged = {name: value for name, value in current.items() if name not in STATUS[type_]}
        for name in MEMBERS[type_]:
            if name in ours:
                merged[name] = ours[name] if type_ in REPLACED else _merged(current.get(name), ours[name])
        return {name: value for name, value in merged.items() if value is not None}

    return change


def _merged(theirs: object, ours: object) -> object:
    """Lists are joined, theirs first and nothing twice; any other value is ours."""
    if not isinstance(theirs, list) or not isinstance(ours, list | None):
        return ours
    there = {_identity(item) for item in theirs}
    return theirs + [item for item in ours or [] if _identity(item) not in there]


def _identity(item: Resource) -> tuple[str, ...]:
    """What tells one list item from another, however a server spells its dates or adds displays.

    The text of an Annotation or a concept, else what it refers to and as what, else all of it.
    """
    text = text_in(item.get("text"))
    if text is not None:
        return ("text", text)
    codes = [str(coding.get("code")) for coding in objects_in(object_in(item.get("type")).get("coding"))]
    places = ["/".join(reference.split("/")[-2:]) for reference in references(item)]
    return ("reference", *codes, *places) if places else ("whole", json.dumps(item, sort_keys=True))


def _same(wanted: Resource, current: Resource) -> bool:
    """Whether two versions say the same; the server's own stamps do not count."""
    return _content(wanted) == _content(current)


def _content(resource: Resource) -> Resource:
    stamps = {"versionId", "lastUpdated"}
    return {**resource, "meta": {k: v for k, v in object_in(resource.get("meta")).items() if k not in stamps}}
