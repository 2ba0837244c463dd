"""The copies of our resources at a partner's FHIR server: which is which, what each lacks, and how we keep that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection as Transaction

from footbridge.errors import ConflictError
from footbridge.logs import get_logger
from footbridge.mapping.references import local, rewrite
from footbridge.partners.fhir.bundle import Held, Key, PartnerBundle, resource_of
from footbridge.partners.fhir.members import content_members, content_types, fingerprint, state_members
from footbridge.partners.fhir.server import Remote, Resource
from footbridge.partners.outgoing import Outgoing
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link, put_link
from footbridge.store.resource_rows import Scope

_log = get_logger(__name__)


def links_of(partner: Partner, packed: PartnerBundle, remotes: Mapping[str, Remote]) -> Iterator[Link]:
    """What each resource of ours is at the partner now.

    Of what was there before, we know neither the version nor what it says: somebody may have written to it.
    """
    at = {url: remote.reference for url, remote in remotes.items()}
    for entry in packed.bundle["entry"]:
        url, body = entry["fullUrl"], entry["resource"]
        if url not in remotes or url not in packed.ours:
            continue
        key, remote = packed.ours[url], remotes[url]
        link = Link(partner.name, *key, remote.id)
        if remote.created:
            names = state_members(partner.role, key[0]) or content_members(partner.role, key[0])
            members = {name: body.get(name) for name in names}
            sent = fingerprint(rewrite(members, lambda reference: at.get(reference, reference)))
            link = replace(link, remote_version=remote.version, sent=sent)
        yield link


def fresh_content(packed: PartnerBundle, role: str) -> Resource | None:
    """A Bundle of what came to the prescription after it was delivered; None when nothing did."""
    types = content_types(role)
    entries = [entry for entry in packed.bundle["entry"] if entry["resource"]["resourceType"] in types]
    return packed.bundle | {"entry": entries} if entries else None


def pending(scope: Scope, outgoing: Outgoing, held: Held) -> Iterator[tuple[Link, Resource]]:
    """What the partner's copies lack of our own state: each link with the members to bring over."""
    known = held.known

    def to_partner(reference: str) -> str | None:
        key = local(reference)
        return reference if key is None else known.get(key)  # None: ours, and not there

    for key, link in held.links.items():
        names = state_members(outgoing.partner.role, key[0])
        if not names or not _concerns(outgoing, key):
            continue
        resource = resource_of(scope, key)
        members = rewrite({name: resource.get(name) for name in names}, to_partner)
        if fingerprint(members) != link.sent:
            yield link, members


def _concerns(outgoing: Outgoing, key: Key) -> bool:
    """Whether a partner's copy is kept current: a requester's always, a recipient's of what it was asked to do."""
    if outgoing.partner.role == "requester":
        return True
    supports = {local(one) for role, one in outgoing.records.items() if role.startswith("support/")}
    if key in supports:
        return any(one.parent is None for one in outgoing.referrals)
    return any(key in {("Task", one.key), ("ServiceRequest", one.order)} for one in outgoing.referrals)


def pair(tenant: str, pairs: Sequence[Link], connection: Transaction) -> None:
    """Keep what we learned of the partner's copies; one that the partner holds for another of ours stays that."""
    for link in pairs:
        try:
            put_link(connection, tenant, link)
        except ConflictError:
            _log.warning("link.taken", partner=link.partner, type=link.type)
