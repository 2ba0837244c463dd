"""What follows when something is said of a client: our Patient, and updates for the services that are at work.

A service that works on our server has its copy of the client replaced at once, in the same transaction; every other
gets an update. Services that are done get none, but for a copy on our server that must not hold a number any more.
"""

from footbridge.mapping.references import Resource
from footbridge.model.prescription import Client
from footbridge.referrals.demographics import at_work, of_the_person
from footbridge.referrals.erasure import may_know, update_client_at_once
from footbridge.referrals.rows import PrescriptionRow
from footbridge.referrals.unit import PrescriptionUnit, read_unit
from footbridge.store.clients import KnownClient, is_contact_prohibited, put_client
from footbridge.store.prescriptions import all_of_person, newest_of_person


def propagate_client(
    unit: PrescriptionUnit, patient: Resource | None, said: KnownClient, *, before: Client | None = None
) -> None:
    """Store what a new prescription says of its client; queue updates for services that are at work for the client.

    Args:
        unit: of the new prescription.
        patient: our Patient as it is mapped from that; None when the requester never named the client before.
        said: pseudonym, and what it says of contact.
        before: the client as the same prescription had them before it was amended.
    """
    row = unit.prescription
    if _changes_contact(unit, said):
        update_services(unit, of_requester=None)
    if patient is None:
        return
    earlier = before or _earlier(unit)
    if earlier is None or of_the_person(earlier) == of_the_person(row.document.client):
        return
    update_services(unit, of_requester=row.requester)
    unit.edit(("Patient", patient["id"]), lambda old: patient | {"meta": old["meta"] | patient.get("meta", {})})


def _changes_contact(unit: PrescriptionUnit, said: KnownClient) -> bool:
    """Store what is said of contact; whether that prohibits or allows it, other than before. Silence does neither."""
    scope, row = unit.scope, unit.prescription
    if said.contact is None:
        put_client(scope.connection, scope.tenant, row.person, row.requester, said)
        return False
    was_prohibited = is_contact_prohibited(scope.connection, scope.tenant, row.person)
    put_client(scope.connection, scope.tenant, row.person, row.requester, said)
    return is_contact_prohibited(scope.connection, scope.tenant, row.person) != was_prohibited


def update_services(unit: PrescriptionUnit, *, of_requester: str | None) -> None:
    """Queue an update for every service at work for the unit's client; of one requester's prescriptions, or of all."""
    scope = unit.scope
    for identity in all_of_person(scope.connection, scope.tenant, unit.prescription.person):
        other = unit if identity == unit.prescription.id else read_unit(scope, identity)
        if of_requester is not None and other.prescription.requester != of_requester:
            continue
        for row in other.rows:
            if row.partner is not None and at_work(row):
                other.queue_update(row.partner)
            if row.partner is not None and may_know(other, row):
                update_client_at_once(other, other.partners[row.partner])
        if other is not unit:
            other.close()


def _earlier(unit: PrescriptionUnit) -> Client | None:
    """The client as the same requester wrote before; None for a new one, and where the unit's is older than that."""
    row, scope = unit.prescription, unit.scope
    newest = newest_of_person(scope.connection, scope.tenant, row.person, row.requester, without=row.id)
    if newest is None or newest.authored > row.document.authored:
        return None
    return PrescriptionRow.of(newest).document.client
