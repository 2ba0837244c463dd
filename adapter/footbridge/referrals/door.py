"""The door with its own transactions: for what comes from outside, by poll, webhook, message or click.

A value about a prescription that is known goes to ``inbound.receive``. A new prescription goes to ``Intake``, as one by
the API does; an amended one to ``amendment``. A value of which the partner must be asked once more (two statuses of one
moment) is read again here. What was refused is acknowledged with the reasons, and not tried again by itself.
"""

import orjson
from sqlalchemy import Connection

from footbridge.errors import ConflictError, FootbridgeError, NotFoundError, PartnerUnavailable, PrescriptionError
from footbridge.model.clock import Clock
from footbridge.partners.ports import Amendment, Change, Inbound, Network, NewPrescription, Outcome
from footbridge.referrals.amendment import amend
from footbridge.referrals.inbound import note_unheard, principal_of, receive
from footbridge.referrals.intake import Intake, Receipt
from footbridge.referrals.requester_changes import take_change
from footbridge.referrals.unit import open_unit
from footbridge.store import inbox, resource_rows
from footbridge.store.engine import Database
from footbridge.store.network_context import put_context
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import find_prescription
from footbridge.store.resource_rows import Scope


class NotAcknowledged(Exception):  # noqa: N818 - the value was processed
    """A network could not acknowledge a value that was processed."""


class Door:
    """Takes in what partners say; safe to share between threads."""

    def __init__(self, database: Database, clock: Clock, intake: Intake) -> None:
        self._database = database
        self._clock = clock
        self._intake = intake

    def receive(self, tenant: str, partner: Partner, network: Network, inbound: Inbound) -> Outcome:
        """Process one value, in a transaction of its own, and let the network acknowledge it.

        Raises NotAcknowledged where only the latter failed: the value is processed, and comes again.
        """
        outcome = self._process(tenant, partner, inbound)
        if outcome.code == "read-again" and not inbound.confirmed:
            for again in network.read_again(inbound):
                outcome = self.receive(tenant, partner, network, again)
            return outcome
        try:
            network.acknowledge(inbound, outcome)
        except PartnerUnavailable:
            raise
        except Exception as error:
            raise NotAcknowledged from error
        return outcome

    def is_set_aside(self, tenant: str, partner: Partner, inbound: Inbound) -> bool:
        """Whether a value failed so often that it waits for a person."""
        with self._database.read() as connection:
            return inbox.outcome_of(connection, tenant, partner.name, inbound.message_id) == "failed"

    def set_aside(self, tenant: str, partner: Partner, inbound: Inbound, *, after: int) -> bool:
        """Note that processing a value failed; True where that was so ``after`` times: a person is told, once."""
        with self._database.write() as connection:
            scope = Scope(connection, tenant, self._clock.now())
            if inbox.fail(connection, tenant, partner.name, inbound.message_id, scope.now) < after:
                return False
            inbox.record(connection, tenant, partner.name, inbound.message_id, "failed")
            note_unheard(scope, partner, inbound)
            return True

    def _process(self, tenant: str, partner: Partner, inbound: Inbound) -> Outcome:
        if isinstance(inbound, NewPrescription | Amendment | Change):
            if partner.role != "requester":
                return Outcome("not-ours", "Prescriptions come from requesters only.")
            if not isinstance(inbound, Change):
                return self._prescribed(tenant, partner, inbound)
        with self._database.write() as connection:
            if isinstance(inbound, Change):
                scope = Scope(connection, tenant, self._clock.now())
                resource_rows.lock(scope)
                return take_change(scope, self._intake, partner, principal_of(scope, partner, inbound), inbound)
            return receive(Scope(connection, tenant, self._clock.now()), partner, inbound)

    def _prescribed(self, tenant: str, partner: Partner, inbound: NewPrescription | Amendment) -> Outcome:
        """Take a document in. A refusal stores nothing, so that a repeat of it is decided, and gets its reasons, again.

        A conflict that waiting may solve is no refusal: it comes again with the next poll.
        """
        with self._database.read() as connection:
            before = inbox.outcome_of(connection, tenant, partner.name, inbound.message_id)
        if before not in {None, "refused", inbox.RECEIVED}:
            return Outcome("known")
        try:
            if isinstance(inbound, NewPrescription):
                return self._submit(tenant, partner, inbound)
            return self._amend(tenant, partner, inbound)
        except (PrescriptionError, ConflictError, NotFoundError) as error:
            if isinstance(error, ConflictError) and error.retry_after is not None:
                raise
            with self._database.write() as connection:
                self._record(connection, tenant, partner, inbound, "refused")
            return Outcome("refused", _words(error))

    def _submit(self, tenant: str, partner: Partner, inbound: NewPrescription) -> Outcome:
        with self._database.read() as connection:
            principal = principal_of(Scope(connection, tenant, self._clock.now()), partner, inbound)

        def keep(connection: Connection, receipt: Receipt) -> None:
            self._record(connection, tenant, partner, inbound, "applied", receipt.id)
            if inbound.remarks and receipt.created:
                with open_unit(Scope(connection, tenant, self._clock.now()), receipt.id) as unit:
                    unit.note(principal, "remarks", unit.rows[0].id, detail={"remarks": list(inbound.remarks)})
            if inbound.context is not None:
                put_context(connection, tenant, partner.name, receipt.id, inbound.context)

        receipt = self._intake.submit(inbound.document, principal, keep, holds=inbound.holds, may_hold=inbound.may_hold)
        if not receipt.created:
            with self._database.write() as connection:
                keep(connection, receipt)
        return Outcome("applied" if receipt.created else "known", status=receipt.status)

    def _amend(self, tenant: str, partner: Partner, inbound: Amendment) -> Outcome:
        with self._database.write() as connection:
            scope = Scope(connection, tenant, self._clock.now())
            status = amend(scope, self._intake, principal_of(scope, partner, inbound), inbound)
            identifier = orjson.loads(inbound.document)["identifier"]
            amended = find_prescription(connection, tenant, partner.name, (identifier["system"], identifier["value"]))
            about = None if amended is None else amended.id
            self._record(connection, tenant, partner, inbound, "applied", about)
        return Outcome("applied", status=status)

    def _record(
        self,
        connection: Connection,
        tenant: str,
        partner: Partner,
        inbound: Inbound,
        outcome: inbox.Outcome,
        prescription: str | None = None,
    ) -> None:
        message, now = inbound.message_id, self._clock.now()
        inbox.receive(connection, tenant, partner.name, message, now, prescription=prescription)
        inbox.record(connection, tenant, partner.name, inbound.message_id, outcome)


def _words(error: FootbridgeError) -> str:
    """Why, without a person's value: the rules' sentences name places, not what stands there."""
    if not isinstance(error, PrescriptionError):
        return str(error)
    return " ".join(f"{issue.pointer or '/'}: {issue.message}" for issue in error.issues if issue.is_error)
