"""Takes a prescription in: accept, map, validate, store and queue what goes out, the last two in one transaction.

Nothing is stored unless everything is in order.
"""

import contextlib
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from footbridge import traces
from footbridge.errors import ConflictError
from footbridge.i18n import _
from footbridge.mapping import Mapped
from footbridge.mapping.references import Resource
from footbridge.mapping.validate_input import Accepted, accept
from footbridge.model.clock import Clock
from footbridge.model.holds import Hold, rules_of
from footbridge.model.issues import Issue
from footbridge.model.prescription import Prescription
from footbridge.model.prescription.said import is_repeat
from footbridge.model.principals import Principal
from footbridge.referrals.intake_mapping import plan
from footbridge.referrals.intake_ready import make_ready
from footbridge.referrals.intake_storing import Receipt, StoredMeanwhile, store
from footbridge.referrals.mapping_check import MappingCheck
from footbridge.referrals.outgoing import disclosed_at_first
from footbridge.referrals.routing import instead_of
from footbridge.referrals.rows import PrescriptionRow
from footbridge.security.access import requester_of
from footbridge.store import resource_rows
from footbridge.store.engine import Database
from footbridge.store.partners import Partner
from footbridge.store.prescriptions import find_prescription
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import Jurisdiction, get_tenant
from footbridge.terminology.loaded import Loaded
from footbridge.validation import Validator


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
        instead: whom the route of its category names, where nobody receives referrals for the service that was chosen
            in the directory; it is asked only when the prescriber says so.
    """

    prescription: Prescription
    requester: Partner | None
    partner: Partner | None
    disclosed: Prescription | None
    warnings: tuple[Issue, ...]
    holds: tuple[str, ...]
    instead: Partner | None = None


__all__ = ["Intake", "Receipt", "Rehearsal", "Taken"]

ATTEMPTS = 5
Keep = Callable[[Connection, "Receipt"], None]


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
            with contextlib.suppress(StoredMeanwhile):
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
            planned = plan(scope, requester, accepted, tenant.language, (), earlier=False)
            self._conformity.check(planned.mapped.resources, planned.mapped)
            ready = make_ready(scope, planned, by_route=_by_route(principal))
            unit = ready.unit
            partner = None if ready.partner is None else unit.partners[ready.partner]
            return Rehearsal(
                prescription=accepted.prescription,
                requester=unit.partners.get(requester),
                partner=partner,
                disclosed=None if partner is None else disclosed_at_first(unit, partner, ready.row),
                warnings=tuple(one for one in ready.warnings if one not in planned.mapped.warnings),
                holds=tuple(ready.holds),
                instead=None if _by_route(principal) else instead_of(unit, accepted.prescription, ready.partner),
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
        planned = plan(scope, requester, accepted, tenant.language, tuple(holds), earlier=earlier is not None)
        if earlier is not None:
            return Taken(Receipt(earlier.id, earlier.status, planned.warnings, created=False), {})
        self._conformity.check(planned.mapped.resources, planned.mapped)
        ready = make_ready(scope, planned, by_route=_by_route(principal))
        return Taken(store(scope, ready, principal, marks), ready.unit.prescription.resources)

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
            planned = plan(scope, requester, accepted, tenant.language, holds, earlier=earlier is not None)
            if earlier is not None:
                return Receipt(earlier.id, earlier.status, planned.warnings, created=False)
            with traces.span("intake.validate"):
                self._conformity.check(planned.mapped.resources, planned.mapped)
            ready = make_ready(scope, planned, by_route=_by_route(principal))
        with traces.span("intake.store"), self._database.write() as connection:
            receipt = store(Scope(connection, principal.tenant, self._clock.now()), ready, principal)
            if keep is not None:
                keep(connection, receipt)
            return receipt

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


def _by_route(principal: Principal) -> bool:
    """Whether a route may stand in for a service of the directory: where a person looks on, that person is asked."""
    return principal.channel != "portal"
