"""The network ``fhir``: what goes to a partner's FHIR server and comes from it, in the terms of ``partners.ports``.

It reads what holds at the moment of sending, talks to the server with no transaction open, and hands back what it
learned for the transaction that settles the job. Repeating does no harm: creates are conditional on our identifiers,
updates carry the state and not the step. The server may be a partner's (``network``) or a compartment of ours
(``hosted``).
"""

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection as Transaction

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.logs import get_logger
from footbridge.mapping.references import local
from footbridge.model.clock import Clock
from footbridge.model.lifecycle.tables import machine
from footbridge.partners.fhir.bundle import Held, PartnerBundle, pack, read_held
from footbridge.partners.fhir.copies import fresh_content, links_of, pair, pending
from footbridge.partners.fhir.inbound import Found, Reader
from footbridge.partners.fhir.members import (
    content_members,
    fingerprint,
    our_members,
)
from footbridge.partners.fhir.server import FhirServer, Resource, TaskReport
from footbridge.partners.ports import (
    Capability,
    Connection,
    Inbound,
    Outcome,
    Outgoing,
    OutgoingMessage,
    Poll,
    Report,
    Sent,
)
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link
from footbridge.store.resource_rows import Scope
from footbridge.validation import Validator

CARRIES: frozenset[Capability] = frozenset(
    {"referral", "status", "reason", "client", "output", "appointment", "message", "document", "cancellation"}
)
Reading = Callable[[], AbstractContextManager[Transaction]]
"""Opens a transaction to read what our store holds."""

_log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose exchange it is, and where our side of it is kept."""

    tenant: str
    partner: Partner
    reading: Reading
    clock: Clock
    validator: Validator

    def scope(self, connection: Transaction) -> Scope:
        """Our own compartment."""
        return Scope(connection, self.tenant, self.clock.now())


class FhirExchange:
    """A ``ports.Network`` over a FHIR server; safe to share between threads."""

    carries = CARRIES
    polls = True

    def __init__(self, place: Place, server: FhirServer) -> None:
        """``server`` is that of the partner of ``place``."""
        self._place = place
        self._server = server
        self._reader = Reader(place.tenant, place.partner, server, place.validator)

    def deliver(self, outgoing: Outgoing) -> Sent:
        """As ``Network.deliver``. The client is brought up to date first: whoever reads the new Task reads it as it is.

        Raises PartnerRefused also where a person has to decide which of several Patients is the client.
        """
        held = self._held(outgoing)
        own = None if outgoing.ended else self._own_patient(outgoing, held)
        held = replace(held, own=own)
        packed = pack(outgoing, held)
        if not packed.bundle["entry"]:
            return Sent(arrived=("Task", outgoing.referral.key) in held.links)
        brought = [] if own is None else [own]
        if outgoing.ended:
            remotes = self._server.find(packed.bundle)
        else:
            brought += self._bring_content(packed, held, skip=own)
            remotes = self._server.deliver(packed.bundle)
        links = [*links_of(self._place.partner, packed, remotes), *brought]
        return Sent(arrived=bool(remotes), save=functools.partial(pair, self._place.tenant, links))

    def update(self, outgoing: Outgoing) -> Sent:
        """As ``Network.update``: members that are ours, at copies whose last state or content from us was another."""
        held = self._held(outgoing)
        with self._place.reading() as connection:
            lacking = list(pending(self._place.scope(connection), outgoing, held))
        sent: list[Link] = []
        if not outgoing.ended and ("Task", outgoing.referral.key) in held.links:
            packed = pack(outgoing, held)
            sent += self._bring_content(packed, held, skip=None)
            if fresh := fresh_content(packed, self._place.partner.role):
                remotes = self._server.deliver(fresh)
                sent += list(links_of(self._place.partner, replace(packed, bundle=fresh), remotes))
        for link, members in lacking:
            unheard = self._unheard(link)
            if unheard:
                return Sent(save=functools.partial(pair, self._place.tenant, sent), inbound=tuple(unheard))
            version = self._push(link, members)
            sent.append(replace(link, remote_version=version or link.remote_version, sent=fingerprint(members)))
        return Sent(save=functools.partial(pair, self._place.tenant, sent))

    def send(self, message: OutgoingMessage) -> Sent:
        """As ``Network.send``: the Communication of ours is one of the extras of what it is about."""
        return self.deliver(message.about)

    def poll(self, cursor: str | None) -> Poll:
        """As ``Network.poll``; the cursor is a time on the partner's clock.

        A cursor ahead of our own clock is moved back to it: a partner whose clock was ahead and was set right would
        hide its changes until it came there again.
        """
        since = datetime.fromisoformat(cursor) if cursor else None
        started = self._place.clock.now()
        polled = self._server.poll(since)
        with self._place.reading() as connection:
            news = [one for one in polled.reports if self._reader.is_new(self._place.scope(connection), one)]
        found, unread = self._read_all(news)
        newest = polled.cursor or since
        if unread:  # comes again
            times = [one.last_updated for one in unread if one.last_updated is not None]
            newest = min(times) if len(times) == len(unread) else since
        return Poll(found, None if newest is None else min(newest, started).isoformat())

    def _read_all(self, news: Sequence[TaskReport]) -> tuple[tuple[Report, ...], list[TaskReport]]:
        """What is new, in our terms, and those reports that cannot be read now: these hold up no other."""
        found, unread = [], []
        for one in news:
            try:
                found.append(self._read_in(self._reader.referenced(one), confirmed=False))
            except PartnerError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a partner wrote, its other reports count
                _log.error("inbound.failed", partner=self._place.partner.name, exception=type(error).__name__)
                unread.append(one)
        return tuple(found), unread

    def read_again(self, inbound: Inbound) -> Sequence[Inbound]:
        """As ``Network.read_again``."""
        notes = inbound.notes
        remote = getattr(notes, "remote_id", None)
        reports = self._server.reports([remote]) if remote is not None else ()
        return [self._read_in(self._reader.referenced(one), confirmed=True) for one in reports]

    def acknowledge(self, inbound: Inbound, outcome: Outcome) -> None:
        """A FHIR server is answered by updates."""

    def test(self) -> Connection:
        """As ``Network.test``."""
        return self._server.test()

    def _read_in(self, found: Found, *, confirmed: bool) -> Report:
        with self._place.reading() as connection:
            return self._reader.report(self._place.scope(connection), found, confirmed=confirmed)

    def _held(self, outgoing: Outgoing) -> Held:
        with self._place.reading() as connection:
            return read_held(self._place.scope(connection), outgoing)

    def _own_patient(self, outgoing: Outgoing, held: Held) -> Link | None:
        """The pair of our Patient and a requester's own: a requester has the client already, who is never doubled."""
        key = local(outgoing.records["patient"])
        identifiers = [(one.system, one.value) for one in outgoing.document.client.identifiers]
        if outgoing.partner.role != "requester" or key is None or key in held.links or not identifiers:
            return None
        found = self._server.match_patient(identifiers)
        return None if found is None else Link(outgoing.partner.name, *key, found.id)

    def _bring_content(self, packed: PartnerBundle, held: Held, *, skip: Link | None) -> list[Link]:
        """Bring up to date what follows the prescription, such as the client; the links as they are then."""
        role = self._place.partner.role
        sent = []
        for key, resource in packed.content.items():
            link, names = held.links.get(key), content_members(role, key[0])
            if link is None or not names or (skip is not None and skip.id == key[1]):
                continue
            members = {name: resource.get(name) for name in names}
            if fingerprint(members) != link.sent:
                version = self._push(link, members)
                sent.append(replace(link, remote_version=version or link.remote_version, sent=fingerprint(members)))
        return sent

    def _unheard(self, link: Link) -> list[Report]:
        """What the partner says of a Task that we have not heard yet."""
        if link.type != "Task":
            return []
        reports = self._server.reports([link.remote_id])
        if not reports:
            raise PartnerRefused("The partner no longer has this Task.", status=404)
        if reports[0].version is None or reports[0].version == link.remote_version:
            return []
        return [self._read_in(self._reader.referenced(reports[0]), confirmed=True)]

    def _push(self, link: Link, members: Resource) -> str | None:
        """Bring the members over. What the recipient has ended itself is overwritten by ``entered-in-error`` only."""
        wanted = our_members(link.type, members)
        role = self._place.partner.role

        def change(remote: Resource) -> Resource | None:
            version = remote.get("meta", {}).get("versionId")
            if link.type == "Task" and link.remote_version is not None and version != link.remote_version:
                raise PartnerUnavailable("The partner changed the Task just now; that is processed first.")
            ended = link.type == "Task" and remote.get("status") in machine("referral").terminal
            if role == "recipient" and ended and members["status"] != "entered-in-error":
                return None
            return wanted(remote)

        remote = self._server.push(link.type, link.remote_id, change)
        return remote.version if remote is not None else None
