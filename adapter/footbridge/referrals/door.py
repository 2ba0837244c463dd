"""The door with its own transactions: for what comes from outside, by poll, webhook, message or click.

A value about a prescription that is known goes to ``inbound.receive``. A new prescription goes to ``Intake``, as one by
the API does; an amended one to ``amendment``. A value of which the partner must be asked once more (two statuses of one
moment) is read again here. What was refused is acknowledged with the reasons, and never tried again.
"""

from sqlalchemy import Connection

from footbridge.errors import ConflictError, PrescriptionError
from footbridge.model.clock import Clock
from footbridge.partners.ports import Amendment, Inbound, Network, NewPrescription, Outcome
from footbridge.referrals.amendment import amend
from footbridge.referrals.inbound import principal_of, receive
from footbridge.referrals.intake import Intake, Receipt
from footbridge.store import inbox
from footbridge.store.engine import Database
from footbridge.store.network_context import put_context
from footbridge.store.partners import Partner
from footbridge.store.resource_rows import Scope


class Door:
    """Takes in what partners say; safe to share between threads."""

    def __init__(self, database: Database, clock: Clock, intake: Intake) -> None:
        self._database = database
        self._clock = clock
        self._intake = intake

    def receive(self, tenant: str, partner: Partner, network: Network, inbound: Inbound) -> Outcome:
        """Process one value, in a transaction of its own, and tell the network what became of it."""
        outcome = self._process(tenant, partner, inbound)
        if outcome.code == "read-again" and not inbound.confirmed:
            for again in network.read_again(inbound):
                outcome = self.receive(tenant, partner, network, again)
            return outcome
        network.acknowledge(inbound, outcome)
        return outcome

    def _process(self, tenant: str, partner: Partner, inbound: Inbound) -> Outcome:
        if isinstance(inbound, NewPrescription):
            return self._submit(tenant, partner, inbound)
        with self._database.write() as connection:
            scope = Scope(connection, tenant, self._clock.now())
            if isinstance(inbound, Amendment):
                return self._amend(scope, partner, inbound)
            return receive(scope, partner, inbound)

    def _submit(self, tenant: str, partner: Partner, inbound: NewPrescription) -> Outcome:
        with self._database.read() as connection:
            scope = Scope(connection, tenant, self._clock.now())
            if inbox.is_known(connection, tenant, partner.name, inbound.message_id):
                return Outcome("known")
            principal = principal_of(scope, partner, inbound)

        def keep(connection: Connection, receipt: Receipt) -> None:
            inbox.receive(connection, tenant, partner.name, inbound.message_id, self._clock.now())
            inbox.record(connection, tenant, partner.name, inbound.message_id, "applied")
            if inbound.context is not None:
                put_context(connection, tenant, partner.name, receipt.id, inbound.context)

        try:
            receipt = self._intake.submit(inbound.document, principal, keep)
        except (PrescriptionError, ConflictError) as error:
            return self._refused(tenant, partner, inbound, error)
        return Outcome("applied" if receipt.created else "known", status=receipt.status)

    def _amend(self, scope: Scope, partner: Partner, inbound: Amendment) -> Outcome:
        if not inbox.receive(scope.connection, scope.tenant, partner.name, inbound.message_id, scope.now):
            return Outcome("known")
        try:
            status = amend(scope, self._intake, principal_of(scope, partner, inbound), inbound)
            outcome = Outcome("applied", status=status)
        except (PrescriptionError, ConflictError) as error:
            outcome = Outcome("refused", _words(error))
        recorded: inbox.Outcome = "applied" if outcome.code == "applied" else "refused"
        inbox.record(scope.connection, scope.tenant, partner.name, inbound.message_id, recorded)
        return outcome

    def _refused(
        self, tenant: str, partner: Partner, inbound: Inbound, error: PrescriptionError | ConflictError
    ) -> Outcome:
        with self._database.write() as connection:
            if inbox.receive(connection, tenant, partner.name, inbound.message_id, self._clock.now()):
                inbox.record(connection, tenant, partner.name, inbound.message_id, "refused")
        return Outcome("refused", _words(error))


def _words(error: PrescriptionError | ConflictError) -> str:
    """Why, without a person's value: the rules' sentences name places, not what stands there."""
    if isinstance(error, ConflictError):
        return str(error)
    return " ".join(f"{issue.pointer or '/'}: {issue.message}" for issue in error.issues if issue.is_error)
