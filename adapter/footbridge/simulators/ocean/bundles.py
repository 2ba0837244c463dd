"""A message: a Bundle of the header and keyed resources, in the shape of v0.11.1 or of v0.10.0.

v0.11.1: ``fullUrl`` with ``urn:uuid:`` for each resource and no id, but the header, whose ``fullUrl`` is a bare UUID.
v0.10.0: an id for each resource, no ``fullUrl``, references as ``Type/id``, the listing's slug (with underscores) as
the id of its PractitionerRole, an author that is not in the Bundle, ``orderDetail``, a second category, other URLs of
the header's extension and of the types of identifiers. Both as in the real messages of
https://github.com/oceanmdlabs/autorouter and of the v0.10 test server.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from footbridge.simulators.ocean.json_values import object_of, objects_of
from footbridge.simulators.ocean.resources import Keyed, Names, local_time, made, reference, urn
from footbridge.simulators.ocean.state import Listing, Resource, Site, Version
from footbridge.simulators.ocean.tables import raw

_URN: Final = "urn:uuid:"
_VENDOR: Final = "Organization/cognisant-md"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a header says. ``focus``, ``author`` and ``sender`` are keys; ``id`` is the Bundle's."""

    id: str
    header: str
    event: str
    ref: str
    time: datetime
    focus: tuple[str, ...]
    author: str
    sender: str
    reason: str | None


def message(
    envelope: Envelope, entries: Sequence[Keyed], site: Site, listing: Listing, names: Names, *, label: bool
) -> Resource:
    """The Bundle, in the site's version.

    Args:
        envelope: what the header says.
        entries: keyed resources, the receiver's PractitionerRole first among those with the listing's identifier.
        site: that it goes to.
        listing: that the referral is at.
        names: where this Ocean is.
        label: whether each resource is labelled as test data.
    """
    receiver = _receiver(entries, listing)
    header = _header(envelope, site, listing, names, receiver)
    bundle: Resource = {
        "resourceType": "Bundle",
        "id": envelope.id,
        "meta": {"lastUpdated": local_time(envelope.time, milliseconds=True)},
        "type": "message",
        "timestamp": local_time(envelope.time, milliseconds=True),
        "entry": [{"fullUrl": envelope.header, "resource": header}],
    }
    bundle["entry"] += [{"fullUrl": urn(key), "resource": _of_version(one, site.version)} for key, one in entries]
    if label:
        for entry in bundle["entry"]:
            resource = entry["resource"]
            labelled = object_of(resource, "meta") | {"security": [raw()["systems"]["label"]]}
            entry["resource"] = resource | {"meta": labelled}
    return bundle if site.version == "0.11" else _as_0_10(bundle, envelope, listing)


def _header(envelope: Envelope, site: Site, listing: Listing, names: Names, receiver: str | None) -> Resource:
    identifier = {"system": names.identifier("referral"), "value": envelope.ref}
    destination: Resource = {"name": listing.title, "endpoint": site.endpoint}
    destination |= {"receiver": reference(receiver)} if receiver else {}
    content: Resource = {
        "id": envelope.header,
        "extension": [{"url": raw()["extensions"]["referral"]["0.11"], "valueIdentifier": identifier}],
        "eventCoding": {"system": raw()["eventSystem"], "code": envelope.event, "display": envelope.event},
        "destination": [destination],
        "sender": reference(envelope.sender),
        "author": reference(envelope.author),
        "source": {"name": "Ocean", "endpoint": f"{names.fhir}/$process-messages"},
    }
    content |= {"reason": {"text": envelope.reason}} if envelope.reason else {}
    return made("MessageHeader", content | {"focus": list(map(reference, envelope.focus))})


def _receiver(entries: Sequence[Keyed], listing: Listing) -> str | None:
    """The key of the listing's PractitionerRole, when it is among the entries."""
    for key, resource in entries:
        if resource["resourceType"] == "PractitionerRole" and is_listing(resource, listing):
            return key
    return None


def is_listing(role: Resource, listing: Listing) -> bool:
    """Whether a PractitionerRole is that of a listing."""
    return any(one.get("value") == listing.reference for one in objects_of(role, "identifier"))


def _as_0_10(bundle: Resource, envelope: Envelope, listing: Listing) -> Resource:
    """The same message in the shape of v0.10.0."""
    ids: dict[str, tuple[str, str]] = {}
    for entry in bundle["entry"]:
        key, resource = entry["fullUrl"].removeprefix(_URN), entry["resource"]
        is_target = resource["resourceType"] == "PractitionerRole" and is_listing(resource, listing)
        ids[key] = (resource["resourceType"], listing.reference if is_target else key)
    entries = []
    for entry in bundle["entry"]:
        kind, id_ = ids[entry["fullUrl"].removeprefix(_URN)]
        entries.append(
            {"resource": {"resourceType": kind, "id": id_} | _rewritten(entry["resource"], ids) | {"id": id_}}
        )
    header = entries[0]["resource"]
    header["extension"] = [{"url": raw()["extensions"]["referral"]["0.10"], "valueString": envelope.ref}]
    header["sender"] = header["author"] = {"reference": _VENDOR}
    for entry in entries:
        _older_codes(entry["resource"])
    return bundle | {"entry": entries}


def _of_version(resource: Resource, version: Version) -> Resource:
    """Without ``orderDetail``, which the real message of v0.11.1 lacks."""
    if version == "0.10" or "orderDetail" not in resource:
        return resource
    return {name: value for name, value in resource.items() if name != "orderDetail"}


def _rewritten(value: Any, ids: Mapping[str, tuple[str, str]]) -> Any:  # noqa: ANN401 - JSON is any value
    """The value with references as ``Type/id``."""
    if isinstance(value, dict):
        return {name: _rewritten(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [_rewritten(one, ids) for one in value]
    if isinstance(value, str) and value.startswith(_URN):
        found = ids.get(value.removeprefix(_URN))
        return f"{found[0]}/{found[1]}" if found else value
    return value


def _older_codes(resource: Resource) -> None:
    """Profiles, types of identifiers and categories as v0.10.0 writes them."""
    profiles, systems = raw()["profiles"], raw()["systems"]
    meta = object_of(resource, "meta")
    if "profile" in meta:
        profile = f"{profiles['prefix']}{resource['resourceType']}{profiles['0.10']['*']}"
        resource["meta"] = meta | {"profile": [profile]}
    for identifier in objects_of(resource, "identifier"):
        for coding in objects_of(object_of(identifier, "type"), "coding"):
            coding["system"] = systems["identifierType"]["0.10"]
            if coding.get("code") == systems["licenceType"]["0.11"]:
                coding["code"] = systems["licenceType"]["0.10"]
    if resource["resourceType"] == "ServiceRequest":
        resource["category"] = [*objects_of(resource, "category"), {"coding": [systems["secondCategory"]]}]
        resource.setdefault("orderDetail", [{"coding": [{"display": "Referral"}]}])
