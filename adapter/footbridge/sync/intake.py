"""Takes a prescription in: accept, map, validate, store and owe, the last two in one transaction.

DESIGN's way of a prescription, steps 1 to 4. Nothing is stored unless everything holds.
"""

import contextlib
import hashlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time

import structlog
from sqlalchemy import Connection

from footbridge.errors import ConflictError, MappingFault
from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.accepting import Accepted, accept
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue, errors
from footbridge.model.lifecycle import begin
from footbridge.model.prescription import OrganizationReference, Prescription
from footbridge.store import resource_rows
from footbridge.store.engine import Database
from footbridge.store.partners import list_partners
from footbridge.store.persons import find_person, person_of
from footbridge.store.prescriptions import add_prescription, find_prescription
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import Jurisdiction, get_tenant
from footbridge.sync import schedule, trying
from footbridge.sync.case import Author, Case, Key, status_of
from footbridge.sync.entries import Order, Referral
from footbridge.sync.kept import Kept
from footbridge.sync.routing import first_partner
from footbridge.terminology.loaded import Loaded
from footbridge.validation import Validator

_log = structlog.get_logger(__name__)


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
        self._validator = validator or Validator()
        self._loaded = loaded
        self._jurisdictions: dict[str, Jurisdiction] = {}

    def submit(self, tenant: str, raw: bytes, author: Author, keep: Keep | None = None) -> Receipt:
        """Take one prescription in, or refuse it whole.

        Args:
            tenant: whose it is.
            raw: the document as it came.
            author: who sent it.
            keep: writes what the caller keeps of the receipt, in the transaction that stores the prescription;
                not called for a prescription that was here before.

        Raises:
            PrescriptionError: it has faults; every one is told.
            ConflictError: its identifier belongs to another prescription.
            MappingFault: our own mapping failed; never the sender's fault.
        """
        accepted = accept(raw, jurisdiction=self._jurisdiction(tenant), loaded=self._loaded)
        for _ in range(ATTEMPTS):
            with contextlib.suppress(_StoredMeanwhile):
                return self._take(tenant, accepted, author, keep)
        raise ConflictError("Others are storing the same thing just now: send it again.", retry_after=1)

    def _jurisdiction(self, tenant: str) -> Jurisdiction:
        """The tenant's, read once: it never changes."""
        found = self._jurisdictions.get(tenant)
        if found is None:
            with self._database.read() as connection:
                found = self._jurisdictions[tenant] = get_tenant(connection, tenant).jurisdiction
        return found

    def _take(self, tenant: str, accepted: Accepted, author: Author, keep: Keep | None) -> Receipt:
        prescription = accepted.prescription
        with self._database.read() as connection:
            earlier = self._earlier(connection, tenant, prescription)
            known = find_person(connection, tenant, _identifiers(prescription))
            partners = list_partners(connection, tenant)
        person = known or str(uuid.uuid4())
        context = MappingContext(
            jurisdiction=accepted.jurisdiction,
            person=person,
            scope=tenant,
            partners={partner.name: OrganizationReference(name=partner.title) for partner in partners},
        )
        mapped = to_bundle(prescription, context)
        warnings = (*accepted.warnings, *mapped.warnings)
        if earlier is not None:
            return Receipt(earlier.id, earlier.status, warnings, created=False)
        self._must_conform(mapped)
        kept = Kept.of(mapped)
        with self._database.write() as connection:
            scope = Scope(connection, tenant, self._clock.now())
            resource_rows.lock(scope)
            if person_of(connection, tenant, _identifiers(prescription), person) != person:
                raise _StoredMeanwhile
            receipt = self._store(scope, replace(accepted, warnings=warnings), kept, person, author)
            if keep is not None:
                keep(connection, receipt)
            return receipt

    def _earlier(self, connection: Connection, tenant: str, prescription: Prescription) -> Order | None:
        """The same prescription, taken in before; another one with its identifier is a conflict."""
        found = find_prescription(connection, tenant, prescription.identifier.system, prescription.identifier.value)
        if found is not None and found.fingerprint != fingerprint(prescription):
            raise ConflictError(
                "Another prescription has this identifier: give this one its own, or send the very same document."
            )
        return None if found is None else Order.of(found)

    def _must_conform(self, mapped: Mapped) -> None:
        found = [
            issue for entry in mapped.bundle["entry"] for issue in errors(self._validator.validate(entry["resource"]))
        ]
        if found:
            _log.error("mapping.fault", rules=sorted({issue.rule for issue in found}))
            raise MappingFault(found)

    def _store(self, scope: Scope, accepted: Accepted, kept: Kept, person: str, author: Author) -> Receipt:
        prescription = accepted.prescription
        case = Case(scope, _prescription_row(prescription, kept.keys, person), [])
        partner, warning = first_partner(case, prescription)
        row = _referral_row(case, kept.keys, prescription, partner)
        case.prescription = replace(case.prescription, status=status_of([row]))
        try:
            add_prescription(scope.connection, scope.tenant, case.prescription.record(scope.now))
        except ConflictError as error:  # somebody else was faster with this identifier
            raise _StoredMeanwhile from error
        case.create(kept.begun(row, None if partner is None else trying.organization(case, partner)))
        case.add(row)
        case.note(author, "submitted", row.id, after=row.status)
        self._owe(case, row, partner)
        case.close()
        warnings = (*accepted.warnings, *warning)
        return Receipt(case.prescription.id, status_of([row]), warnings, created=True)

    def _owe(self, case: Case, row: Referral, partner: str | None) -> None:
        if case.record is not None:
            owner = [] if partner is None else [trying.organization_key(case, partner)]
            case.owe_delivery(case.record.name, row, owner)
        if partner is not None:
            case.owe_delivery(partner, row)
        follow_up = case.prescription.document.follow_up
        if follow_up is not None and row.due is not None:
            schedule.plan(
                case.scope.connection, tenant=case.scope.tenant, kind="follow-up", subject=row.prescription, due=row.due
            )


def fingerprint(prescription: Prescription) -> str:
    """SHA-256 over a prescription's members: the same for documents that say the same."""
    return hashlib.sha256(prescription.model_dump_json(exclude_defaults=True).encode()).hexdigest()


def _identifiers(prescription: Prescription) -> list[tuple[str, str]]:
    return [(identifier.system, identifier.value) for identifier in prescription.client.identifiers]


def _prescription_row(prescription: Prescription, keys: Mapping[str, Key], person: str) -> Order:
    return Order(
        id=str(uuid.uuid4()),
        document=prescription,
        person=person,
        status="active",
        fingerprint=fingerprint(prescription),
        resources={role: "/".join(key) for role, key in keys.items()},
    )


def _referral_row(case: Case, keys: Mapping[str, Key], prescription: Prescription, partner: str | None) -> Referral:
    waits = partner is None and prescription.kind == "warm-connection"
    state = begin(
        prescription.kind,
        requester=case.record.name if case.record else None,
        owner=partner,
        status="draft" if waits else None,
        goals=[role for role in keys if role.startswith("goal/")],
        follow_up="follow-up" in keys,
        service_request="service-request" in keys,
    )
    return Referral(
        id=str(uuid.uuid4()),
        prescription=case.prescription.id,
        parent=None,
        partner=partner,
        attempt=1,
        state=state,
        task=keys["task"][1],
        service_request=keys["service-request"][1] if "service-request" in keys else None,
        category=None,
        due=_due(prescription),
    )


def _due(prescription: Prescription) -> datetime | None:
    """The start of the follow-up's day, where the prescription was written."""
    if prescription.follow_up is None:
        return None
    return datetime.combine(prescription.follow_up.due, time.min, tzinfo=prescription.authored.tzinfo)
