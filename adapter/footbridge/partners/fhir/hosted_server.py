"""The FHIR server as one caller finds it: a hosted partner in its compartment, or anybody else.

Cheap to make, so each request has one of its own; ``fhirserver`` answers, the tables of ``hosted_offer`` say what there
is, and ``hosted_writes`` judges what is written.
"""

from dataclasses import dataclass

from footbridge.fhirserver import FhirServer, Operation
from footbridge.fhirserver.scoped_offer import within_scopes
from footbridge.model.clock import Clock
from footbridge.partners.fhir.hosted_conformance import Inspection
from footbridge.partners.fhir.hosted_offer import hosted_offer, other_offer
from footbridge.partners.fhir.hosted_writes import HostedWrites, Receive
from footbridge.partners.ports import Prescriptions
from footbridge.security.audit import AuditWriter, Call
from footbridge.security.audited_store import AuditedStore
from footbridge.store.beside import Beside
from footbridge.store.engine import Database
from footbridge.store.partners import Partner
from footbridge.store.resources import ResourceStore
from footbridge.validation import Validator


@dataclass(frozen=True, slots=True)
class Hosting:
    """What the servers of one process share.

    Attributes:
        database: with the compartments.
        clock: the time that everything goes by.
        validator: for what partners write.
        receive: the door of the workflow.
        operations: that everybody may call.
        prescriptions: the intake, for what requesters prescribe.
        audit: stores what was read; without it, and where nobody calls, nothing is noted.
        beside: what every partner reads besides its compartment: the directory.
    """

    database: Database
    clock: Clock
    validator: Validator
    receive: Receive
    operations: tuple[Operation, ...] = ()
    prescriptions: Prescriptions | None = None
    audit: AuditWriter | None = None
    beside: Beside | None = None

    def of_partner(self, tenant: str, partner: Partner, base_url: str, call: Call | None = None) -> FhirServer:
        """The server of a hosted partner, as far as the scopes of its token go; ``call``: as the audit notes it."""
        inspection = Inspection(self.validator, partner.conformance)
        policy = HostedWrites(tenant, partner, self.clock, self.validator, self.receive, inspection, self.prescriptions)
        store = self._store(tenant, partner.name, base_url, call).showing(self.beside)
        scopes = None if call is None else call.principal.scopes
        offer = within_scopes(hosted_offer(partner.role, self.operations), scopes)
        return FhirServer(offer, base_url, store, policy, inspect=inspection)

    def _store(self, tenant: str, compartment: str, base_url: str, call: Call | None) -> ResourceStore:
        if call is None or self.audit is None:
            return ResourceStore(self.database, tenant, self.clock, base_url, compartment=compartment)
        return AuditedStore(self.database, self.clock, base_url, compartment=compartment, call=call, writer=self.audit)

    def of_others(self, base_url: str) -> FhirServer:
        """The server of everybody who is no hosted partner."""
        return FhirServer(other_offer(self.operations), base_url)
