"""What follows when something is said of a client: our Patient, and updates for the services that are at work.

A service that works on our server has its copy of the client replaced at once, in the same transaction; every other
gets an update. Services that are done get none, but for a copy on our server that must not hold a number any more.
"""

import functools

from footbridge.mapping.contact import with_contact
from footbridge.mapping.references import Resource
from footbridge.model.lifecycle.tables import machine
from footbridge.model.prescription import Client
from footbridge.referrals.demographics import at_work, of_the_person
from footbridge.referrals.erasure import may_know, update_client_at_once
from footbridge.referrals.rows import PrescriptionRow, ReferralRow
from footbridge.referrals.unit import PrescriptionUnit, newest_tries, read_unit
from footbridge.store.clients import KnownClient, is_contact_prohibited, put_client
from footbridge.store.prescriptions import all_of_person, newest_of_person


def propagate_client(
    unit: PrescriptionUnit,
    patient: Resource | None,
    said: KnownClient,
    *,
    before: Client | None = None,
    is_new: bool = False,
) -> None:
    """Store what a new prescription says of its client; queue updates for services that are at work for the client.

    Args:
        unit: of the new prescription.
        patient: our Patient as it is mapped from that; None when the requester never named the client before.
        said: pseudonym, and what it says of contact.
        before: the client as the same prescription had them before it was amended.
        is_new: nobody in the tenant knew the person, so that nothing else is about them.
    """
    row = unit.prescription
    if is_new:
        put_client(unit.scope.connection, unit.scope.tenant, row.person, row.requester, said)
        return
    was_prohibited, prohibited = _keep(unit, said)
    if prohibited != was_prohibited:
        update_services(unit, of_requester=None)
    elif prohibited:
        _mark_contact(unit, prohibited=True)
    if patient is None:
        return
    earlier = before or _earlier(unit)
    if earlier is None or of_the_person(earlier) == of_the_person(row.document.client):
        return
    update_services(unit, of_requester=row.requester)
    unit.edit(("Patient", patient["id"]), lambda old: patient | {"meta": old["meta"] | patient.get("meta", {})})


def _keep(unit: PrescriptionUnit, said: KnownClient) -> tuple[bool, bool]:
    """Store what is said of contact; whether it was prohibited before, and is. Silence changes neither."""
    scope, row = unit.scope, unit.prescription
    was_prohibited = is_contact_prohibited(scope.connection, scope.tenant, row.person)
    put_client(scope.connection, scope.tenant, row.person, row.requester, said)
    if said.contact is None:
        return was_prohibited, was_prohibited
    return was_prohibited, is_contact_prohibited(scope.connection, scope.tenant, row.person)


def update_services(unit: PrescriptionUnit, *, of_requester: str | None) -> None:
    """Bring what is known of the unit's client to every service that is at work for that person.

    Args:
        unit: of one prescription of the person.
        of_requester: whose prescriptions; None: everybody's, because whether contact is safe has changed.
    """
    scope = unit.scope
    prohibited = is_contact_prohibited(scope.connection, scope.tenant, unit.prescription.person)
    for identity in all_of_person(scope.connection, scope.tenant, unit.prescription.person):
        other = unit if identity == unit.prescription.id else read_unit(scope, identity)
        if of_requester is not None and other.prescription.requester != of_requester:
            continue
        if of_requester is None:
            _mark_contact(other, prohibited=prohibited)
        for row in other.rows:
            if row.partner is not None and at_work(row):
                other.queue_update(row.partner)
            if row.partner is not None and may_know(other, row):
                update_client_at_once(other, other.partners[row.partner])
        if other is not unit:
            other.close()


def _mark_contact(unit: PrescriptionUnit, *, prohibited: bool) -> None:
    """Say on our orders and Tasks at work whether the client may be contacted; the requester's follow."""
    rows = [row for row in unit.rows if at_work(row)]
    keys = {("Task", row.task) for row in rows}
    keys |= {("ServiceRequest", row.service_request) for row in rows if row.service_request is not None}
    if not unit.rows:  # a new prescription, whose referral is stored next
        keys |= {key for role in ("task", "service-request") if (key := unit.role(role)) is not None}
    follow_up = unit.role("follow-up")
    if follow_up is not None and (not unit.rows or _is_planned(newest_tries(unit.rows, None)[0])):
        keys.add(follow_up)
    for key in sorted(keys):
        unit.edit(key, functools.partial(with_contact, prohibited=prohibited))
    if unit.rows and keys and unit.prescription.requester:
        unit.queue_update(unit.prescription.requester)


def _is_planned(row: ReferralRow) -> bool:
    """Whether its follow-up is still to come."""
    task = row.state.follow_up
    return task is not None and task.status not in machine("follow-up").terminal


def _earlier(unit: PrescriptionUnit) -> Client | None:
    """The client as the same requester wrote before; None for a new one, and where the unit's is older than that."""
    row, scope = unit.prescription, unit.scope
    newest = newest_of_person(scope.connection, scope.tenant, row.person, row.requester, without=row.id)
    if newest is None or newest.authored > row.document.authored:
        return None
    return PrescriptionRow.of(newest).document.client
