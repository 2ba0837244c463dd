"""What one partner gets of one prescription: a Bundle cut to what that partner may see and does not have yet.

The prescription is cut first (``security.disclosure``) and mapped for the partner then, so that nothing hidden can
be in it. Resources made later (another try, a part, a Procedure) are ours in the store and join as extras.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.draft import own_identifier_system
from footbridge.mapping.references import local, rewrite
from footbridge.mapping.results import Jurisdiction
from footbridge.model.prescription import OrganizationReference, Prescription, Service
from footbridge.security.disclosure import disclose, shown
from footbridge.store.partners import Partner

Resource = dict[str, Any]
Key = tuple[str, str]
"""Type and id of a resource of ours."""

PART_LEAVES_OUT = ("task", "service-request", "service")


@dataclass(frozen=True, slots=True)
class OutgoingReferral:
    """What a parcel is packed from.

    Attributes:
        prescription: the whole of it.
        roles: which resource of ours plays which role of the mapping.
        person: our id of the client.
        scope: the tenant's name.
        jurisdiction: whose codes and claims it has.
        task: the Task of ours that a recipient gets, the first one or that of a later try; None for the record.
        extras: resources of ours that the prescription's own mapping does not make.
        known: what the partner has already: our key -> its reference ``Type/id``.
        category: for a part of a split prescription, the category that it is about.
        part: id of the part's referral.
    """

    prescription: Prescription
    roles: Mapping[str, Key]
    person: str
    scope: str
    jurisdiction: Jurisdiction
    task: Resource | None = None
    extras: Sequence[Resource] = ()
    known: Mapping[Key, str] | None = None
    category: str | None = None
    part: str | None = None


@dataclass(frozen=True, slots=True)
class PartnerBundle:
    """A transaction Bundle, and which resource of ours each fullUrl is.

    ``client``: the Patient as the partner should have it, when the partner has it already and the Bundle does not
    bring it.
    """

    bundle: Resource
    ours: Mapping[str, Key]
    client: Resource | None = None


def alias(person: str, partner: str) -> str:
    """The pseudonymous id by which one partner knows a person; of no use to another partner."""
    return str(uuid.uuid5(uuid.UUID(person), partner))


def pack(contents: OutgoingReferral, partner: Partner, titles: Mapping[str, str]) -> PartnerBundle:
    """Pack what the partner may see and lacks.

    Args:
        contents: what there is.
        partner: who gets it.
        titles: names of the organisations behind partners, by the partner's name.
    """
    mapped = _map(contents, partner, titles)
    known = contents.known or {}
    roles = _roles(contents)
    ours = {url: roles[role] for role, url in mapped.roles.items() if role in roles}
    left_out = _left_out(contents, mapped)
    there = {url: known[key] for url, key in ours.items() if key in known}
    target = _target(contents, mapped, there, left_out)
    entries = [
        entry | {"resource": rewrite(entry["resource"], target)}
        for entry in mapped.bundle["entry"]
        if entry["fullUrl"] not in there and entry["fullUrl"] not in left_out
    ]
    for extra in contents.extras:
        key = (extra["resourceType"], extra["id"])
        if key not in known:
            entries.append(entry_of(extra, target))
            ours[entries[-1]["fullUrl"]] = key
    kept = {entry["fullUrl"] for entry in entries}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    client = _resource(mapped, "patient") if mapped.roles["patient"] in there else None
    return PartnerBundle(
        bundle,
        {url: key for url, key in ours.items() if url in kept},
        None if client is None else rewrite(client, target),
    )


def entry_of(resource: Resource, target: Callable[[str], str | None]) -> Resource:
    """A conditional create of a resource of ours, its references carried over."""
    body = {name: value for name, value in rewrite(resource, target).items() if name != "id"}
    meta = {name: value for name, value in body.get("meta", {}).items() if name not in {"versionId", "lastUpdated"}}
    body = {"resourceType": body["resourceType"]} | ({"meta": meta} if meta else {}) | _without(body, "meta")
    condition = f"identifier={_handle(resource)}"
    return {
        "fullUrl": f"urn:uuid:{resource['id']}",
        "resource": body,
        "request": {"method": "POST", "url": resource["resourceType"], "ifNoneExist": condition},
    }


def _resource(mapped: Mapped, role: str) -> Resource:
    found: Resource = next(
        entry["resource"] for entry in mapped.bundle["entry"] if entry["fullUrl"] == mapped.roles[role]
    )
    return found


def _handle(resource: Resource) -> str:
    """The identifier that finds it again: ours, or the one that it came with where its type has room for one."""
    held = resource["identifier"]
    if isinstance(held, list):
        return f"{own_identifier_system()}|{resource['id']}"
    return f"{held['system']}|{held['value']}" if "system" in held else str(held["value"])


def _map(contents: OutgoingReferral, partner: Partner, titles: Mapping[str, str]) -> Mapped:
    seen = disclose(contents.prescription, role=partner.role, custodian=partner.custodian, category=contents.category)
    if contents.part is not None:
        seen = seen.model_copy(update={"supports": ()})
    if partner.role == "recipient":
        seen = seen.model_copy(update={"service": _service_at(seen, partner, contents)})
    context = MappingContext(
        jurisdiction=contents.jurisdiction,
        guide=partner.guide,
        person=alias(contents.person, partner.name),
        scope=contents.scope if contents.part is None else f"{contents.scope}/{contents.part}",
        partners={name: OrganizationReference(name=title) for name, title in titles.items()},
    )
    mapped = to_bundle(seen, context)
    return mapped if contents.task is None or contents.part is not None else _as_try(mapped, contents.task)


def _service_at(prescription: Prescription, partner: Partner, contents: OutgoingReferral) -> Service:
    """The service as this partner is asked for it; the entry and the address of another one mean nothing to it."""
    if contents.part is not None:
        return Service(partner=partner.name)
    service = prescription.service or Service()
    changes: dict[str, Any] = {"partner": partner.name}
    elsewhere = service.partner not in {None, partner.name}
    named = service.organization.name if service.organization is not None else partner.title
    if elsewhere or named.casefold() != partner.title.casefold():
        changes |= {"organization": None, "directory_id": None}
    return service.model_copy(update=changes)


def _as_try(mapped: Mapped, task: Resource) -> Mapped:
    """The mapping with its Task as that of another try: the same Task, cut for this partner, under its own name."""
    old, new = mapped.roles["task"], f"urn:uuid:{task['id']}"
    if old == new:
        return mapped
    entries = [_renamed(entry, task) if entry["fullUrl"] == old else entry for entry in mapped.bundle["entry"]]
    return replace(mapped, bundle=mapped.bundle | {"entry": entries}, roles={**mapped.roles, "task": new})


def _renamed(entry: Resource, task: Resource) -> Resource:
    system = own_identifier_system()
    others = [one for one in entry["resource"]["identifier"] if one.get("system") != system]
    body = entry["resource"] | {
        "identifier": [{"system": system, "value": task["id"]}, *others],
        "authoredOn": task["authoredOn"],
    }
    request = entry["request"] | {"ifNoneExist": f"identifier={system}|{task['id']}"}
    return {"fullUrl": f"urn:uuid:{task['id']}", "resource": body, "request": request}


def _left_out(contents: OutgoingReferral, mapped: Mapped) -> frozenset[str]:
    roles = () if contents.part is None else PART_LEAVES_OUT
    return frozenset(mapped.roles[role] for role in roles if role in mapped.roles)


def _roles(contents: OutgoingReferral) -> Mapping[str, Key]:
    """Our resource of each role; a part's needs and goals are counted anew among those that it shows."""
    if contents.part is None:
        return contents.roles
    found = {role: key for role, key in contents.roles.items() if "/" not in role}
    for family, kept in zip(("need", "goal"), shown(contents.prescription, contents.category), strict=True):
        for position, index in enumerate(kept):
            if f"{family}/{index}" in contents.roles:
                found[f"{family}/{position}"] = contents.roles[f"{family}/{index}"]
    return found


def _target(
    contents: OutgoingReferral, mapped: Mapped, there: Mapping[str, str], left_out: frozenset[str]
) -> Callable[[str], str | None]:
    """Where a reference of ours, or of the fresh mapping, points at the partner."""
    urls = {key: mapped.roles[role] for role, key in _roles(contents).items() if role in mapped.roles}
    added = {(extra["resourceType"], extra["id"]) for extra in contents.extras}
    known = contents.known or {}

    def target(reference: str) -> str | None:
        if reference.startswith("urn:uuid:"):
            return None if reference in left_out else there.get(reference, reference)
        key = local(reference)
        if key is None:
            return reference
        if key in known:
            return known[key]
        if key in added:
            return f"urn:uuid:{key[1]}"
        url = urls.get(key)
        return None if url in left_out else url

    return target


def _without(body: Resource, name: str) -> Resource:
    return {member: value for member, value in body.items() if member != name}
