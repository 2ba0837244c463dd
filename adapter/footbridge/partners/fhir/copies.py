"""The copies of our resources at a partner's FHIR server: which is which, what each lacks, and how we keep that."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection as Transaction

from footbridge.errors import ConflictError
from footbridge.logs import get_logger
from footbridge.mapping.references import local, rewrite
from footbridge.model.lifecycle.tables import machine
from footbridge.partners.fhir.bundle import Held, Key, PartnerBundle, resource_of
from footbridge.partners.fhir.members import content_members, fingerprint, removed_members, state_members
from footbridge.partners.fhir.server import Remote, Resource
from footbridge.partners.inbound import Report
from footbridge.partners.outgoing import REMOVED, Outgoing
from footbridge.partners.prescriptions import OWN_RECORDS
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link, delete_links, put_link
from footbridge.store.resource_rows import Scope

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Lack:
    """What a partner's copy lacks.

    Attributes:
        link: the copy.
        state: members that follow our own resource; None when the copy has them.
        content: members that follow the prescription; None when the copy has them.
        removed: the prescription no longer has it.
    """

    link: Link
    state: Resource | None
    content: Resource | None
    removed: bool = False

    def settled(self, version: str | None) -> Link:
        """The copy when it has them; ``version``: as it has become there."""
        link = self.link if version is None else replace(self.link, remote_version=version)
        if self.state is not None:
            link = replace(link, state=fingerprint(self.state))
        return link if self.content is None else replace(link, content=fingerprint(self.content))


@dataclass(slots=True)
class Changes:
    """What one update learned of the partner's copies, before it is stored.

    Attributes:
        links: copies as they are now, by our key.
        gone: copies that are there no more.
        unheard: what the partner said meanwhile.
    """

    links: dict[Key, Link] = field(default_factory=dict)
    gone: list[Link] = field(default_factory=list)
    unheard: list[Report] = field(default_factory=list)

    def learn(self, links: Iterable[Link]) -> None:
        """Copies as they are now."""
        self.links |= {(link.type, link.id): link for link in links}

    def seen_by(self, held: Held) -> Held:
        """What is held, with what was learned since it was stored."""
        gone = {(link.type, link.id) for link in self.gone}
        now = held.linked(self.links.values())
        return replace(now, links={key: link for key, link in now.links.items() if key not in gone})


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
            there = rewrite(body, lambda reference: at.get(reference, reference))
            state = _members(there, state_members(partner.role, key[0]))
            content = _members(there, content_names(partner.role, key, as_ours=key in packed.extras))
            link = Lack(link, state, content).settled(remote.version)
        yield link


def content_there(packed: PartnerBundle, remotes: Mapping[str, Remote]) -> dict[Key, Resource]:
    """What the partner had before, as it should be now; ``remotes``: where the rest of the Bundle lives since."""
    at = {url: remote.reference for url, remote in remotes.items()}

    def target(reference: str) -> str | None:
        return at.get(reference, None if reference.startswith("urn:uuid:") else reference)

    return {key: rewrite(resource, target) for key, resource in packed.content.items()}


def lacking(scope: Scope, outgoing: Outgoing, held: Held, mapped: Mapping[Key, Resource] | None) -> Iterator[Lack]:
    """What the partner's copies lack of our own state and of the prescription.

    Args:
        scope: our own compartment.
        outgoing: what the partner may know.
        held: with the links of its copies.
        mapped: what its copies should say of the prescription; None leaves their content as it is.
    """
    known, removed = held.known, _removed(outgoing)

    def to_partner(reference: str) -> str | None:
        key = local(reference)
        return reference if key is None else known.get(key)  # None: ours, and not there

    for key, link in held.links.items():
        role = outgoing.partner.role
        its_own = _wrote_itself(outgoing, key)
        if key in removed:
            if its_own:
                continue
            members = removed_members(key[0])
            if mapped is not None and link.content != fingerprint(members):
                yield Lack(link, None, members, removed=True)
            continue
        own = mapped is not None and key not in mapped and _follows_ours(outgoing, key)
        names, contents = state_members(role, key[0]), content_names(role, key, as_ours=own)
        contents = () if its_own else contents
        if contents and link.content == fingerprint(removed_members(key[0])):  # the prescription has it again
            contents = (*contents, *removed_members(key[0]))
        state = names if _concerns(outgoing, key) else ()
        ours = rewrite(resource_of(scope, key), to_partner) if state or (own and contents) else {}
        if its_own and key[0] == "Task" and ours.get("status") in machine("referral").unsent:
            ours = {**ours, "status": machine("referral").starts}  # it asked; that nothing has left is ours to know
        content = ours if own else (mapped or {}).get(key, {})
        lack = Lack(
            link,
            _other_than(link.state, ours, state),
            _other_than(link.content, content, contents) if content else None,
        )
        if lack.state is not None or lack.content is not None:
            yield lack


def content_names(role: str, key: Key, *, as_ours: bool) -> tuple[str, ...]:
    """Content members of a partner's copy: of a part, as our own store has it, those that lead nowhere else."""
    return content_members("part" if as_ours and role == "recipient" else role, key[0])


def _members(resource: Resource, names: Sequence[str]) -> Resource | None:
    return {name: resource.get(name) for name in names} if names else None


def _other_than(sent: str | None, resource: Resource, names: Sequence[str]) -> Resource | None:
    members = _members(resource, names)
    return None if members is None or fingerprint(members) == sent else members


def _concerns(outgoing: Outgoing, key: Key) -> bool:
    """Whether a partner's copy is kept current: a requester's always, a recipient's of what it was asked to do."""
    if outgoing.partner.role == "requester":
        return True
    supports = {local(one) for role, one in outgoing.records.items() if role.startswith("support/")}
    if key in supports:
        return any(one.parent is None for one in outgoing.referrals)
    return any(key in {("Task", one.key), ("ServiceRequest", one.order)} for one in outgoing.referrals)


def _follows_ours(outgoing: Outgoing, key: Key) -> bool:
    """Whether a copy says what our own resource says: a requester's does, and a recipient's of a part of a split."""
    if outgoing.partner.role == "requester":
        return True
    parts = (one for one in outgoing.referrals if one.parent is not None)
    return any(key in {("Task", one.key), ("ServiceRequest", one.order)} for one in parts)


def _wrote_itself(outgoing: Outgoing, key: Key) -> bool:
    """Whether a copy is the requester's own resource, whose content is its to write."""
    is_own = outgoing.partner.role == "requester" and outgoing.context == OWN_RECORDS
    return is_own and "/".join(key) in outgoing.records.values()


def _removed(outgoing: Outgoing) -> set[Key]:
    gone = (one for role, one in outgoing.records.items() if role.startswith(REMOVED))
    return {key for one in gone if (key := local(one)) is not None}


def pair(tenant: str, pairs: Sequence[Link], gone: Sequence[Link], connection: Transaction) -> None:
    """Keep what we learned of the partner's copies; one that the partner holds for another of ours stays that."""
    for link in pairs:
        try:
            put_link(connection, tenant, link)
        except ConflictError:
            _log.warning("link.taken", partner=link.partner, type=link.type)
    for link in gone:
        delete_links(connection, tenant, link.partner, [(link.type, link.id)])
