"""What a partner gets of a prescription in FHIR: a Bundle of what it may know and does not have yet.

The prescription was cut before it came here (``ports.Outgoing.document``) and is mapped for the partner now, so that
nothing hidden can be in it. Records made later (another try, a part, a Procedure) are ours in the store and join it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.draft import name_uuid, own_identifier_system, own_namespace
from footbridge.mapping.references import local, references, rewrite
from footbridge.mapping.split import another_try
from footbridge.model.prescription import OrganizationReference
from footbridge.model.prescription.entries import family_of
from footbridge.partners.fhir.document_reference import TYPE as DOCUMENT
from footbridge.partners.fhir.document_reference import document_of
from footbridge.partners.fhir.server import Resource
from footbridge.partners.ports import OWN_RECORDS, Outgoing
from footbridge.store import resource_rows
from footbridge.store.remote_ids import Link, links_at
from footbridge.store.resource_rows import Scope

Key = tuple[str, str]
"""Type and id of a resource of ours."""

PART_LEAVES_OUT = ("task", "service-request", "service")


@dataclass(frozen=True, slots=True)
class Held:
    """What our store holds for a delivery.

    Attributes:
        links: what the partner has of us, by our key.
        tasks: our Tasks of the referrals that it may know of, by id.
        extras: our resources that the prescription's own mapping does not make.
        own: the partner's own Patient, where it is the client of a requester.
    """

    links: Mapping[Key, Link]
    tasks: Mapping[str, Resource]
    extras: Sequence[Resource] = ()
    own: Link | None = None

    def linked(self, links: Iterable[Link]) -> "Held":
        """The same with what was learned of the partner's copies since."""
        return replace(self, links={**self.links, **{(link.type, link.id): link for link in links}})

    @property
    def known(self) -> dict[Key, str]:
        """Our key -> the partner's reference ``Type/id``."""
        found = {key: f"{link.type}/{link.remote_id}" for key, link in self.links.items()}
        if self.own is not None:
            found[self.own.type, self.own.id] = f"{self.own.type}/{self.own.remote_id}"
        return found


def read_held(scope: Scope, outgoing: Outgoing) -> Held:
    """Read what a delivery needs from our own compartment and from the links."""
    tasks = {one.key: resource_of(scope, ("Task", one.key)) for one in outgoing.referrals}
    keys = {key for reference in outgoing.records.values() if (key := local(reference)) is not None}
    keys |= {("Task", one.key) for one in outgoing.referrals}
    keys |= {("ServiceRequest", one.order) for one in outgoing.referrals if one.order is not None}
    keys |= {key for task in tasks.values() for one in references(task) if (key := local(one)) is not None}
    links = links_at(scope.connection, scope.tenant, outgoing.partner.name, sorted(keys))
    extras = [key for reference in outgoing.extras if (key := local(reference)) is not None]
    return Held(
        links={(link.type, link.id): link for link in links},
        tasks=tasks,
        extras=[_extra(scope, key, outgoing) for key in extras if outgoing.part or not is_main(outgoing, key)],
    )


def _extra(scope: Scope, key: Key, outgoing: Outgoing) -> Resource:
    """A record made later, or a document that came with the referral."""
    document = document_of(scope, key[1], outgoing) if key[0] == DOCUMENT else None
    return document or resource_of(scope, key)


def is_main(outgoing: Outgoing, key: Key) -> bool:
    """Whether a recipient's Bundle has that record already as the prescription's own Task."""
    return outgoing.partner.role == "recipient" and key == ("Task", outgoing.referral.key)


def resource_of(scope: Scope, key: Key) -> Resource:
    """The current version of a resource of ours. Raises LookupError where it is missing."""
    stored = resource_rows.current(scope, *key)
    if stored is None or stored.deleted:
        raise LookupError(f"{key[0]} of a referral is missing")
    return stored.resource


@dataclass(frozen=True, slots=True)
class PartnerBundle:
    """A transaction Bundle, and which resource of ours each fullUrl is.

    ``content``: what the partner has already, as it should be now, by our key: for members that follow the
    prescription. ``extras``: what is as our own store has it.
    """

    bundle: Resource
    ours: Mapping[str, Key]
    content: Mapping[Key, Resource]
    extras: frozenset[Key]


def pack(outgoing: Outgoing, held: Held) -> PartnerBundle:
    """Pack what the partner may know and lacks."""
    mapped = _map(outgoing, held)
    known, records = held.known, _records(outgoing)
    ours = {url: records[role] for role, url in mapped.roles.items() if role in records}
    left_out = _left_out(outgoing, mapped, held)
    there = {url: known[key] for url, key in ours.items() if key in known}
    target = _target(outgoing, held, mapped, there, left_out)
    entries = []
    content: dict[Key, Resource] = {}
    for entry in mapped.bundle["entry"]:
        url = entry["fullUrl"]
        if url in left_out:
            continue
        resource = rewrite(entry["resource"], target)
        if url in there:
            content[ours[url]] = resource
        else:
            entries.append(entry | {"resource": resource})
    for extra in held.extras:
        key = (extra["resourceType"], extra["id"])
        if key not in known:
            entries.append(entry_of(extra, target))
            ours[entries[-1]["fullUrl"]] = key
    added = [(extra["resourceType"], extra["id"]) for extra in held.extras]
    kept = {entry["fullUrl"] for entry in entries}
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return PartnerBundle(bundle, {url: key for url, key in ours.items() if url in kept}, content, frozenset(added))


def entry_of(resource: Resource, target: Callable[[str], str | None]) -> Resource:
    """A conditional create of a resource of ours, its references carried over."""
    body = {name: value for name, value in rewrite(resource, target).items() if name != "id"}
    meta = {name: value for name, value in body.get("meta", {}).items() if name not in {"versionId", "lastUpdated"}}
    others = {name: value for name, value in body.items() if name not in {"meta", "resourceType"}}
    body = {"resourceType": body["resourceType"]} | ({"meta": meta} if meta else {}) | others
    condition = f"identifier={_handle(resource)}"
    return {
        "fullUrl": f"urn:uuid:{resource['id']}",
        "resource": body,
        "request": {"method": "POST", "url": resource["resourceType"], "ifNoneExist": condition},
    }


def _handle(resource: Resource) -> str:
    """The identifier that finds it again: ours, or the one that it came with where its type has room for one."""
    held = resource["identifier"]
    if isinstance(held, list):
        return f"{own_identifier_system()}|{resource['id']}"
    return f"{held['system']}|{held['value']}" if "system" in held else str(held["value"])


def _map(outgoing: Outgoing, held: Held) -> Mapped:
    scope = f"{outgoing.namespace}/{outgoing.referral.id}" if outgoing.part else outgoing.namespace
    records = _entry_records(outgoing, scope)
    context = MappingContext(
        jurisdiction=outgoing.jurisdiction,
        guide=outgoing.partner.guide,
        person=outgoing.patient,
        scope=scope,
        partners={name: OrganizationReference(name=title) for name, title in outgoing.titles.items()},
        narrative=outgoing.narrative,
        directory=outgoing.directory,
        records=records,
        taken=frozenset(identity for _, _, identity in (one.partition("/") for one in records.values())),
    )
    mapped = to_bundle(outgoing.document, context)
    if outgoing.partner.role != "recipient" or outgoing.part:
        return mapped
    return _as_try(mapped, held.tasks[outgoing.referral.key])


def _entry_records(outgoing: Outgoing, scope: str) -> dict[str, str]:
    """The id of each need, goal, ... as its identifier at the partner has it: that of our record, wherever it stands.

    Of a part that is made of our id: the same need may be in several parts, each with a copy of its own until it is
    known which is which.
    """
    records = {role: one for role, one in outgoing.records.items() if family_of(role) is not None}
    if not outgoing.part:
        return records
    return {
        role: f"{one.partition('/')[0]}/{name_uuid(own_namespace(), f'{scope} {one}')}" for role, one in records.items()
    }


def _as_try(mapped: Mapped, task: Resource) -> Mapped:
    """The mapping with its Task as that of another try: the same Task, cut for this partner, under its own name."""
    old, new = mapped.roles["task"], f"urn:uuid:{task['id']}"
    if old == new:
        return mapped
    entries = [_renamed(entry, task) if entry["fullUrl"] == old else entry for entry in mapped.bundle["entry"]]
    return replace(mapped, bundle=mapped.bundle | {"entry": entries}, roles={**mapped.roles, "task": new})


def _renamed(entry: Resource, task: Resource) -> Resource:
    body = another_try(entry["resource"], identity=task["id"], authored=task["authoredOn"])
    request = entry["request"] | {"ifNoneExist": f"identifier={own_identifier_system()}|{task['id']}"}
    return {"fullUrl": f"urn:uuid:{task['id']}", "resource": body, "request": request}


def _left_out(outgoing: Outgoing, mapped: Mapped, held: Held) -> frozenset[str]:
    """What the partner never gets: of a part, the whole; of what a requester wrote itself, all but the follow-up."""
    if outgoing.partner.role == "requester" and outgoing.context == OWN_RECORDS:
        kept = {url for role, url in mapped.roles.items() if _records(outgoing).get(role) in held.known}
        kept.add(mapped.roles.get("follow-up", ""))
        return frozenset(entry["fullUrl"] for entry in mapped.bundle["entry"]) - kept
    roles = PART_LEAVES_OUT if outgoing.part else ()
    return frozenset(mapped.roles[role] for role in roles if role in mapped.roles)


def _records(outgoing: Outgoing) -> dict[str, Key]:
    return {role: key for role, reference in outgoing.records.items() if (key := local(reference)) is not None}


def _target(
    outgoing: Outgoing, held: Held, mapped: Mapped, there: Mapping[str, str], left_out: frozenset[str]
) -> Callable[[str], str | None]:
    """Where a reference of ours, or of the fresh mapping, points at the partner."""
    urls = {key: mapped.roles[role] for role, key in _records(outgoing).items() if role in mapped.roles}
    added = {(extra["resourceType"], extra["id"]) for extra in held.extras}
    known = held.known

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
