"""Takes a prescription in: accept, map, validate, store and owe, the last two in one transaction.

DESIGN's way of a prescription, steps 1 to 4. Nothing is stored unless everything holds.
"""

import difflib
import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

import structlog
from sqlalchemy import Connection

from footbridge.errors import ConflictError, MappingFault
from footbridge.mapping import Mapped, MappingContext, to_bundle
from footbridge.mapping.accepting import Accepted, accept
from footbridge.model.clock import Clock
from footbridge.model.issues import Issue, errors
from footbridge.model.lifecycle import ReferralState, begin
from footbridge.model.prescription import OrganizationReference, Prescription
from footbridge.store import resource_rows
from footbridge.store.engine import Database
from footbridge.store.partners import list_partners
from footbridge.store.persons import find_person, person_of
from footbridge.store.prescriptions import add_prescription, find_prescription
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import get_tenant
from footbridge.sync import schedule, trying
from footbridge.sync.case import Author, Case, status_of
from footbridge.sync.entries import Order, Referral
from footbridge.sync.records import with_owner
from footbridge.sync.references import Resource, local, rewrite
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


class _PersonKnown(Exception):  # noqa: N818 - never leaves this module
    """The client turned out to be a person whom we know under another id."""


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

    def submit(self, tenant: str, raw: bytes, author: Author) -> Receipt:
        """Take one prescription in, or refuse it whole.

        Args:
            tenant: whose it is.
            raw: the document as it came.
            author: who sent it.

        Raises:
            PrescriptionError: it has faults; every one is told.
            ConflictError: its identifier belongs to another prescription.
            MappingFault: our own mapping failed; never the sender's fault.
        """
        with self._database.read() as connection:
            owner = get_tenant(connection, tenant)
        accepted = accept(raw, jurisdiction=owner.jurisdiction, loaded=self._loaded)
        try:
            return self._take(tenant, accepted, author)
        except _PersonKnown:  # another prescription of the same person was stored just now
            return self._take(tenant, accepted, author)

    def _take(self, tenant: str, accepted: Accepted, author: Author) -> Receipt:
        prescription = accepted.prescription
        with self._database.read() as connection:
            earlier = self._earlier(connection, tenant, prescription)
            person = find_person(connection, tenant, _identifiers(prescription)) or str(uuid.uuid4())
            partners = list_partners(connection, tenant)
        context = MappingContext(
            jurisdiction=accepted.jurisdiction,
            person=person,
            scope=tenant,
            partners={partner.name: OrganizationReference(name=partner.title) for partner in partners},
        )
        mapped = to_bundle(prescription, context)
        if earlier is not None:
            return _again(earlier, accepted, mapped)
        self._must_conform(mapped)
        with self._database.write() as connection:
            return self._store(Scope(connection, tenant, self._clock.now()), accepted, mapped, person, author)

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

    def _store(self, scope: Scope, accepted: Accepted, mapped: Mapped, person: str, author: Author) -> Receipt:
        prescription = accepted.prescription
        resource_rows.lock(scope)
        earlier = self._earlier(scope.connection, scope.tenant, prescription)
        if earlier is not None:  # somebody else was faster
            return _again(earlier, accepted, mapped)
        if person_of(scope.connection, scope.tenant, _identifiers(prescription), person) != person:
            raise _PersonKnown
        keys = {role: ours(mapped, url) for role, url in mapped.roles.items()}
        case = Case(scope, _prescription_row(prescription, keys, person), [])
        partner, warning = _first_partner(case, prescription)
        row = _referral_row(case, keys, prescription, partner)
        record = replace(case.prescription, status=status_of([row])).record(scope.now)
        add_prescription(scope.connection, scope.tenant, record)
        case.create(_owned(case, _resources(mapped, keys, row.state), row))
        case.add(row)
        case.note(author, "submitted", row.id, after=row.status)
        self._owe(case, row, partner)
        case.close()
        warnings = (*accepted.warnings, *mapped.warnings, *warning)
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


def _again(earlier: Order, accepted: Accepted, mapped: Mapped) -> Receipt:
    return Receipt(earlier.id, earlier.status, (*accepted.warnings, *mapped.warnings), created=False)


def fingerprint(prescription: Prescription) -> str:
    """SHA-256 over a prescription's members: the same for documents that say the same."""
    return hashlib.sha256(prescription.model_dump_json(exclude_defaults=True).encode()).hexdigest()


def ours(mapped: Mapped, url: str) -> tuple[str, str]:
    """Type and id that a resource of a mapping has in our store: the id is that of its fullUrl."""
    kind = next(entry["resource"]["resourceType"] for entry in mapped.bundle["entry"] if entry["fullUrl"] == url)
    return kind, url.removeprefix("urn:uuid:")


def _first_partner(case: Case, prescription: Prescription) -> tuple[str | None, tuple[Issue, ...]]:
    """Who is asked first, and a warning when the one that the prescription names is not configured."""
    service = prescription.service
    if prescription.kind == "signpost" or (prescription.kind == "navigator" and service is None):
        return None, ()  # the person goes alone; the navigator finds the services
    recipients = {name: partner for name, partner in case.partners.items() if partner.role == "recipient"}
    if service is not None and service.partner is not None:
        if service.partner in recipients:
            return service.partner, ()
        return None, (_waits("/service/partner", f"No partner is named so{_nearest(service.partner, recipients)}"),)
    if service is not None and service.organization is not None:
        wanted = service.organization.name.casefold()
        found = next((name for name, partner in recipients.items() if partner.title.casefold() == wanted), None)
        if found is None:
            return None, (_waits("/service/organization", "No partner has this organisation's name"),)
        return found, ()
    partner = trying.next_partner(case, None, [need.category for need in prescription.needs])
    if partner is None:
        return None, (_waits("/service", "No partner is named, and no route leads from the needs' categories"),)
    return partner, ()


def _identifiers(prescription: Prescription) -> list[tuple[str, str]]:
    return [(identifier.system, identifier.value) for identifier in prescription.client.identifiers]


def _nearest(name: str, recipients: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, recipients, n=1)
    return f"; the nearest is {near[0]!r}" if near else ""


def _waits(pointer: str, what: str) -> Issue:
    return Issue(
        rule="routing.waits",
        severity="warning",
        code="not-found",
        message=f"{what}: the prescription waits until a person routes it.",
        pointer=pointer,
    )


def _prescription_row(prescription: Prescription, keys: Mapping[str, tuple[str, str]], person: str) -> Order:
    return Order(
        id=str(uuid.uuid4()),
        document=prescription,
        person=person,
        status="active",
        fingerprint=fingerprint(prescription),
        resources={role: "/".join(key) for role, key in keys.items()},
    )


def _referral_row(
    case: Case, keys: Mapping[str, tuple[str, str]], prescription: Prescription, partner: str | None
) -> Referral:
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


def _resources(mapped: Mapped, keys: Mapping[str, tuple[str, str]], state: ReferralState) -> list[Resource]:
    """The resources as our store keeps them: our ids, relative references, the statuses of the first state."""
    urls = {url: "/".join(keys[role]) for role, url in mapped.roles.items()}
    statuses = {mapped.roles["task"]: state.task.status}
    if state.service_request is not None:
        statuses[mapped.roles["service-request"]] = state.service_request
    kept = []
    for entry in mapped.bundle["entry"]:
        body: Resource = rewrite(entry["resource"], lambda reference: urls.get(reference, reference))
        found = local(urls[entry["fullUrl"]])
        resource = {"resourceType": body["resourceType"], "id": found[1] if found else ""} | body
        if entry["fullUrl"] in statuses:
            resource["status"] = statuses[entry["fullUrl"]]
        kept.append(resource)
    return kept


def _owned(case: Case, resources: list[Resource], row: Referral) -> list[Resource]:
    """The Task with its owner, where routing found it and the prescription itself names nobody."""
    if row.partner is None:
        return resources
    owner = trying.owner_reference(case, row.partner)
    return [with_owner(one, owner) if one["id"] == row.task and "owner" not in one else one for one in resources]
