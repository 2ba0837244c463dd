"""Sends what is owed: a referral to a partner (``deliver``), and later what changed of it (``update``).

Both read what holds at the moment of sending, talk to the partner with no transaction open, and hand back what they
learned as a record that the worker writes when it settles the message. Repeating either doubles nothing: creates are
conditional on our identifiers, updates carry the state and not the step.
"""

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection

from footbridge.errors import ConflictError, PartnerRefused, PartnerUnavailable
from footbridge.jobs.handlers import Record
from footbridge.jobs.outbox import Message
from footbridge.logs import get_logger
from footbridge.mapping.references import Resource, local, rewrite
from footbridge.model.clock import Clock
from footbridge.model.lifecycle.tables import machine
from footbridge.model.principals import Principal
from footbridge.partners.fhir.push import our_members
from footbridge.partners.networks import Networks
from footbridge.partners.ports import Network, Remote
from footbridge.referrals import reassignment
from footbridge.referrals.demographics import at_work, with_newest_client
from footbridge.referrals.inbound import InboundReport, process_report, referenced
from footbridge.referrals.outgoing import OutgoingReferral, PartnerBundle, pack
from footbridge.referrals.patient_match import find_own_patient, with_known
from footbridge.referrals.resource_edits import mirrored
from footbridge.referrals.response_deadline import set_response_deadline
from footbridge.referrals.rows import ReferralRow
from footbridge.referrals.supports import supports
from footbridge.referrals.unit import Key, PrescriptionUnit, open_unit, read_unit
from footbridge.store import resource_rows
from footbridge.store.engine import Database
from footbridge.store.partners import Partner
from footbridge.store.remote_ids import Link, links_at, put_link
from footbridge.store.resource_rows import Scope
from footbridge.validation import Validator

FIRST_CLAIM = 1  # the fence of a message that was never sent before

_log = get_logger(__name__)


class Delivery:
    """The handlers of the outbox."""

    def __init__(self, database: Database, clock: Clock, networks: Networks, validator: Validator) -> None:
        self._database = database
        self._clock = clock
        self._networks = networks
        self._validator = validator

    def deliver(self, message: Message) -> Record | None:
        """Bring a referral, or resources made later, to a partner; nothing is sent of what ended meanwhile.

        An earlier try may have arrived without our knowing: then what arrived is found, so that it hears of the end.
        """
        with self._database.read() as connection:
            unit = read_unit(Scope(connection, message.tenant, self._clock.now()), message.payload["prescription"])
            partner = unit.partners[message.partner]
            row = unit.row(message.payload["referral"])
            over = partner.role == "recipient" and not at_work(row)
            if over and message.fence == FIRST_CLAIM:
                return None
            known = _known(unit, partner)
            contents = _contents(unit, partner, row, message.payload["extras"], known)
        network = self._networks.of(message.tenant, partner)
        own = find_own_patient(network, partner, contents)
        parcel = pack(contents if own is None else with_known(contents, own), partner, _titles(unit))
        if not parcel.bundle["entry"]:
            return None
        # First what is known of the client by now: whoever reads the new Task reads the Patient of today.
        client = own if over or own is not None else _bring_client(network, partner, parcel, known)
        remotes = network.find(parcel.bundle) if over else network.deliver(parcel.bundle)
        return functools.partial(_delivered, message, _Arrival(partner, parcel, remotes, client, over), self._clock)

    def update(self, message: Message) -> Record | None:
        """Bring the partner's copies up to date; what the partner changed meanwhile is heard first."""
        with self._database.read() as connection:
            unit = read_unit(Scope(connection, message.tenant, self._clock.now()), message.payload["prescription"])
            partner = unit.partners[message.partner]
            known = _known(unit, partner)
            pending = _pending(unit, partner, known)
            asked = next((row for row in unit.rows if row.partner == partner.name and at_work(row)), None)
            contents = None if asked is None else _contents(unit, partner, asked, [], known)
        parcel = None if contents is None else pack(contents, partner, _titles(unit))
        network = self._networks.of(message.tenant, partner)
        sent: list[Link] = []
        if parcel is not None and (client := _bring_client(network, partner, parcel, known)) is not None:
            sent.append(client)
        for link, members in pending:
            unheard = _unheard(network, link)
            if unheard is not None:
                return functools.partial(self._hear_first, message, partner, unheard, sent)
            version = _push(network, partner, link, members)
            sent.append(replace(link, remote_version=version or link.remote_version, sent=_fingerprint(members)))
        return functools.partial(_pair, message.tenant, sent) if sent else None

    def _hear_first(
        self, message: Message, partner: Partner, said: InboundReport, sent: Sequence[Link], connection: Connection
    ) -> None:
        scope = Scope(connection, message.tenant, self._clock.now())
        resource_rows.lock(scope)
        _pair(message.tenant, sent, connection)
        process_report(scope, partner, said, self._validator)
        with open_unit(scope, message.payload["prescription"]) as unit:
            unit.tell(partner.name)


def _known(unit: PrescriptionUnit, partner: Partner) -> Mapping[Key, Link]:
    """What the partner has of us, by our key."""
    found = links_at(unit.scope.connection, unit.scope.tenant, partner.name, _keys(unit))
    return {(link.type, link.id): link for link in found}


def _keys(unit: PrescriptionUnit) -> list[Key]:
    """Every resource of ours that belongs to the prescription, made with it or later."""
    keys = {key for reference in unit.prescription.resources.values() if (key := local(reference)) is not None}
    for row in unit.rows:
        keys.add(("Task", row.task))
        if row.service_request is not None:
            keys.add(("ServiceRequest", row.service_request))
    return sorted(keys | set(unit.later_keys()))


def _contents(
    unit: PrescriptionUnit, partner: Partner, row: ReferralRow, extras: Sequence[str], known: Mapping[Key, Link]
) -> OutgoingReferral:
    keys = [key for reference in extras if (key := local(reference)) is not None]
    roles = {name: key for name in unit.prescription.resources if (key := unit.role(name)) is not None}
    task = None
    if partner.role == "recipient":
        task = unit.resource(("Task", row.task))
        roles |= {"partner": reassignment.organization_key(unit, partner.name), "task": ("Task", row.task)}
    return OutgoingReferral(
        prescription=unit.prescription.document if partner.role == "requester" else with_newest_client(unit),
        roles=roles,
        person=unit.patient,
        scope=unit.namespace,
        jurisdiction=unit.jurisdiction,
        task=task,
        extras=[unit.resource(key) for key in keys if row.parent is not None or task is None],
        known={key: f"{link.type}/{link.remote_id}" for key, link in known.items()},
        category=row.category if partner.role == "recipient" else None,
        part=row.id if row.parent is not None and partner.role == "recipient" else None,
    )


def _titles(unit: PrescriptionUnit) -> Mapping[str, str]:
    return {name: one.title for name, one in unit.partners.items()}


@dataclass(frozen=True, slots=True)
class _Arrival:
    """What is at the partner now. ``over``: the referral had ended, so that it was only looked for.

    ``client``: the Patient that was there before, and was brought up to date or found to be the partner's own.
    """

    partner: Partner
    parcel: PartnerBundle
    remotes: Mapping[str, Remote]
    client: Link | None
    over: bool


def _delivered(message: Message, arrival: _Arrival, clock: Clock, connection: Connection) -> None:
    partner = arrival.partner
    made = [*_links(arrival), *([] if arrival.client is None else [arrival.client])]
    with open_unit(Scope(connection, message.tenant, clock.now()), message.payload["prescription"]) as unit:
        _pair(message.tenant, made, connection)
        if not arrival.over:
            principal = Principal("system", name="footbridge", channel="outbox")
            unit.note(principal, "delivered", message.payload["referral"], reason=partner.title)
            if partner.role == "recipient":
                set_response_deadline(unit, message.payload["referral"])
        if arrival.over or partner.role == "requester":
            unit.tell(partner.name)


def _links(arrival: _Arrival) -> Iterator[Link]:
    """What each resource of ours is at the partner now.

    Of what was there before, we know neither the version nor what it says: somebody may have written to it.
    """
    partner, remotes = arrival.partner, arrival.remotes
    at = {url: remote.reference for url, remote in remotes.items()}
    for entry in arrival.parcel.bundle["entry"]:
        url, body = entry["fullUrl"], entry["resource"]
        if url not in remotes or url not in arrival.parcel.ours:
            continue
        link = Link(partner.name, *arrival.parcel.ours[url], remotes[url].id)
        if remotes[url].created:
            members = {name: body.get(name) for name in mirrored(partner.role, link.type)}
            sent = _fingerprint(rewrite(members, lambda reference: at.get(reference, reference)))
            link = replace(link, remote_version=remotes[url].version, sent=sent)
        yield link


def _pending(unit: PrescriptionUnit, partner: Partner, known: Mapping[Key, Link]) -> list[tuple[Link, Resource]]:
    """What the partner's copies lack: each link with the members to bring over."""

    def to_partner(reference: str) -> str | None:
        key = local(reference)
        if key is None:
            return reference  # another server's
        return f"{key[0]}/{known[key].remote_id}" if key in known else None

    found = []
    for key, link in known.items():
        names = mirrored(partner.role, key[0])
        if not names or key[0] == "Patient" or not _concerns(unit, partner, key):
            continue
        resource = unit.resource(key)
        members = rewrite({name: resource.get(name) for name in names}, to_partner)
        if _fingerprint(members) != link.sent:
            found.append((link, members))
    return found


def _bring_client(network: Network, partner: Partner, parcel: PartnerBundle, known: Mapping[Key, Link]) -> Link | None:
    """Bring the Patient that the partner has up to date; the link as it is then, None where nothing was to do."""
    names = mirrored(partner.role, "Patient")
    link = next((link for key, link in known.items() if key[0] == "Patient"), None)
    if parcel.client is None or link is None or not names:
        return None
    members = {name: parcel.client.get(name) for name in names}
    if _fingerprint(members) == link.sent:
        return None
    version = _push(network, partner, link, members)
    return replace(link, remote_version=version or link.remote_version, sent=_fingerprint(members))


def _concerns(unit: PrescriptionUnit, partner: Partner, key: Key) -> bool:
    """Whether a partner's copy is kept current: the record's always, a recipient's of what it was asked to do."""
    if partner.role == "requester":
        return True
    asked = [row for row in unit.rows if row.partner == partner.name]
    if key in supports(unit):
        return any(row.parent is None for row in asked)
    return any(key in {("Task", row.task), ("ServiceRequest", row.service_request)} for row in asked)


def _unheard(network: Network, link: Link) -> InboundReport | None:
    """What the partner says of a Task that we have not heard yet."""
    if link.type != "Task":
        return None
    reports = network.reports([link.remote_id])
    if not reports:
        raise PartnerRefused("The partner has this Task no more.", status=404)
    report = reports[0]
    if report.version is None or report.version == link.remote_version:
        return None
    return InboundReport(report, referenced(network, report), confirmed=True)  # it was read just now


def _push(network: Network, partner: Partner, link: Link, members: Resource) -> str | None:
    """Bring the members over. What the recipient has ended itself is written over by ``entered-in-error`` alone."""
    wanted = our_members({"resourceType": link.type, **members})

    def change(remote: Resource) -> Resource | None:
        version = remote.get("meta", {}).get("versionId")
        if link.type == "Task" and link.remote_version is not None and version != link.remote_version:
            raise PartnerUnavailable("The partner changed the Task just now; that is heard first.")
        ended = remote.get("status") in machine("referral").terminal
        if partner.role == "recipient" and ended and members["status"] != "entered-in-error":
            return None
        return wanted(remote)

    remote = network.push(link.type, link.remote_id, change)
    return remote.version if remote is not None else None


def _pair(tenant: str, pairs: Sequence[Link], connection: Connection) -> None:
    """Keep what we learned of the partner's copies; one that the partner holds for another of ours stays that."""
    for link in pairs:
        try:
            put_link(connection, tenant, link)
        except ConflictError:
            _log.warning("link.taken", partner=link.partner, type=link.type)


def _fingerprint(members: Any) -> str:  # noqa: ANN401 - JSON
    return hashlib.sha256(orjson.dumps(members, option=orjson.OPT_SORT_KEYS)).hexdigest()
