"""Sends what is queued for partners: a referral (``deliver``), later what changed of it (``update``), a message.

Each handler reads what holds at the moment of sending, hands it to the partner's network with no transaction open, and
writes what the network learned in the transaction that settles the job. A network that is part of our own database
does its work in that transaction, over what holds then.
"""

import functools
from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from footbridge import traces
from footbridge.errors import NotFoundError, PartnerRefused
from footbridge.i18n import _
from footbridge.jobs.job import Failure, Job, Result
from footbridge.model.clock import Clock
from footbridge.model.principals import Principal
from footbridge.partners.networks import Networks
from footbridge.partners.ports import Forwards, LocalNetwork, Network, Outgoing, Sent, SharedRecords
from footbridge.referrals import delivery_notes, documents
from footbridge.referrals.consent import is_over
from footbridge.referrals.deadlines import set_response_deadline
from footbridge.referrals.forwarding import reason_of_forward
from footbridge.referrals.inbound import receive
from footbridge.referrals.messages import has_documents, message_of
from footbridge.referrals.outgoing import outgoing_for, updates_for
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, open_unit, read_unit
from footbridge.security.disclosure import without_client
from footbridge.store import resource_rows
from footbridge.store.deliveries import mark_delivered
from footbridge.store.engine import Database
from footbridge.store.network_context import WHOLE, put_context
from footbridge.store.partners import Partner
from footbridge.store.resource_rows import Scope

UNAUTHORIZED = 401  # of HTTP: about the credential, not about what was sent
OUTBOX = Principal("system", name="footbridge", channel="outbox")

Make = Callable[[PrescriptionUnit], Sequence[Outgoing]]
Done = Sequence[tuple[Outgoing, Sent]]
Act = Callable[[Network, Sequence[Outgoing]], Done]


class Delivery:
    """The handlers of messages to partners."""

    def __init__(self, database: Database, clock: Clock, networks: Networks) -> None:
        self._database = database
        self._clock = clock
        self._networks = networks

    def deliver(self, job: Job) -> Result | None:
        """Bring a referral, or records made later, to a partner; nothing new is sent of what ended meanwhile.

        An earlier attempt may have arrived without our knowing: then what arrived is found, so that it can be updated.
        """

        def make(unit: PrescriptionUnit) -> Sequence[Outgoing]:
            row = unit.row(job.payload["referral"])
            outgoing = outgoing_for(unit, unit.partners[job.partner or ""], row, job.payload["extras"])
            return [] if outgoing.ended and job.is_first_claim else [outgoing]

        return self._run(job, make, _each(lambda network, outgoing: network.deliver(outgoing)), self._delivered)

    def update(self, job: Job) -> Result | None:
        """Bring a partner's copies up to date, referral by referral; what it changed meanwhile is processed first.

        Of a referral that ended goes how it ended, and nothing of the client.
        """

        def make(unit: PrescriptionUnit) -> Sequence[Outgoing]:
            found = updates_for(unit, unit.partners[job.partner or ""])
            return [replace(one, document=without_client(one.document)) if one.ended else one for one in found]

        return self._run(job, make, _update, self._updated)

    def message(self, job: Job) -> Result | None:
        """Bring a message to a partner; where its network carries none, the referral says so."""
        reference = job.payload["message"]

        def make(unit: PrescriptionUnit) -> Sequence[Outgoing]:
            row = unit.row(job.payload["referral"])
            if documents.is_document(reference) and not documents.may_go(unit, row, reference):
                return []
            about = outgoing_for(unit, unit.partners[job.partner or ""], row, [reference])
            return [] if about.ended and is_over(unit) else [about]

        def act(network: Network, outgoing: Outgoing) -> Sent:
            if "message" not in network.carries:
                return Sent(arrived=False)
            with self._database.read() as connection:
                message = message_of(self._scope(connection, job), outgoing, reference)
            if "document" not in network.carries:
                message = replace(message, documents=())
            return network.send(message)

        try:
            return self._run(job, make, _each(act), self._carried)
        except PartnerRefused as error:
            if error.status is None or error.status == UNAUTHORIZED:
                raise  # nothing of the message: a person puts it right, and everything goes on
            return Result(functools.partial(self._not_taken, job, error), given_up=Failure.of(error))

    def forward(self, job: Job) -> Result | None:
        """Let the requester's system pass a referral on to another place of its own directory."""

        def make(unit: PrescriptionUnit) -> Sequence[Outgoing]:
            return [outgoing_for(unit, unit.partners[job.partner or ""], unit.row(job.payload["referral"]))]

        def act(network: Network, outgoing: Outgoing) -> Sent:
            if not isinstance(network, Forwards):
                raise PartnerRefused(_("The requester's network cannot forward referrals."))
            with self._database.read() as connection:
                reason = reason_of_forward(connection, job.tenant, job.payload["referral"])
            return network.forward(outgoing, job.payload["to"], reason)

        return self._run(job, make, _each(act), self._forwarded)

    def failed(self, connection: Connection, job: Job, failure: Failure) -> None:
        """A message failed and waits for a person: its prescription's timeline says so, once."""
        if job.partner is None:
            return
        try:
            with open_unit(self._scope(connection, job), job.payload["prescription"]) as unit:
                about = delivery_notes.About(job.kind, job.partner, job.payload.get("referral"))
                delivery_notes.note_failed(unit, OUTBOX, about, failure.code)
        except NotFoundError:
            return  # nothing is left that it could be about

    def _run(self, job: Job, make: Make, act: Act, record: Callable[[Job, Connection, Done], None]) -> Result | None:
        with self._database.read() as connection:
            unit = read_unit(self._scope(connection, job), job.payload["prescription"])
            partner = unit.partners[job.partner or ""]
            outgoing = make(unit)
        traces.note(network=partner.network)
        network = self._networks.of(job.tenant, partner)
        if isinstance(network, LocalNetwork):
            return Result(functools.partial(self._run_within, job, network, make, act, record))
        if not outgoing:
            return None
        with traces.exchange(network=partner.network):
            sent = act(network, outgoing)
        return Result(lambda connection: record(job, connection, sent))

    def _run_within(
        self,
        job: Job,
        network: LocalNetwork,
        make: Make,
        act: Act,
        record: Callable[[Job, Connection, Done], None],
        connection: Connection,
    ) -> None:
        scope = self._scope(connection, job)
        resource_rows.lock(scope)
        outgoing = make(read_unit(scope, job.payload["prescription"]))
        if outgoing:
            record(job, connection, act(network.within(connection), outgoing))

    def _delivered(self, job: Job, connection: Connection, done: Done) -> None:
        if not _arrived(done):
            return
        with open_unit(self._scope(connection, job), job.payload["prescription"]) as unit:
            _keep(connection, done)
            partner, row = unit.partners[job.partner or ""], unit.row(job.payload["referral"])
            ended = partner.role == "recipient" and row.is_ended
            if partner.name == row.partner:
                mark_delivered(connection, job.tenant, row.id, unit.scope.now)
            if not ended:
                about = delivery_notes.About(job.kind, partner.name, row.id)
                delivery_notes.note(unit, OUTBOX, "delivered", about)
                if partner.role == "recipient":
                    set_response_deadline(unit, row.id)
                    documents.share_documents(unit)
            if ended or partner.role == "requester":
                unit.queue_update(partner.name)
            _note_lost(unit, partner, done)

    def _updated(self, job: Job, connection: Connection, done: Done) -> None:
        scope = self._scope(connection, job)
        resource_rows.lock(scope)
        _keep(connection, done)
        said = [inbound for _, sent in done for inbound in sent.inbound]
        if not said:
            delivery_notes.note_recovered(scope, OUTBOX, job)
            if any(sent.lost for _outgoing, sent in done):
                with open_unit(scope, job.payload["prescription"]) as unit:
                    _note_lost(unit, unit.partners[job.partner or ""], done)
            return
        partner = read_unit(scope, job.payload["prescription"]).partners[job.partner or ""]
        for inbound in said:
            receive(scope, partner, inbound)
        with open_unit(scope, job.payload["prescription"]) as unit:
            unit.queue_update(partner.name)

    def _carried(self, job: Job, connection: Connection, done: Done) -> None:
        scope = self._scope(connection, job)
        with open_unit(scope, job.payload["prescription"]) as unit:
            _keep(connection, done)
            partner = unit.partners[job.partner or ""]
            carries = self._networks.of(job.tenant, partner).carries if _arrived(done) else frozenset()
            reference = job.payload["message"]
            if _arrived(done):
                delivery_notes.note_recovered(scope, OUTBOX, job)
                if documents.is_document(reference):
                    documents.note_passed_on(unit, OUTBOX, job.payload["referral"], reference)
            has = {"message": True, "document": has_documents(scope, reference)}
            lost = [what for what, there in has.items() if there and what not in carries]
            if lost:
                detail = {"partner": partner.name, "partnerTitle": partner.title, "what": lost}
                unit.note(OUTBOX, "not-carried", job.payload["referral"], detail=detail)

    def _forwarded(self, job: Job, connection: Connection, done: Done) -> None:
        scope = self._scope(connection, job)
        resource_rows.lock(scope)
        _keep(connection, done)
        delivery_notes.note_recovered(scope, OUTBOX, job)

    def _not_taken(self, job: Job, error: PartnerRefused, connection: Connection) -> None:
        """The partner refused a message: a person is told, and no later update waits for it."""
        with open_unit(self._scope(connection, job), job.payload["prescription"]) as unit:
            about = delivery_notes.About(job.kind, job.partner or "", job.payload["referral"])
            delivery_notes.note(unit, OUTBOX, "delivery-failed", about, Failure.of(error).code)

    def _scope(self, connection: Connection, job: Job) -> Scope:
        return Scope(connection, job.tenant, self._clock.now())


def _each(act: Callable[[Network, Outgoing], Sent]) -> Act:
    """Act on each in turn; where the partner said something meanwhile, that is processed before the rest is sent."""

    def act_on_each(network: Network, outgoing: Sequence[Outgoing]) -> Done:
        done: list[tuple[Outgoing, Sent]] = []
        for one in outgoing:
            done.append((one, act(network, one)))
            if done[-1][1].inbound:
                break
        return done

    return act_on_each


def _update(network: Network, outgoing: Sequence[Outgoing]) -> Done:
    if isinstance(network, SharedRecords):
        return [(outgoing[0], network.update_all(outgoing))]
    return _each(lambda one, about: one.update(about))(network, outgoing)


def _note_lost(unit: PrescriptionUnit, partner: Partner, done: Done) -> None:
    """What the partner's language could not say of it."""
    lost = [words for _outgoing, sent in done for words in sent.lost]
    if lost:
        row = newest_tries(unit.rows, None)[0]
        detail = {"partner": partner.name, "partnerTitle": partner.title, "what": lost}
        unit.note(OUTBOX, "not-carried", row.id, detail=detail)


def _arrived(done: Done) -> bool:
    return all(sent.arrived for _, sent in done)


def _keep(connection: Connection, done: Done) -> None:
    """Write what the network learned, and its context: of a recipient by referral."""
    for outgoing, sent in done:
        if sent.save is not None:
            sent.save(connection)
        if sent.context is not None:
            about = outgoing.referral.id if outgoing.partner.role == "recipient" else WHOLE
            whose = (outgoing.tenant, outgoing.partner.name, outgoing.prescription)
            put_context(connection, *whose, sent.context, referral=about)
