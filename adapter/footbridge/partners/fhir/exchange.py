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
from datetime import datetime, timedelta

from sqlalchemy import Connection as Transaction

from footbridge.errors import PartnerError, PartnerRefused, PartnerUnavailable
from footbridge.i18n import _
from footbridge.logs import get_logger
from footbridge.mapping.references import local
from footbridge.model.clock import Clock
from footbridge.model.lifecycle.tables import machine
from footbridge.partners.fhir.bundle import Held, Key, PartnerBundle, pack, read_held
from footbridge.partners.fhir.copies import Changes, Lack, content_there, lacking, links_of, pair
from footbridge.partners.fhir.inbound import Found, Reader, message_id_of
from footbridge.partners.fhir.lenient import object_in
from footbridge.partners.fhir.members import our_members
from footbridge.partners.fhir.server import Change, FhirServer, Resource, TaskReport
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
    Unreadable,
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

AHEAD = timedelta(days=1)
"""How far a partner's clock may be ahead of ours; a time beyond that is none."""

_log = get_logger(__name__)


def _timed(report: TaskReport, latest: datetime) -> TaskReport:
    """The report, without a time that has not come."""
    is_ahead = report.last_updated is not None and report.last_updated > latest
    return replace(report, last_updated=None) if is_ahead else report


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
    """A ``ports.Network`` and ``ports.SharedRecords`` over a FHIR server; safe to share between threads."""

    carries = CARRIES
    polls = True

    def __init__(self, place: Place, server: FhirServer, *, ours: str = "") -> None:
        """``server`` is that of the partner of ``place``; ``ours`` the base URL of what it has with us, if anything."""
        self._place = place
        self._server = server
        self._reader = Reader(place.tenant, place.partner, server, place.validator, ours=ours)

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
            brought += self._bring_client(outgoing, held, packed)
            held = held.linked(brought)
            remotes = self._server.deliver(packed.bundle)
            if outgoing.partner.role == "recipient":  # a requester gets an update next
                lacks = self._lacking(outgoing, held, content_there(packed, remotes))
                brought += [self._brought(replace(one, state=None)) for one in lacks if one.content is not None]
        links = [*links_of(self._place.partner, packed, remotes), *brought]
        return Sent(arrived=bool(remotes), save=functools.partial(pair, self._place.tenant, links, ()))

    def update(self, outgoing: Outgoing) -> Sent:
        """As ``Network.update``: members that are ours, at copies whose last state or content from us was another."""
        return self.update_all([outgoing])

    def update_all(self, outgoing: Sequence[Outgoing]) -> Sent:
        """As ``SharedRecords.update_all``: the state of every Task, and what each referral at work shows."""
        changes = Changes()
        for one in [*outgoing[:1], *(one for one in outgoing[1:] if not one.ended)]:
            self._update(one, changes)
            if changes.unheard:
                break
        save = functools.partial(pair, self._place.tenant, list(changes.links.values()), changes.gone)
        return Sent(save=save, inbound=tuple(changes.unheard))

    def _update(self, outgoing: Outgoing, changes: Changes) -> None:
        """Bring one referral up to date; ``changes`` has what was learned before, and gets what is learned."""
        held = changes.seen_by(self._held(outgoing))
        content: dict[Key, Resource] | None = None
        if not outgoing.ended and self._has(outgoing, held):
            own = self._own_patient(outgoing, held)
            held = replace(held, own=own)
            sent = [] if own is None else [own]
            packed = pack(outgoing, held)
            sent += self._bring_client(outgoing, held, packed)
            remotes = self._server.deliver(packed.bundle) if packed.bundle["entry"] else {}
            sent += links_of(self._place.partner, packed, remotes)
            held = held.linked(sent)
            changes.learn(sent)
            content = {} if outgoing.partner.role == "requester" else content_there(packed, remotes)
        for lack in self._lacking(outgoing, held, content):
            changes.unheard = self._unheard(lack.link)
            if changes.unheard:
                return
            if lack.removed and self._server.withdraw(lack.link.type, lack.link.remote_id, self._change(lack)):
                changes.gone.append(lack.link)
            else:
                changes.learn([lack.settled(None) if lack.removed else self._brought(lack)])

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
        reports = [_timed(one, started + AHEAD) for one in polled.reports]
        with self._place.reading() as connection:
            news = [one for one in reports if self._reader.is_new(self._place.scope(connection), one)]
        found, unread = self._read_all(news)
        newest = polled.cursor or since
        return Poll((*found, *unread), None if newest is None else min(newest, started).isoformat())

    def _read_all(self, news: Sequence[TaskReport]) -> tuple[list[Report], list[Unreadable]]:
        """What is new, in our terms, and what cannot be read: it holds up no other."""
        found: list[Report] = []
        unread: list[Unreadable] = []
        for one in news:
            try:
                found.append(self._read_in(self._reader.referenced(one), confirmed=False))
            except PartnerError:
                raise
            except Exception as error:  # noqa: BLE001 - whatever a partner wrote, its other reports count
                _log.error("inbound.failed", partner=self._place.partner.name, exception=type(error).__name__)
                unread.append(self._unreadable(one))
        return found, unread

    def _unreadable(self, report: TaskReport) -> Unreadable:
        with self._place.reading() as connection:
            key = self._reader.key_of(self._place.scope(connection), report)
        cursor = report.last_updated.isoformat() if report.last_updated else None
        return Unreadable(message_id=message_id_of(report), key=key, cursor=cursor)

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

    def _has(self, outgoing: Outgoing, held: Held) -> bool:
        """Whether the referral has arrived; of a requester, whether the prescription has."""
        if outgoing.partner.role == "recipient":
            return ("Task", outgoing.referral.key) in held.links
        return local(outgoing.records["task"]) in held.links

    def _lacking(self, outgoing: Outgoing, held: Held, mapped: dict[Key, Resource] | None) -> list[Lack]:
        with self._place.reading() as connection:
            return list(lacking(self._place.scope(connection), outgoing, held, mapped))

    def _bring_client(self, outgoing: Outgoing, held: Held, packed: PartnerBundle) -> list[Link]:
        """Bring the copy of the client up to date."""
        patients = {key: resource for key, resource in packed.content.items() if key[0] == "Patient"}
        lacks = self._lacking(outgoing, held, patients)
        return [self._brought(one) for one in lacks if one.link.type == "Patient"]

    def _brought(self, lack: Lack) -> Link:
        """Bring over what a copy lacks; the copy as it is then.

        What a requester got before we knew what it said stays as it is: its people may have written to it.
        """
        unknown = self._place.partner.role == "requester" and lack.link.content is None
        pushed = replace(lack, content=None) if unknown else lack
        if pushed.state is None and pushed.content is None:
            return lack.settled(None)
        remote = self._server.push(lack.link.type, lack.link.remote_id, self._change(pushed))
        return lack.settled(None if remote is None else remote.version)

    def _unheard(self, link: Link) -> list[Report]:
        """What the partner says of a Task that we have not heard yet."""
        if link.type != "Task":
            return []
        reports = self._server.reports([link.remote_id])
        if not reports:
            raise PartnerRefused(_("The partner no longer has this Task."), status=404)
        if reports[0].version is None or reports[0].version == link.remote_version:
            return []
        return [self._read_in(self._reader.referenced(reports[0]), confirmed=True)]

    def _change(self, lack: Lack) -> Change:
        """Brings the members over. What the recipient has ended itself is overwritten by ``entered-in-error`` only."""
        link, role = lack.link, self._place.partner.role
        wanted = our_members(link.type, lack.state, lack.content)

        def change(remote: Resource) -> Resource | None:
            version = object_in(remote.get("meta")).get("versionId")
            if link.type == "Task" and link.remote_version is not None and version != link.remote_version:
                raise PartnerUnavailable(_("The partner changed the Task just now; that is processed first."))
            ended = link.type == "Task" and remote.get("status") in machine("referral").terminal
            if role == "recipient" and ended and (lack.state or {}).get("status") != "entered-in-error":
                return None
            return wanted(remote)

        return change
