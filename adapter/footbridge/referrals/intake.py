"""Takes a prescription in: accept, map, validate, store and queue what goes out, the last two in one transaction.

Nothing is stored unless everything is in order.
"""

import contextlib
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from footbridge.errors import ConflictError
from footbridge.jobs.queue import JobQueue
from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.references import Resource
from footbridge.mapping.validate_input import Accepted, accept
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue
from footbridge.model.prescription import OrganizationReference, Prescription
from footbridge.model.principals import Principal
from footbridge.referrals import reassignment
from footbridge.referrals.client_updates import propagate_client
from footbridge.referrals.demographics import contact_warnings, said_of
from footbridge.referrals.mapping_check import MappingCheck
from footbridge.referrals.new_prescription import StoredResources, fingerprint, new_prescription_row, new_referral
from footbridge.referrals.routing import first_partner
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, status_of
from footbridge.security.access import requester_of
from footbridge.store import resource_rows
from footbridge.store.clients import KnownClient, find_client, pseudonym
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, list_partners
from footbridge.store.patient_ids import find_person, person_of
from footbridge.store.prepared import PreparedResource, prepare
from footbridge.store.prescriptions import add_prescription, find_prescription
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import Jurisdiction, get_tenant
from footbridge.terminology.loaded import Loaded
from footbridge.validation import Validator


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission.

    Attributes:
        id: of the prescription.
        status: as in ``mappings/prescription-status.json``.
        warnings: what a person should look at, with JSON Pointers.
        created: False when the very same prescription was there before.
    """

    id: str
    status: str
    warnings: tuple[Issue, ...]
    created: bool


ATTEMPTS = 5
Keep = Callable[[Connection, "Receipt"], None]


class _StoredMeanwhile(Exception):  # noqa: N818 - never leaves this module
    """What we read before is out of date: take the prescription in once more."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """A prescription as it was mapped, for a person of ours."""

    prescription: Prescription
    requester: str
    person: str
    client: KnownClient | None  # as this requester knew the person before
    said: KnownClient  # as this prescription says
    partners: Sequence[Partner]
    mapped: Mapped
    warnings: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is to be stored, and who is asked first."""

    unit: PrescriptionUnit
    row: ReferralRow
    partner: str | None
    prepared: Sequence[PreparedResource]
    patient: Resource | None  # to bring up to date; None for a client who is new to this requester
    said: KnownClient
    warnings: tuple[Issue, ...]


class Intake:
    """Takes prescriptions in; safe to share between threads."""

    def __init__(
        self, database: Database, clock: Clock, validator: Validator | None = None, loaded: Loaded | None = None
    ) -> None:
        """Make one a process.

        Args:
            database: migrated.
            clock: the time that everything goes by.
            validator: for what is mapped; one of its own when None.
            loaded: the user's own value sets and code systems (``footbridge terminology load``).
        """
        self._database = database
        self._clock = clock
        self._conformity = MappingCheck(validator or Validator())
        self._loaded = loaded
        self._jurisdictions: dict[str, Jurisdiction] = {}
        # Threads that compute take turns anyway. One at a time leaves the interpreter to the thread that writes, for
        # whom every other writer waits (``benchmarks/intake.py``).
        self._computing = threading.Lock()

    def submit(self, raw: bytes, principal: Principal, keep: Keep | None = None) -> Receipt:
        """Take one prescription in, or refuse it whole.

        Args:
            raw: the document as it came.
            principal: who sent it; the prescription is its requester's.
            keep: writes what the caller keeps of the receipt, in the transaction that stores the prescription;
                not called for a prescription that was here before.

        Raises:
            PrescriptionError: it has faults; every one is told.
            ConflictError: its identifier belongs to another prescription.
            MappingFault: our own mapping failed; never the sender's fault.
        """
        accepted = self.accept(raw, principal.tenant)
        for _ in range(ATTEMPTS):
            with contextlib.suppress(_StoredMeanwhile):
                return self._take(accepted, principal, keep)
        raise ConflictError("The same prescription is being stored by another request: send it again.", retry_after=1)

    def accept(self, raw: bytes, tenant: str) -> Accepted:
        """Read and check a document. Raises PrescriptionError, which names every fault."""
        jurisdiction = self._jurisdiction(tenant)
        with self._computing:
            return accept(raw, jurisdiction=jurisdiction, loaded=self._loaded)

    def check(self, resources: Iterable[Resource]) -> None:
        """Hold mapped resources to the profiles that they claim. Raises MappingFault."""
        self._conformity.check(resources)

    def _jurisdiction(self, tenant: str) -> Jurisdiction:
        """The tenant's, read once: it never changes."""
        found = self._jurisdictions.get(tenant)
        if found is None:
            with self._database.read() as connection:
                found = self._jurisdictions[tenant] = get_tenant(connection, tenant).jurisdiction
        return found

    def _take(self, accepted: Accepted, principal: Principal, keep: Keep | None) -> Receipt:
        with self._computing, self._database.read() as connection:
            scope = Scope(connection, principal.tenant, self._clock.now())
            requester = requester_of(connection, principal)
            earlier = self._earlier(scope, requester, accepted.prescription)
            plan = self._plan(scope, requester, accepted)
            if earlier is not None:
                return Receipt(earlier.id, earlier.status, plan.warnings, created=False)
            self._conformity.check(entry["resource"] for entry in plan.mapped.bundle["entry"])
            ready = self._make_ready(scope, plan)
        with self._database.write() as connection:
            receipt = self._store(Scope(connection, principal.tenant, self._clock.now()), ready, principal)
            if keep is not None:
                keep(connection, receipt)
            return receipt

    def _plan(self, scope: Scope, requester: str, accepted: Accepted) -> "_Plan":
        prescription = accepted.prescription
        known = find_person(scope.connection, scope.tenant, _identifiers(prescription))
        partners = list_partners(scope.connection, scope.tenant)
        person = known or str(uuid.uuid4())
        client = find_client(scope.connection, scope.tenant, person, requester)
        said = said_of(prescription, pseudonym(person, requester) if client is None else client.patient)
        home = next((partner for partner in partners if partner.name == requester), None)
        context = MappingContext(
            jurisdiction=accepted.jurisdiction,
            person=said.patient,
            scope=scope.tenant if home is None else home.namespace,
            partners={partner.name: OrganizationReference(name=partner.title) for partner in partners},
        )
        mapped = to_bundle(prescription, context)
        return _Plan(
            prescription, requester, person, client, said, partners, mapped, (*accepted.warnings, *mapped.warnings)
        )

    def _earlier(self, scope: Scope, requester: str, prescription: Prescription) -> PrescriptionRow | None:
        """The same prescription, taken in before; another one with its identifier is a conflict."""
        identifier = (prescription.identifier.system, prescription.identifier.value)
        found = find_prescription(scope.connection, scope.tenant, requester, identifier)
        if found is not None and found.fingerprint != fingerprint(prescription):
            raise ConflictError(
                "Another prescription has this identifier: use another identifier, or send exactly the same document."
            )
        return None if found is None else PrescriptionRow.of(found)

    def _make_ready(self, scope: Scope, plan: "_Plan") -> "_Ready":
        """Everything that does not need the write transaction, which others wait for."""
        kept = StoredResources.of(plan.mapped)
        unit = PrescriptionUnit(
            scope, new_prescription_row(plan.prescription, kept.keys, plan.person, plan.requester), [], plan.partners
        )
        partner, warning = first_partner(unit, plan.prescription)
        row = new_referral(unit, kept.keys, plan.prescription, partner)
        unit.prescription = replace(unit.prescription, status=status_of([row]))
        resources = kept.begun(row, None if partner is None else reassignment.organization(unit, partner))
        prepared = [prepare(one) for one in unit.new_among(resources)]
        warnings = (*plan.warnings, *warning, *contact_warnings(unit, plan.said))
        return _Ready(unit, row, partner, prepared, None if plan.client is None else kept.patient, plan.said, warnings)

    def _store(self, scope: Scope, ready: "_Ready", principal: Principal) -> Receipt:
        resource_rows.lock(scope)
        unit, row = ready.unit.within(scope), ready.row
        order = unit.prescription
        if person_of(scope.connection, scope.tenant, _identifiers(order.document), order.person) != order.person:
            raise _StoredMeanwhile
        try:
            add_prescription(scope.connection, scope.tenant, order.record(scope.now))
            resource_rows.put_prepared(scope, ready.prepared)
        except (ConflictError, IntegrityError) as error:  # somebody else was faster: with this identifier, a resource
            raise _StoredMeanwhile from error
        propagate_client(unit, ready.patient, ready.said)
        unit.add(row)
        unit.note(principal, "submitted", row.id, after=row.status)
        self._owe(unit, row, ready.partner)
        unit.close()
        return Receipt(order.id, order.status, ready.warnings, created=True)

    def _owe(self, unit: PrescriptionUnit, row: ReferralRow, partner: str | None) -> None:
        if unit.requester is not None:
            owner = [] if partner is None else [reassignment.organization_key(unit, partner)]
            unit.enqueue_delivery(unit.requester.name, row, owner)
        if partner is not None:
            unit.enqueue_delivery(partner, row)
        follow_up = unit.prescription.document.follow_up
        if follow_up is not None and row.due is not None:
            JobQueue(unit.scope.connection).plan(
                tenant=unit.scope.tenant, kind="follow-up", subject=row.prescription, due=row.due
            )


def _identifiers(prescription: Prescription) -> list[tuple[str, str]]:
    return [(identifier.system, identifier.value) for identifier in prescription.client.identifiers]
