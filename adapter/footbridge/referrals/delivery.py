"""Sends what is queued for partners: a referral (``deliver``), later what changed of it (``update``), a message.

Each handler reads what holds at the moment of sending, hands it to the partner's network with no transaction open, and
writes what the network learned in the transaction that settles the job. A network that is part of our own database
does its work in that transaction, over what holds then.
"""

import functools
from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection

from footbridge.jobs.job import Job, Result
from footbridge.model.clock import Clock
from footbridge.model.principals import Principal
from footbridge.partners.networks import Networks
from footbridge.partners.ports import LocalNetwork, Network, Outgoing, Sent
from footbridge.referrals.deadlines import set_response_deadline
from footbridge.referrals.inbound import receive
from footbridge.referrals.messages import has_documents, message_of
from footbridge.referrals.outgoing import outgoing_for, update_for
from footbridge.referrals.unit import PrescriptionUnit, open_unit, read_unit
from footbridge.store import resource_rows
from footbridge.store.engine import Database
from footbridge.store.network_context import put_context
from footbridge.store.resource_rows import Scope

OUTBOX = Principal("system", name="footbridge", channel="outbox")

Make = Callable[[PrescriptionUnit], Outgoing | None]
Act = Callable[[Network, Outgoing], Sent]


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

        def make(unit: PrescriptionUnit) -> Outgoing | None:
            row = unit.row(job.payload["referral"])
            outgoing = outgoing_for(unit, unit.partners[job.partner or ""], row, job.payload["extras"])
            return None if outgoing.ended and job.is_first_claim else outgoing

        return self._run(job, make, lambda network, outgoing: network.deliver(outgoing), self._delivered)

    def update(self, job: Job) -> Result | None:
        """Bring a partner's copies up to date; what the partner changed meanwhile is processed first."""

        def make(unit: PrescriptionUnit) -> Outgoing | None:
            return update_for(unit, unit.partners[job.partner or ""])

        return self._run(job, make, lambda network, outgoing: network.update(outgoing), self._updated)

    def message(self, job: Job) -> Result | None:
        """Bring a message to a partner; where its network carries none, the referral says so."""
        reference = job.payload["message"]

        def make(unit: PrescriptionUnit) -> Outgoing | None:
            row = unit.row(job.payload["referral"])
            return outgoing_for(unit, unit.partners[job.partner or ""], row, [reference])

        def act(network: Network, outgoing: Outgoing) -> Sent:
            if "message" not in network.carries:
                return Sent(arrived=False)
            with self._database.read() as connection:
                message = message_of(self._scope(connection, job), outgoing, reference)
            if "document" not in network.carries:
                message = replace(message, documents=())
            return network.send(message)

        return self._run(job, make, act, self._carried)

    def _run(self, job: Job, make: Make, act: Act, record: Callable[[Job, Connection, Sent], None]) -> Result | None:
        with self._database.read() as connection:
            unit = read_unit(self._scope(connection, job), job.payload["prescription"])
            partner = unit.partners[job.partner or ""]
            outgoing = make(unit)
        network = self._networks.of(job.tenant, partner)
        if isinstance(network, LocalNetwork):
            return Result(functools.partial(self._run_within, job, network, make, act, record))
        if outgoing is None:
            return None
        sent = act(network, outgoing)
        return Result(lambda connection: record(job, connection, sent))

    def _run_within(
        self,
        job: Job,
        network: LocalNetwork,
        make: Make,
        act: Act,
        record: Callable[[Job, Connection, Sent], None],
        connection: Connection,
    ) -> None:
        scope = self._scope(connection, job)
        resource_rows.lock(scope)
        outgoing = make(read_unit(scope, job.payload["prescription"]))
        if outgoing is not None:
            record(job, connection, act(network.within(connection), outgoing))

    def _delivered(self, job: Job, connection: Connection, sent: Sent) -> None:
        if not sent.arrived:
            return
        with open_unit(self._scope(connection, job), job.payload["prescription"]) as unit:
            self._keep(job, connection, sent)
            partner, row = unit.partners[job.partner or ""], unit.row(job.payload["referral"])
            ended = partner.role == "recipient" and row.is_ended
            if not ended:
                unit.note(OUTBOX, "delivered", row.id, detail={"partner": partner.name, "partnerTitle": partner.title})
                if partner.role == "recipient":
                    set_response_deadline(unit, row.id)
            if ended or partner.role == "requester":
                unit.queue_update(partner.name)

    def _updated(self, job: Job, connection: Connection, sent: Sent) -> None:
        scope = self._scope(connection, job)
        resource_rows.lock(scope)
        self._keep(job, connection, sent)
        if not sent.inbound:
            return
        partner = read_unit(scope, job.payload["prescription"]).partners[job.partner or ""]
        for inbound in sent.inbound:
            receive(scope, partner, inbound)
        with open_unit(scope, job.payload["prescription"]) as unit:
            unit.queue_update(partner.name)

    def _carried(self, job: Job, connection: Connection, sent: Sent) -> None:
        scope = self._scope(connection, job)
        with open_unit(scope, job.payload["prescription"]) as unit:
            self._keep(job, connection, sent)
            partner = unit.partners[job.partner or ""]
            carries = self._networks.of(job.tenant, partner).carries if sent.arrived else frozenset()
            has = {"message": True, "document": has_documents(scope, job.payload["message"])}
            lost = [what for what, there in has.items() if there and what not in carries]
            if lost:
                detail = {"partner": partner.name, "partnerTitle": partner.title, "what": lost}
                unit.note(OUTBOX, "not-carried", job.payload["referral"], detail=detail)

    def _keep(self, job: Job, connection: Connection, sent: Sent) -> None:
        if sent.save is not None:
            sent.save(connection)
        if sent.context is not None:
            put_context(connection, job.tenant, job.partner or "", job.payload["prescription"], sent.context)

    def _scope(self, connection: Connection, job: Job) -> Scope:
        return Scope(connection, job.tenant, self._clock.now())
