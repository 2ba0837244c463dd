"""One prescription with all that hangs on it, inside one transaction.

A unit of work reads the prescription and its referrals, collects changes of their resources, and at the end writes
every changed resource once, sets the prescription's status and enqueues the partners' updates. Whatever changes a
referral does it through one unit, and so resources, referral and outbox change in one transaction.
"""

import copy
import functools
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from footbridge.data import read_json
from footbridge.i18n import Language
from footbridge.jobs.queue import JobQueue
from footbridge.mapping.references import Resource, local
from footbridge.mapping.results import Jurisdiction
from footbridge.model.lifecycle import ReferralState
from footbridge.model.principals import Principal
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.webhooks import queue_webhook
from footbridge.security import audit
from footbridge.store import events, prescriptions, resource_rows
from footbridge.store.clients import find_client, pseudonym
from footbridge.store.events import NewEvent
from footbridge.store.partners import Partner, list_partners
from footbridge.store.referrals import add_referral, referrals_of, update_referral
from footbridge.store.resource_rows import Scope
from footbridge.store.tenants import get_tenant
from footbridge.store.worklist import OF_A_PART, clear_needs, mark_needs

Key = tuple[str, str]
Edit = Callable[[Resource], Resource]


class PrescriptionUnit:
    """The prescription, its referrals and what changes of them. Get one from ``open_unit``."""

    def __init__(
        self,
        scope: Scope,
        prescription: PrescriptionRow,
        rows: Sequence[ReferralRow],
        partners: Sequence[Partner] | None = None,
    ) -> None:
        """``partners`` are the tenant's, where they were read already."""
        self.scope = scope
        self.prescription = prescription
        self.rows = list(rows)
        known = list_partners(scope.connection, scope.tenant) if partners is None else partners
        self.partners = {partner.name: partner for partner in known}
        self._edits: dict[Key, list[Edit]] = {}
        self._to_update: set[str] = set()
        self._at_close: list[Callable[[], None]] = []
        self._last_event = 0
        self._told = False  # whether the requester's webhook is told of this transaction
        self._noted: set[str] = set()  # names of the events of this transaction

    def within(self, scope: Scope) -> "PrescriptionUnit":
        """The same case in another transaction, with nothing collected yet."""
        again = copy.copy(self)
        again.scope, again.rows = scope, list(self.rows)
        again._edits, again._to_update, again._at_close = {}, set(), []  # noqa: SLF001 - of our own class
        again._told, again._noted = False, set()  # noqa: SLF001 - as above
        return again

    @property
    def requester(self) -> Partner | None:
        """The partner that the prescription came from and its outcome goes to; None for the tenant's own users."""
        return self.partners.get(self.prescription.requester)

    @property
    def namespace(self) -> str:
        """What the ids of the prescription's resources are made in: two requesters may use the same identifiers."""
        return self.scope.tenant if self.requester is None else self.requester.namespace

    @property
    def patient(self) -> str:
        """The pseudonymous id of the person in this requester's resources."""
        person, requester = self.prescription.person, self.prescription.requester
        known = find_client(self.scope.connection, self.scope.tenant, person, requester)
        return pseudonym(person, requester) if known is None else known.patient

    @property
    def jurisdiction(self) -> Jurisdiction:
        """The prescription's, else the tenant's."""
        said = self.prescription.document.jurisdiction
        return said or get_tenant(self.scope.connection, self.scope.tenant).jurisdiction

    @functools.cached_property
    def narrative(self) -> Language | None:
        """The tenant's language of narratives; None: each in the language of its resource's texts."""
        return get_tenant(self.scope.connection, self.scope.tenant).language

    @property
    def status(self) -> str:
        """The prescription's status, as its referrals stand now."""
        return status_of(self.rows)

    def row(self, referral: str) -> ReferralRow:
        """The referral of that id, as it stands now."""
        return next(row for row in self.rows if row.id == referral)

    def role(self, name: str) -> Key | None:
        """Type and id of the resource that plays a role of the mapping; None when the prescription has none."""
        reference = self.prescription.resources.get(name)
        return None if reference is None else local(reference)

    def resource(self, key: Key) -> Resource:
        """The current version of a resource of ours, with the changes collected so far."""
        stored = resource_rows.current(self.scope, *key)
        if stored is None or stored.deleted:
            raise LookupError(f"{key[0]} of a referral is missing")
        body = stored.resource
        return functools.reduce(lambda resource, edit: edit(resource), self._edits.get(key, ()), body)

    def edit(self, key: Key | None, change: Edit) -> None:
        """Change a resource when the unit closes."""
        if key is not None:
            self._edits.setdefault(key, []).append(change)

    def create(self, resources: Sequence[Resource]) -> None:
        """Store resources that are new; those whose id is taken stay as they are."""
        resource_rows.put_new(self.scope, self.new_among(resources))

    def new_among(self, resources: Sequence[Resource]) -> list[Resource]:
        """Those of the resources whose id is not taken; of several with one id the last."""
        keys = {(one["resourceType"], one["id"]): one for one in resources}
        there = resource_rows.present(self.scope, keys)
        return [one for key, one in keys.items() if key not in there]

    def save_state(self, row: ReferralRow, state: ReferralState) -> ReferralRow:
        """Write a referral's new state."""
        return self.save(row, replace(row, state=state, partner=state.task.owner or row.partner))

    def save(self, row: ReferralRow, changed: ReferralRow) -> ReferralRow:
        """Write a referral as it has become; returns it."""
        if changed != row:
            update_referral(
                self.scope.connection,
                self.scope.tenant,
                changed.record(self.scope.now),
                expected=row.record(self.scope.now).state,
            )
            self.rows[self.rows.index(row)] = changed
        return changed

    def add(self, row: ReferralRow) -> None:
        """Write a new referral."""
        add_referral(self.scope.connection, self.scope.tenant, row.record(self.scope.now))
        self.rows.append(row)

    def note(self, principal: Principal, name: str, referral: str | None = None, **more: Any) -> None:  # noqa: ANN401 - members of NewEvent
        """Write an entry of the timeline."""
        silent = {"before": None, "after": None, "inferred": False, "at": self.scope.now}
        entry = NewEvent(
            prescription=self.prescription.id,
            referral=referral,
            name=name,
            actor=principal.name,
            role=principal.role,
            source=principal.source,
            **(silent | more),
        )
        self._last_event = events.append(self.scope.connection, self.scope.tenant, [entry], self.scope.now)[0].number
        self._noted.add(name)
        if not self._told:
            self._told = True
            queue_webhook(self.scope, self.prescription.requester, self._last_event)

    def needs_person(self, principal: Principal, row: ReferralRow, why: str) -> None:
        """A person must look at a referral: the timeline says it, and it waits until something is decided or heard."""
        self.note(principal, "needs-person", row.id, after=row.status, detail={"why": why})
        if row.parent is not None or why not in OF_A_PART:
            mark_needs(self.scope.connection, self.scope.tenant, row.id, why, self.scope.now)

    def heard(self, referral: str) -> None:
        """Something was decided or heard about a referral: it waits no more for what was marked before."""
        clear_needs(self.scope.connection, self.scope.tenant, referral)

    def at_close(self, action: Callable[[], None]) -> None:
        """Do something in the same transaction, when the resources were written."""
        self._at_close.append(action)

    def queue_update(self, partner: str) -> None:
        """Queue an update for a partner when the unit closes."""
        self._to_update.add(partner)

    def enqueue_message(self, partner: str, row: ReferralRow, message: str) -> None:
        """Queue a message to a partner: our reference of a Communication."""
        self._enqueue(
            partner, "message", {"referral": row.id, "message": message}, f"message/{partner}/{row.id}/{message}"
        )

    def enqueue_delivery(self, partner: str, row: ReferralRow, extras: Sequence[Key] = ()) -> None:
        """Queue the delivery of a referral to a partner and, besides, of these resources of ours."""
        names = [f"{kind}/{identity}" for kind, identity in extras]
        self._enqueue(
            partner,
            "deliver",
            {"referral": row.id, "extras": names},
            f"deliver/{partner}/{row.id}/{','.join(names)}",
        )

    def close(self) -> None:
        """Write what was collected."""
        for key in self._edits:
            self._write(key)
        status = self.status
        if status != self.prescription.status:
            prescriptions.set_status(
                self.scope.connection, self.scope.tenant, self.prescription.id, status, self.scope.now
            )
        for action in self._at_close:
            action()
        for partner in sorted(self._to_update):
            if partner in self.partners:
                self._enqueue_update(partner)
        patient = self.role("patient")
        if self._noted and patient is not None:
            done = "create" if "submitted" in self._noted else "update"
            audit.note_change(self.scope.connection, self.scope.now, done, self.prescription.id, patient[1])

    def _write(self, key: Key) -> None:
        stored = resource_rows.current(self.scope, *key)
        changed = self.resource(key)
        if stored is not None and changed != stored.resource:
            resource_rows.put_next(self.scope, changed, stored)

    def _enqueue_update(self, partner: str) -> None:
        once = f"update/{partner}/{self.prescription.id}/{self._last_event}/{secrets.token_hex(4)}"
        self._enqueue(partner, "update", {}, once, coalesce=True)

    def _enqueue(
        self, partner: str, kind: str, payload: dict[str, Any], dedupe: str, *, coalesce: bool = False
    ) -> None:
        """Queue a job for a partner about this prescription, after the ones that are queued about it already."""
        JobQueue(self.scope.connection).enqueue(
            tenant=self.scope.tenant,
            partner=partner,
            key=f"{partner}/{self.prescription.id}",
            kind=kind,
            payload={"prescription": self.prescription.id, **payload},
            dedupe=dedupe,
            due=self.scope.now,
            coalesce=coalesce,
        )


@contextmanager
def open_unit(scope: Scope, prescription: str) -> Iterator[PrescriptionUnit]:
    """Work on one prescription; what was collected is written at the end of the block.

    Raises NotFoundError when the tenant has no such prescription.
    """
    resource_rows.lock(scope)
    unit = read_unit(scope, prescription)
    yield unit
    unit.close()


def read_unit(scope: Scope, prescription: str) -> PrescriptionUnit:
    """The case to look at, without changing it. Raises NotFoundError as ``open_unit``."""
    order = PrescriptionRow.of(prescriptions.get_prescription(scope.connection, scope.tenant, prescription))
    rows = referrals_of(scope.connection, scope.tenant, prescription)
    return PrescriptionUnit(scope, order, [ReferralRow.of(row) for row in rows])


def newest_tries(rows: Sequence[ReferralRow], parent: str | None) -> list[ReferralRow]:
    """The newest try of the whole (``parent`` None), or of each part of a referral."""
    newest: dict[str, ReferralRow] = {}
    for row in rows:
        if row.parent == parent:
            name = row.service_request or row.prescription
            if name not in newest or row.attempt > newest[name].attempt:
                newest[name] = row
    return list(newest.values())


@functools.cache
def _statuses() -> dict[str, Any]:
    table: dict[str, Any] = read_json("mappings", "prescription-status.json")
    return table


def status_of(rows: Sequence[ReferralRow]) -> str:
    """The status of a prescription, from its newest try (``mappings/prescription-status.json``)."""
    state = newest_tries(rows, None)[0].state
    nobody = state.task.owner is None and state.task.machine == "referral" and state.standing == "as-task"
    if nobody and state.task.status in _statuses()["waitingTask"]:
        return "waiting"
    if state.service_request is None:
        return str(_statuses()["byTask"][state.task.status])
    return str(_statuses()["byServiceRequest"][state.service_request])
