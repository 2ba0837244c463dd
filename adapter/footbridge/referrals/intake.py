"""Takes a prescription in: accept, map, validate, store and queue what goes out, the last two in one transaction.

Nothing is stored unless everything is in order.
"""

import contextlib
import threading
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from footbridge import traces
from footbridge.errors import ConflictError
from footbridge.i18n import Language, _
from footbridge.jobs.queue import JobQueue
from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.references import Resource
from footbridge.mapping.validate_input import Accepted, accept
from footbridge.model.clock import Clock
from footbridge.model.holds import Hold, hold_of_rule, rules_of
from footbridge.model.issues import Issue
from footbridge.model.prescription import OrganizationReference, Prescription
from footbridge.model.prescription.rules_of_consent import end_of_consent
from footbridge.model.prescription.said import is_repeat, said_document
from footbridge.model.principals import Principal
from footbridge.referrals import reassignment
from footbridge.referrals.chosen_service import chosen_service, count_unmet_need, directory_service, not_verified
from footbridge.referrals.client_updates import propagate_client
from footbridge.referrals.deadlines import set_end_of_consent
from footbridge.referrals.decided import CONSENT
from footbridge.referrals.demographics import contact_warnings, said_of
from footbridge.referrals.holds import held_by_consent, put
from footbridge.referrals.mapping_check import MappingCheck
from footbridge.referrals.new_prescription import StoredResources, new_prescription_row, new_referral
from footbridge.referrals.outgoing import disclosed_at_first
from footbridge.referrals.routing import first_partner
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.service_check import SERVICE
from footbridge.referrals.unit import Key, PrescriptionUnit, status_of
from footbridge.security.access import requester_of
from footbridge.store import resource_rows
from footbridge.store.clients import ByRequester, KnownClient, find_clients, pseudonym
from footbridge.store.engine import Database
from footbridge.store.partners import Partner, list_partners
from footbridge.store.patient_ids import find_person, person_of
from footbridge.store.prepared import PreparedResource, prepare
from footbridge.store.prescriptions import PrescriptionRecord, add_prescription, find_prescription
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


@dataclass(frozen=True, slots=True)
class Taken:
    """A prescription that was taken in: what became of it, and our reference (``Type/id``) of each role's record."""

    receipt: Receipt
    records: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What would become of a prescription that was handed in now.

    Attributes:
        prescription: as it was written.
        requester: the partner to whose record it goes whole; None where there is none.
        partner: who would be asked first; None where nobody is, or a person decides first.
        disclosed: what that partner would get.
        warnings: as in the receipt, but for those about FHIR, which no prescriber can mend.
        holds: reasons of ``mappings/holds.json`` for which nothing would leave yet.
    """

    prescription: Prescription
    requester: Partner | None
    partner: Partner | None
    disclosed: Prescription | None
    warnings: tuple[Issue, ...]
    holds: tuple[str, ...]


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
    known: ByRequester  # the person, as each requester knew it before
    said: KnownClient  # as this prescription says
    partners: Sequence[Partner]
    mapped: Mapped
    warnings: tuple[Issue, ...]
    is_stale: bool  # the service that it names was not verified for long
    held: Collection[str]  # rules whose errors put it on hold
    holds: tuple[Hold, ...]  # that its channel raises


@dataclass(frozen=True, slots=True)
class _Ready:
    """What is to be stored, and who is asked first."""

    unit: PrescriptionUnit
    row: ReferralRow
    record: PrescriptionRecord  # but for the moment of writing
    partner: str | None
    prepared: Sequence[PreparedResource]
    present: Collection[Key]  # resources that were there before: a client, a service, a professional
    patient: Resource | None  # to bring up to date; None for a client who is new to this requester
    said: KnownClient
    is_new: bool  # nobody in the tenant knew the person
    warnings: tuple[Issue, ...]
    holds: Mapping[str, Hold]  # by reason


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

    def submit(
        self,
        raw: bytes,
        principal: Principal,
        keep: Keep | None = None,
        *,
        holds: Sequence[Hold] = (),
        may_hold: Collection[str] = (),
    ) -> Receipt:
        """Take one prescription in, or refuse it whole.

        Args:
            raw: the document as it came.
            principal: who sent it; the prescription is its requester's.
            keep: writes what the caller keeps of the receipt, in the transaction that stores the prescription;
                not called for a prescription that was here before.
            holds: what has to be decided before anything of it leaves (``referrals.holds``).
            may_hold: reasons of ``mappings/holds.json``: errors of their rules put it on hold, and do not refuse it.

        Raises:
            PrescriptionError: it has faults; every one is told.
            ConflictError: its identifier belongs to another prescription.
            MappingFault: our own mapping failed; never the sender's fault.
        """
        accepted = self.accept(raw, principal.tenant, rules_of(frozenset(may_hold)))
        for _attempt in range(ATTEMPTS):
            with contextlib.suppress(_StoredMeanwhile):
                return self._take(accepted, principal, keep, tuple(holds))
        raise ConflictError(
            _("The same prescription is being stored by another request: send it again."), retry_after=1
        )

    def rehearse(self, raw: bytes, principal: Principal) -> Rehearsal:
        """Do all of ``submit`` but the storing: to show what would leave to whom. Raises as ``submit``."""
        accepted = self.accept(raw, principal.tenant)
        with self._computing, self._database.read() as connection:
            scope = Scope(connection, principal.tenant, self._clock.now())
            tenant = get_tenant(connection, principal.tenant)
            requester = requester_of(connection, principal, tenant)
            plan = self._plan(scope, requester, accepted, tenant.language, (), earlier=False)
            self._conformity.check(plan.mapped.resources, plan.mapped)
            ready = self._make_ready(scope, plan)
            unit = ready.unit
            partner = None if ready.partner is None else unit.partners[ready.partner]
            return Rehearsal(
                prescription=accepted.prescription,
                requester=unit.partners.get(requester),
                partner=partner,
                disclosed=None if partner is None else disclosed_at_first(unit, partner, ready.row),
                warnings=tuple(one for one in ready.warnings if one not in plan.mapped.warnings),
                holds=tuple(ready.holds),
            )

    def submit_within(
        self,
        scope: Scope,
        raw: bytes | Prescription,
        principal: Principal,
        *,
        holds: Sequence[Hold] = (),
        may_hold: Collection[str] = (),
    ) -> "Taken":
        """``submit`` in the caller's write transaction, of which the prescription is a part.

        Raises as ``submit``. Others wait longer than for ``submit``: of use where something else is stored with it.
        """
        accepted = self.accept(raw, principal.tenant, rules_of(frozenset(may_hold)))
        marks = resource_rows.lock(scope)
        tenant = get_tenant(scope.connection, principal.tenant)
        requester = requester_of(scope.connection, principal, tenant)
        earlier = self._earlier(scope, requester, accepted.prescription)
        plan = self._plan(scope, requester, accepted, tenant.language, tuple(holds), earlier=earlier is not None)
        if earlier is not None:
            return Taken(Receipt(earlier.id, earlier.status, plan.warnings, created=False), {})
        self._conformity.check(plan.mapped.resources, plan.mapped)
        ready = self._make_ready(scope, plan)
        return Taken(self._store(scope, ready, principal, marks), ready.unit.prescription.resources)

    def accept(self, raw: bytes | Prescription, tenant: str, holding: Collection[str] = ()) -> Accepted:
        """Read and check a document, or one that was read before. Raises PrescriptionError, which names every fault.

        ``holding``: rules whose errors put it on hold instead (``Accepted.held``).
        """
        jurisdiction = self._jurisdiction(tenant)
        with self._computing, traces.span("intake.accept"):
            return accept(raw, jurisdiction=jurisdiction, loaded=self._loaded, holding=holding)

    def check(self, resources: Iterable[Resource], mapped: Mapped | None = None) -> None:
        """Hold mapped resources to the profiles that they claim. Raises as ``MappingCheck.check``."""
        self._conformity.check(resources, mapped)

    def _jurisdiction(self, tenant: str) -> Jurisdiction:
        """The tenant's, read once: it never changes."""
        found = self._jurisdictions.get(tenant)
        if found is None:
            with self._database.read() as connection:
                found = self._jurisdictions[tenant] = get_tenant(connection, tenant).jurisdiction
        return found

    def _take(self, accepted: Accepted, principal: Principal, keep: Keep | None, holds: tuple[Hold, ...]) -> Receipt:
        with self._computing, self._database.read() as connection:
            scope = Scope(connection, principal.tenant, self._clock.now())
            tenant = get_tenant(connection, principal.tenant)
            requester = requester_of(connection, principal, tenant)
            earlier = self._earlier(scope, requester, accepted.prescription)
            plan = self._plan(scope, requester, accepted, tenant.language, holds, earlier=earlier is not None)
            if earlier is not None:
                return Receipt(earlier.id, earlier.status, plan.warnings, created=False)
            with traces.span("intake.validate"):
                self._conformity.check(plan.mapped.resources, plan.mapped)
            ready = self._make_ready(scope, plan)
        with traces.span("intake.store"), self._database.write() as connection:
            receipt = self._store(Scope(connection, principal.tenant, self._clock.now()), ready, principal)
            if keep is not None:
                keep(connection, receipt)
            return receipt

    def _plan(
        self,
        scope: Scope,
        requester: str,
        accepted: Accepted,
        narrative: Language | None,
        holds: tuple[Hold, ...],
        *,
        earlier: bool,
    ) -> "_Plan":
        prescription = accepted.prescription
        known = find_person(scope.connection, scope.tenant, _identifiers(prescription))
        partners = list_partners(scope.connection, scope.tenant)
        person = known or str(uuid.uuid4())
        clients = {} if known is None else find_clients(scope.connection, scope.tenant, person)
        client = clients.get(requester)
        said = said_of(prescription, pseudonym(person, requester) if client is None else client.patient)
        home = next((partner for partner in partners if partner.name == requester), None)
        chosen = None if earlier else chosen_service(scope.connection, scope.tenant, prescription, scope.now)
        context = MappingContext(
            directory=None if chosen is None else directory_service(chosen.document),
            jurisdiction=accepted.jurisdiction,
            person=said.patient,
            scope=scope.tenant if home is None else home.namespace,
            partners={partner.name: OrganizationReference(name=partner.title) for partner in partners},
            narrative=narrative,
        )
        with traces.span("intake.map"):
            mapped = to_bundle(prescription, context)
        return _Plan(
            prescription,
            requester,
            person,
            clients,
            said,
            partners,
            mapped,
            (*accepted.warnings, *mapped.warnings),
            is_stale=chosen is not None and chosen.is_stale,
            held=[issue.rule for issue in accepted.held],
            holds=holds,
        )

    def _earlier(self, scope: Scope, requester: str, prescription: Prescription) -> PrescriptionRow | None:
        """The same prescription, taken in before; another one with its identifier is a conflict."""
        identifier = (prescription.identifier.system, prescription.identifier.value)
        found = find_prescription(scope.connection, scope.tenant, requester, identifier)
        if found is not None and not is_repeat(prescription, found.fingerprint):
            raise ConflictError(
                _(
                    "Another prescription has this identifier: use another identifier, or send exactly the "
                    "same document."
                )
            )
        return None if found is None else PrescriptionRow.of(found)

    def _make_ready(self, scope: Scope, plan: "_Plan") -> "_Ready":
        """Everything that does not need the write transaction, which others wait for."""
        kept = StoredResources.of(plan.mapped)
        text = said_document(plan.prescription)
        order = new_prescription_row(plan.prescription, kept.keys, plan.person, plan.requester, text)
        unit = PrescriptionUnit(scope, order, [], plan.partners)
        unit.narrative = plan.mapped.context.narrative
        partner, warning = first_partner(unit, plan.prescription)
        holds = _holds(plan, None if partner is None else unit.partners[partner])
        if holds:
            partner = None
        if SERVICE in holds:
            warning = (not_verified(),)
        row = new_referral(unit, kept.keys, plan.prescription, partner, is_held=bool(holds))
        unit.prescription = replace(unit.prescription, status=status_of([row]))
        resources = kept.begun(row, None if partner is None else reassignment.organization(unit, partner))
        new = unit.new_among(resources)
        present = {key_of(one) for one in resources} - {key_of(one) for one in new}
        prepared = [prepare(one) for one in new]
        warnings = (*plan.warnings, *warning, *contact_warnings(unit.prescription, plan.said, plan.known))
        patient = kept.patient if plan.requester in plan.known else None
        record = unit.prescription.record(scope.now, text)
        is_new = not plan.known
        return _Ready(unit, row, record, partner, prepared, present, patient, plan.said, is_new, warnings, holds)

    def _store(
        self, scope: Scope, ready: "_Ready", principal: Principal, marks: resource_rows.Marks | None = None
    ) -> Receipt:
        marks = marks or resource_rows.lock(scope)
        unit, row = ready.unit.within(scope), ready.row
        order = unit.prescription
        if person_of(scope.connection, scope.tenant, _identifiers(order.document), order.person) != order.person:
            raise _StoredMeanwhile
        if resource_rows.present(scope, ready.present) != ready.present:  # erased meanwhile, with the last that used it
            raise _StoredMeanwhile
        try:
            record = replace(ready.record, created=scope.now, updated=scope.now)
            add_prescription(scope.connection, scope.tenant, record)
            resource_rows.put_prepared(scope, ready.prepared, marks)
        except (ConflictError, IntegrityError) as error:  # somebody else was faster: with this identifier, a resource
            raise _StoredMeanwhile from error
        propagate_client(unit, ready.patient, ready.said, is_new=ready.is_new)
        unit.add(row)
        unit.note(principal, "submitted", row.id, after=row.status)
        if ready.holds:
            put(unit, ready.holds)
        elif ready.partner is None and row.status == "draft":
            count_unmet_need(unit)
        self._owe(unit, row, ready.partner)
        unit.close()
        return Receipt(order.id, order.status, ready.warnings, created=True)

    def _owe(self, unit: PrescriptionUnit, row: ReferralRow, partner: str | None) -> None:
        if unit.requester is not None:
            owner = [] if partner is None else [reassignment.organization_key(unit, partner)]
            unit.enqueue_delivery(unit.requester.name, row, owner)
        if partner is not None:
            unit.enqueue_delivery(partner, row)
        if end_of_consent(unit.prescription.document) is not None:
            set_end_of_consent(unit)
        follow_up = unit.prescription.document.follow_up
        if follow_up is not None and row.due is not None:
            JobQueue(unit.scope.connection).plan(
                tenant=unit.scope.tenant, kind="follow-up", subject=row.prescription, due=row.due
            )


def _holds(plan: _Plan, partner: Partner | None) -> Mapping[str, Hold]:
    """What has to be decided before anything leaves, each question once; a signpost tells nobody but the client."""
    found = {hold.reason: hold for hold in plan.holds if hold.reason != CONSENT}
    details = {hold.reason: hold.detail for hold in plan.holds}
    rules = plan.held
    of_consent = [rule for rule in rules if hold_of_rule(rule) == CONSENT]
    implied = plan.prescription
    if implied.jurisdiction is None:
        implied = implied.model_copy(update={"jurisdiction": plan.mapped.context.jurisdiction})
    for rule in rules:
        reason = hold_of_rule(rule)
        if reason != CONSENT or held_by_consent(implied, of_consent, partner):
            found.setdefault(reason, Hold(reason, details.get(reason, {})))
    if plan.is_stale and plan.prescription.kind == "warm-connection":
        found.setdefault(SERVICE, Hold(SERVICE))
    return found


def key_of(resource: Resource) -> Key:
    """Type and id of a resource."""
    return resource["resourceType"], resource["id"]


def _identifiers(prescription: Prescription) -> list[tuple[str, str]]:
    return [(identifier.system, identifier.value) for identifier in prescription.client.identifiers]
