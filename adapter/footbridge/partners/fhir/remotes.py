"""Where a resource lives at a partner, read from what its server says: Location, ETag, the resource itself."""

import re
from dataclasses import replace

from footbridge.partners.fhir.lenient import object_in, text_in
from footbridge.partners.fhir.responses import Answer
from footbridge.partners.fhir.server import Remote, Resource
from footbridge.store.interactions.preconditions import ID

TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_LOCATION = re.compile(rf"(?:^|/)({TYPE.pattern})/({ID.pattern})(?:/_history/({ID.pattern}))?/?$")
_ETAG = re.compile(r'(?:W/)?"([^"]+)"')


def is_place(type_: str, id_: str) -> bool:
    """Whether type and id have the form that FHIR gives them, so that they can go into a path."""
    return bool(TYPE.fullmatch(type_) and ID.fullmatch(id_))


def is_identified(resource: Resource) -> bool:
    """Whether a resource says its type and id, as ``is_place`` wants them."""
    return is_place(text_in(resource.get("resourceType")) or "", text_in(resource.get("id")) or "")


def of_resource(resource: Resource) -> Remote:
    """From a resource that ``is_identified``."""
    return Remote(resource["resourceType"], resource["id"], _version_in(resource))


def of_answer(answer: Answer, body: Resource | None, type_: str) -> Remote | None:
    """From the answer to a write: its headers first, then its body; None when neither says where."""
    place = answer.headers.get("Location") or answer.headers.get("Content-Location")
    return _combined(place, answer.headers.get("ETag"), body or {}, type_, created=answer.status == 201)


def of_entry(status: int, entry: Resource, type_: str) -> Remote | None:
    """From one entry of a transaction's answer; None when it does not say where."""
    response = object_in(entry.get("response"))
    place, etag = text_in(response.get("location")), text_in(response.get("etag"))
    return _combined(place, etag, object_in(entry.get("resource")), type_, created=status == 201)


def _combined(place: str | None, etag: str | None, body: Resource, type_: str, *, created: bool) -> Remote | None:
    remote = _at(place, type_)
    if remote is None and is_identified(body) and body["resourceType"] == type_:
        remote = of_resource(body)
    if remote is None:
        return None
    return replace(remote, version=remote.version or _version_of(etag) or _version_in(body), created=created)


def _at(location: str | None, type_: str) -> Remote | None:
    match = _LOCATION.search(location or "")
    return Remote(type_, match[2], match[3]) if match and match[1] == type_ else None


def _version_of(etag: str | None) -> str | None:
    match = _ETAG.fullmatch((etag or "").strip())
    return match[1] if match else None


def _version_in(resource: Resource) -> str | None:
    return text_in(object_in(resource.get("meta")).get("versionId"))
