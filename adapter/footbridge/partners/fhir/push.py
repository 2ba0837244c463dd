"""Brings one resource at a partner up to date, and keeps what others wrote to it meanwhile.

Read, change, update with If-Match; when another writer was faster, read again and apply the change to what is there
now. ``members.our_members`` makes the usual change.
"""

from typing import Any, Final

from footbridge.errors import PartnerUnavailable
from footbridge.i18n import _
from footbridge.partners.fhir.client import FhirClient
from footbridge.partners.fhir.lenient import object_in, objects_in, text_in
from footbridge.partners.fhir.references import references
from footbridge.partners.fhir.remotes import of_resource
from footbridge.partners.fhir.responses import StaleVersion
from footbridge.partners.fhir.server import Change, Remote, Resource
from footbridge.store import exact_json

ATTEMPTS: Final = 5


def push(client: FhirClient, type_: str, remote_id: str, change: Change) -> Remote | None:
    """Apply a change to the partner's current version; None when that changes nothing.

    A server that gives no version is updated without If-Match. Raises PartnerUnavailable when others keep writing.
    """
    for _attempt in range(ATTEMPTS):
        current = client.read(type_, remote_id)
        wanted = change(current)
        if wanted is None or _same(wanted, current):
            return None
        try:
            return client.update({**wanted, "id": remote_id}, if_match=of_resource(current).version)
        except StaleVersion:
            continue
    raise PartnerUnavailable(_("The partner's {type} kept changing while it was being updated.", type=type_))


def merged(theirs: object, ours: object) -> object:
    """Lists are joined, theirs first and nothing twice; any other value is ours."""
    if not isinstance(theirs, list) or not isinstance(ours, list | None):
        return ours
    there = {_identity(item) for item in theirs}
    return theirs + [item for item in ours or [] if _identity(item) not in there]


def _identity(item: object) -> tuple[str, ...]:
    """What tells one list item from another, however a server spells its dates or adds displays.

    The text of an Annotation or a concept, else what it refers to and as what, else all of it.
    """
    if not isinstance(item, dict):
        return ("whole", exact_json.dumps(_sorted(item)))
    text = text_in(item.get("text"))
    if text is not None:
        return ("text", text)
    codes = [str(coding.get("code")) for coding in objects_in(object_in(item.get("type")).get("coding"))]
    places = ["/".join(reference.split("/")[-2:]) for reference in references(item)]
    return ("reference", *codes, *places) if places else ("whole", exact_json.dumps(_sorted(item)))


def _sorted(value: Any) -> Any:  # noqa: ANN401 - JSON of any shape
    if isinstance(value, list):
        return [_sorted(item) for item in value]
    return {name: _sorted(value[name]) for name in sorted(value)} if isinstance(value, dict) else value


def _same(wanted: Resource, current: Resource) -> bool:
    """Whether two versions say the same; the server's own stamps do not count."""
    return _content(wanted) == _content(current)


def _content(resource: Resource) -> Resource:
    stamps = {"versionId", "lastUpdated"}
    return {**resource, "meta": {k: v for k, v in object_in(resource.get("meta")).items() if k not in stamps}}
